package pickle

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strconv"
)

const highestProtocol = 5

// step does one instruction. They are named by their byte, as pickletools prints it.
func (d *decoder) step() {
	code := d.take(1)
	if code == nil {
		return
	}
	switch op := code[0]; op {
	case 0x80: // PROTO
		if v := d.number(1); v > highestProtocol {
			d.fail(fmt.Sprintf("protocol 0 to %d", highestProtocol), "protocol %d", v)
		}
	case 0x95: // FRAME, which is only a hint for readers of streams
		if n := d.number(8); n > uint64(len(d.in)-d.pos) {
			d.fail(fmt.Sprintf("a frame of %d bytes", n), "%d bytes to the end: the pickle is cut short", len(d.in)-d.pos)
		}
	case '.': // STOP
		d.result, d.stopped = d.pop(), true

	// Constants and numbers.
	case 'N':
		d.push(nil)
	case 0x88:
		d.push(true)
	case 0x89:
		d.push(false)
	case 'K': // BININT1
		d.push(int64(d.number(1)))
	case 'M': // BININT2
		d.push(int64(d.number(2)))
	case 'J': // BININT
		d.push(int64(int32(d.number(4))))
	case 'I', 'L': // INT, LONG
		d.push(d.decimal(d.line()))
	case 0x8a: // LONG1
		d.push(d.long(d.number(1)))
	case 0x8b: // LONG4
		d.push(d.long(d.number(4)))
	case 'F': // FLOAT
		text := d.line()
		v, err := strconv.ParseFloat(text, 64)
		if err != nil && !math.IsInf(v, 0) {
			d.fail("a number", "%s", quote(text))
		}
		d.push(v)
	case 'G': // BINFLOAT
		if b := d.take(8); b != nil {
			d.push(math.Float64frombits(binary.BigEndian.Uint64(b)))
		}

	// Texts and bytes.
	case 'X': // BINUNICODE
		d.push(d.text(d.number(4)))
	case 0x8c: // SHORT_BINUNICODE
		d.push(d.text(d.number(1)))
	case 0x8d: // BINUNICODE8
		d.push(d.text(d.number(8)))
	case 'V': // UNICODE
		d.push(d.rawUnicode(d.line()))
	case 'B': // BINBYTES
		d.push(d.bytes(d.number(4)))
	case 'C': // SHORT_BINBYTES
		d.push(d.bytes(d.number(1)))
	case 0x8e, 0x96: // BINBYTES8, BYTEARRAY8
		d.push(d.bytes(d.number(8)))
	case 'T': // BINSTRING
		d.push(oldString(d.bytes(d.number(4))))
	case 'U': // SHORT_BINSTRING
		d.push(oldString(d.bytes(d.number(1))))
	case 'S': // STRING
		d.push(oldString(d.quoted(d.line())))

	// Containers.
	case ')':
		d.push(Tuple{})
	case 't':
		d.pushContainer(Tuple(d.popMark()))
	case 0x85, 0x86, 0x87: // TUPLE1, TUPLE2, TUPLE3
		t := make(Tuple, op-0x84)
		for i := range t {
			t[len(t)-1-i] = d.pop()
		}
		d.pushContainer(t)
	case ']':
		d.pushContainer(&List{})
	case 'l':
		d.pushContainer(&List{Items: d.popMark()})
	case 'a': // APPEND
		v := d.pop()
		d.extend([]any{v})
	case 'e': // APPENDS
		d.extend(d.popMark())
	case '}':
		d.pushContainer(&Dict{})
	case 'd':
		to := &Dict{}
		d.setAll(to, d.popMark())
		d.pushContainer(to)
	case 's': // SETITEM
		v := d.pop()
		k := d.pop()
		d.setItems([]any{k, v})
	case 'u': // SETITEMS
		d.setItems(d.popMark())
	case 0x8f: // EMPTY_SET
		d.pushContainer(&Set{})
	case 0x90: // ADDITEMS
		values := d.popMark()
		if to, ok := d.top().(*Set); ok && !to.Frozen {
			to.Items = append(to.Items, values...)
		} else {
			d.fail("a set", "%s", kindOf(d.top()))
		}
	case 0x91: // FROZENSET
		d.pushContainer(&Set{Frozen: true, Items: d.popMark()})

	// The stack and the memo.
	case '(':
		if d.spend(placeCost) {
			d.marks = append(d.marks, len(d.stack))
		}
	case '0': // POP, which takes a mark where that is on top
		if len(d.marks) > 0 && d.floor() == len(d.stack) {
			d.popMark()
		} else {
			d.pop()
		}
	case '1': // POP_MARK
		d.popMark()
	case '2': // DUP
		d.push(d.top())
	case 'q': // BINPUT
		d.put(d.number(1))
	case 'r': // LONG_BINPUT
		d.put(d.number(4))
	case 'p': // PUT
		d.put(d.memoNumber(d.line()))
	case 0x94: // MEMOIZE
		d.put(uint64(d.memo.len()))
	case 'h': // BINGET
		d.get(d.number(1))
	case 'j': // LONG_BINGET
		d.get(d.number(4))
	case 'g': // GET
		d.get(d.memoNumber(d.line()))

	// Names and objects.
	case 'c': // GLOBAL
		module := d.line()
		d.push(d.global(module, d.line()))
	case 0x93: // STACK_GLOBAL
		name, isText := d.pop().(string)
		module, areTexts := d.pop().(string)
		if !isText || !areTexts {
			d.fail("a module and a name", "other values")
			return
		}
		d.push(d.global(module, name))
	case 'R': // REDUCE
		args := d.pop()
		d.push(d.call(d.pop(), args))
	case 0x81: // NEWOBJ
		args := d.pop()
		d.push(d.call(d.pop(), args))
	case 0x92: // NEWOBJ_EX
		keywords, args := d.pop(), d.pop()
		if k, ok := keywords.(*Dict); !ok || k.Len() > 0 {
			d.fail("no arguments by keyword", "%s", kindOf(keywords))
		}
		d.push(d.call(d.pop(), args))
	case 'i': // INST
		module := d.line()
		class := d.global(module, d.line())
		d.push(d.call(class, Tuple(d.popMark())))
	case 'o': // OBJ
		values := d.popMark()
		if len(values) == 0 {
			d.fail("a class and its arguments", "nothing")
			return
		}
		d.push(d.call(values[0], Tuple(values[1:])))
	case 'b': // BUILD
		state := d.pop()
		d.build(d.top(), state)
	case 'P': // PERSID
		d.push(d.persistent(d.line()))
	case 'Q': // BINPERSID
		d.push(d.persistent(d.pop()))
	default:
		d.unknown(op)
	}
}

