package ptxsim

import (
	"encoding/binary"
	"maps"
	"slices"
)

// address is where an instruction reads or writes, lane by lane.
type address struct {
	space  space
	base   int  // register, or -1
	is64   bool // the register has 64 bits
	offset uint64
}

// space is a state space of the ISA.
type space uint8

const (
	generic space = iota // found by the address
	global
	shared
	local
	param
	constantSpace
)

// spaces are those that an instruction may name.
var spaces = map[string]space{
	"global": global, "shared": shared, "shared::cta": shared, "local": local, "param": param, "const": constantSpace,
}

var spaceNames = slices.Sorted(maps.Keys(spaces))

// space takes the state space of an instruction, generic if it names none.
func (o *opcode) space() space { return spaces[o.one(spaceNames...)] }

// address decodes the operand of a load or a store in a space.
func (p *parser) address(in space, o operand) address {
	a := address{space: in, base: -1, offset: uint64(o.offset)}
	if !o.address || len(o.list) > 0 {
		p.fail("%q is not an address in brackets", o.text)
		return a
	}
	if r, ok := p.find(o.text); ok {
		a.base, a.is64 = r.index, r.dtype.is64()
		switch {
		case r.dtype.class == predicate || r.dtype.bits < 32:
			p.fail("%s has %d bits, want an address", o.text, r.dtype.bits)
		case !a.is64 && in != shared && in != local:
			p.fail("%s has 32 bits, want an address of 64", o.text)
		}
		return a
	}
	if v, ok := p.symbol(o.text); ok {
		module := v.space == "global" || v.space == "const"
		if spaces[v.space] != in && !(module && in == generic) {
			p.fail("%s is in space %s", o.text, v.space)
			return a
		}
		if module || v.size < 0 {
			a.is64 = true
			a.base = p.symbolAddress(o.text, v, dtypes["b64"])
			return a
		}
		a.offset += uint64(v.offset)
		return a
	}
	v, ok := literal(o.text)
	if !ok {
		p.fail("%q is not an address", o.text)
	}
	a.offset += v
	return a
}

// value returns the address for a lane.
func (a *address) value(w *warp, lane int) uint64 {
	switch {
	case a.base < 0:
		return a.offset
	case a.is64:
		return w.d[a.base][lane] + a.offset
	}
	return uint64(w.r[a.base][lane]+uint32(a.offset)) & 0xffffffff
}

// bytes returns n bytes at the address for a lane. They must be aligned to align.
func (a *address) bytes(w *warp, lane, n, align int, write bool) []byte {
	v := a.value(w, lane)
	if v%uint64(align) != 0 {
		fail("lane %d: %#x is not aligned to %d bytes", lane, v, align)
	}
	switch a.space {
	case shared:
		return w.sharedBytes(v, lane, n, write)
	case local:
		return w.localBytes(v, lane, n)
	case param:
		return w.paramBytes(v, lane, n)
	case global, constantSpace:
		return w.globalAccess(v, lane, n, write)
	}
	switch { // a generic address
	case v >= globalBase:
		return w.globalAccess(v, lane, n, write)
	case v >= sharedBase:
		return w.sharedBytes(v-sharedBase, lane, n, write)
	case v >= localBase:
		return w.localBytes(v-localBase, lane, n)
	case v >= paramBase && !write:
		return w.paramBytes(v-paramBase, lane, n)
	}
	fail("lane %d: %#x is in no state space", lane, v)
	return nil
}

func (w *warp) sharedBytes(v uint64, lane, n int, write bool) []byte {
	w.traffic.touch(true, v, n)
	return w.sharedUncounted(v, lane, n, write)
}

// sharedUncounted is for copies, which Traffic has when they begin.
func (w *warp) sharedUncounted(v uint64, lane, n int, write bool) []byte {
	b := w.block
	if uint64(n) > uint64(len(b.shared)) || v > uint64(len(b.shared)-n) {
		fail("lane %d: %d bytes at %#x are beyond shared memory, which has %d", lane, n, v, len(b.shared))
	}
	if b.races != nil {
		b.races.access(w, int(v), n, write)
	}
	return b.shared[v:][:n]
}

// engineBytes is for what the copy engine and wgmma read and write.
func (w *warp) engineBytes(v uint64, lane, n int, write bool) []byte {
	w.engine = true
	defer func() { w.engine = false }()
	return w.sharedUncounted(v, lane, n, write)
}

func (w *warp) localBytes(v uint64, lane, n int) []byte {
	size := w.block.kernel.local
	if n > size || v > uint64(size-n) {
		fail("lane %d: %d bytes at %#x are beyond local memory, which has %d", lane, n, v, size)
	}
	return w.local[lane*size+int(v):][:n]
}

func (w *warp) paramBytes(v uint64, lane, n int) []byte {
	size := len(w.block.params)
	if n > size || v > uint64(size-n) {
		fail("lane %d: %d bytes at %#x are beyond the parameters, which have %d", lane, n, v, size)
	}
	return w.block.params[v:][:n]
}

func (w *warp) globalBytes(v uint64, lane, n int) []byte {
	w.traffic.touch(false, v, n)
	return w.globalUncounted(v, lane, n)
}

// globalUncounted is for the copy engine, which moves whole sectors.
func (w *warp) globalUncounted(v uint64, lane, n int) []byte {
	b := w.block
	if b.last == nil || v < b.last.address || v-b.last.address >= uint64(len(b.last.bytes)) {
		i := b.device.find(v) // nobody allocates while kernels run
		if i < 0 {
			fail("lane %d: %#x is in no allocation", lane, v)
		}
		b.last = b.device.memory[i]
	}
	from := v - b.last.address
	if uint64(n) > uint64(len(b.last.bytes))-from {
		fail("lane %d: %d bytes at %#x are beyond the allocation, which has %d left", lane, n, v, uint64(len(b.last.bytes))-from)
	}
	return b.last.bytes[from:][:n]
}

// get reads a number of n bytes, without its sign.
func get(b []byte, n int) uint64 {
	switch n {
	case 1:
		return uint64(b[0])
	case 2:
		return uint64(binary.LittleEndian.Uint16(b))
	case 4:
		return uint64(binary.LittleEndian.Uint32(b))
	}
	return binary.LittleEndian.Uint64(b)
}

// put writes the lower n bytes of a number.
func put(b []byte, n int, v uint64) {
	switch n {
	case 1:
		b[0] = byte(v)
	case 2:
		binary.LittleEndian.PutUint16(b, uint16(v))
	case 4:
		binary.LittleEndian.PutUint32(b, uint32(v))
	default:
		binary.LittleEndian.PutUint64(b, v)
	}
}
