package pickle

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// Options are the bounds and extensions of Load.
type Options struct {
	// Globals returns the value of a name that this package does not know, such as a *Global. nil: every such name is an error.
	Globals func(name string) (value any, ok bool)
	// Persistent returns the value of a persistent id. nil: persistent ids are an error.
	Persistent func(id any) (any, error)
	// MaxMemory bounds the memory of the values, in bytes, roughly; 0 means 256 MiB.
	MaxMemory int64
}

// Load reads the pickle at the beginning of in, of protocol 0 to 5. used is the length of the pickle in bytes. An error is
// an *Error. The values do not share memory with in.
func Load(in []byte, opt Options) (value any, used int, err error) {
	d := &decoder{in: in, opt: opt, left: opt.MaxMemory}
	if d.left == 0 {
		d.left = 256 << 20
	}
	for !d.stopped && d.err == nil {
		d.at = d.pos
		d.step()
	}
	if d.err != nil {
		return nil, 0, d.err
	}
	return d.result, d.pos, nil
}

// decoder is the virtual machine: a stack, marks in it, and a memo. It stops at the first error.
type decoder struct {
	in    []byte
	pos   int // of the next byte
	at    int // of the instruction
	stack []any
	marks []int // heights of the stack
	memo  memo
	opt   Options
	left  int64 // of MaxMemory

	stopped bool
	result  any
	err     *Error
}

// The memory that values cost: an entry on the stack or in a list, and a container.
const (
	placeCost     = 16
	containerCost = 64
	entryCost     = 64  // of a dict
	callCost      = 256 // the value that a class makes from its arguments
)

func (d *decoder) fail(want, format string, args ...any) {
	if d.err == nil {
		d.err = &Error{Offset: d.at, Want: want, Found: fmt.Sprintf(format, args...)}
	}
}

// spend counts memory; it is false when there is none left.
func (d *decoder) spend(n int) bool {
	d.left -= int64(n)
	if d.left < 0 {
		d.fail("values that fit in the memory bound", "larger values")
	}
	return d.err == nil
}

// take is the next n bytes of the input, as they lie there.
func (d *decoder) take(n uint64) []byte {
	if d.err != nil {
		return nil
	}
	if n > uint64(len(d.in)-d.pos) {
		d.fail(fmt.Sprintf("%d bytes", n), "%d bytes to the end: the pickle is cut short", len(d.in)-d.pos)
		return nil
	}
	b := d.in[d.pos : d.pos+int(n)]
	d.pos += int(n)
	return b
}

// number is a little-endian unsigned number of so many bytes.
func (d *decoder) number(bytes int) uint64 {
	var word [8]byte
	copy(word[:], d.take(uint64(bytes)))
	return binary.LittleEndian.Uint64(word[:])
}

// line is the input up to a newline, which is taken too.
func (d *decoder) line() string {
	if d.err != nil {
		return ""
	}
	n := bytes.IndexByte(d.in[d.pos:], '\n')
	if n < 0 {
		d.fail("a line", "no end of the line: the pickle is cut short")
		return ""
	}
	text := string(d.in[d.pos : d.pos+n])
	d.pos += n + 1
	d.spend(n)
	return text
}

func (d *decoder) push(v any) {
	if d.spend(placeCost) {
		d.stack = append(d.stack, v)
	}
}

// floor is the height of the stack at the last mark.
func (d *decoder) floor() int {
	if len(d.marks) == 0 {
		return 0
	}
	return d.marks[len(d.marks)-1]
}

func (d *decoder) pop() any {
	n := len(d.stack)
	if d.err != nil || n <= d.floor() {
		d.fail("a value on the stack", "none")
		return nil
	}
	v := d.stack[n-1]
	d.stack[n-1] = nil
	d.stack = d.stack[:n-1]
	return v
}

func (d *decoder) top() any {
	if d.err != nil || len(d.stack) <= d.floor() {
		d.fail("a value on the stack", "none")
		return nil
	}
	return d.stack[len(d.stack)-1]
}

// popMark takes the values above the last mark, and the mark. They are a copy: the stack goes on.
func (d *decoder) popMark() []any {
	if d.err != nil || len(d.marks) == 0 {
		d.fail("a mark on the stack", "none")
		return nil
	}
	from := d.floor()
	d.marks = d.marks[:len(d.marks)-1]
	values := append([]any(nil), d.stack[from:]...)
	clear(d.stack[from:])
	d.stack = d.stack[:from]
	if !d.spend(placeCost * len(values)) {
		return nil
	}
	return values
}

// memo is what PUT keeps for GET, by number: writers count from 0, others may leave gaps.
type memo struct {
	dense  []any
	sparse map[uint64]any
}

func (m *memo) put(i uint64, v any) {
	switch n := uint64(len(m.dense)); {
	case i < n:
		m.dense[i] = v
	case i == n && m.sparse == nil:
		m.dense = append(m.dense, v)
	default:
		if m.sparse == nil {
			m.sparse = map[uint64]any{}
		}
		m.sparse[i] = v
	}
}

func (m *memo) get(i uint64) (any, bool) {
	if i < uint64(len(m.dense)) {
		return m.dense[i], true
	}
	v, ok := m.sparse[i]
	return v, ok
}

func (m *memo) len() int { return len(m.dense) + len(m.sparse) }

func (d *decoder) put(i uint64) {
	cost := placeCost
	if i > uint64(len(d.memo.dense)) {
		cost = entryCost
	}
	if v := d.top(); d.spend(cost) {
		d.memo.put(i, v)
	}
}

func (d *decoder) get(i uint64) {
	v, ok := d.memo.get(i)
	if !ok && d.err == nil {
		d.fail("a value in the memo", "none with number %d", i)
	}
	d.push(v)
}

// update sets keys of a dict, which costs.
func (d *decoder) update(to *Dict, from []entry) {
	for _, e := range from {
		hashed, err := hash(e.key, 0)
		if err != nil {
			d.fail("a key", "%s", err)
			return
		}
		cost := entryCost
		if t, ok := hashed.(tupleKey); ok {
			cost += len(t)
		}
		if !d.spend(cost) {
			return
		}
		to.set(hashed, e.key, e.value)
	}
}