// unknown reports an unsupported instruction.
func (d *decoder) unknown(op byte) {
	switch op {
	case 0x82, 0x83, 0x84:
		d.fail("names", "the number of a name in the writer's registry (copyreg.add_extension)")
	case 0x97, 0x98:
		d.fail("all data in the pickle", "a buffer outside the pickle")
	default:
		d.fail("an instruction of pickle", "byte 0x%02x: this is not a pickle, or it is damaged", op)
	}
}

func (d *decoder) pushContainer(v any) {
	if d.spend(containerCost) {
		d.push(v)
	}
}

// extend appends to the list on top.
func (d *decoder) extend(values []any) {
	to, ok := d.top().(*List)
	if !ok {
		d.fail("a list", "%s", kindOf(d.top()))
		return
	}
	if d.spend(placeCost * len(values)) {
		to.Items = append(to.Items, values...)
	}
}

// setItems sets keys of the dictionary on top.
func (d *decoder) setItems(values []any) {
	to, ok := d.top().(*Dict)
	if !ok {
		d.fail("a dict", "%s", kindOf(d.top()))
		return
	}
	d.setAll(to, values)
}

// setAll sets alternating keys and values.
func (d *decoder) setAll(to *Dict, values []any) {
	if len(values)%2 != 0 {
		d.fail("a value for every key", "a key without a value")
		return
	}
	for pair := range slices.Chunk(values, 2) {
		if d.err == nil {
			d.update(to, []entry{{pair[0], pair[1]}})
		}
	}
}
