package ptxsim

import "math/bits"

func init() {
	add("and", 3, 3, (*parser).logic)
	add("or", 3, 3, (*parser).logic)
	add("xor", 3, 3, (*parser).logic)
	add("not", 2, 2, (*parser).logic)
	add("shl", 3, 3, (*parser).shift)
	add("shr", 3, 3, (*parser).shift)
	add("shf", 4, 4, (*parser).funnel)
	add("lop3", 5, 5, (*parser).lookup)
	add("prmt", 4, 4, (*parser).permute)
	add("bfe", 4, 4, (*parser).extractField)
	add("bfi", 5, 5, (*parser).insertField)
	add("popc", 2, 2, (*parser).count)
	add("clz", 2, 2, (*parser).count)
	add("brev", 2, 2, (*parser).count)
	add("bfind", 2, 2, (*parser).highestBit)
}

func (p *parser) logic(in *instruction, o *opcode, a []operand) {
	t := o.dtype()
	var f func(x, y uint64) uint64
	switch o.mnemonic {
	case "and":
		f = func(x, y uint64) uint64 { return x & y }
	case "or":
		f = func(x, y uint64) uint64 { return x | y }
	case "xor":
		f = func(x, y uint64) uint64 { return x ^ y }
	default:
		f = func(x, _ uint64) uint64 { return ^x }
		a = []operand{a[0], a[1], a[1]}
	}
	if t.class == predicate {
		d, x, y := p.predicateDestination(a[0].text), p.predicateSource(a[1]), p.predicateSource(a[2])
		in.run = func(w *warp, lanes uint32) {
			w.setPredicate(d, lanes, uint32(f(uint64(x.lanes(w)), uint64(y.lanes(w)))))
		}
		return
	}
	p.binary(in, t, a, f)
}

// shift is by any number: one beyond the width leaves zeros, or the sign.
func (p *parser) shift(in *instruction, o *opcode, a []operand) {
	t := o.dtype()
	n := uint32(t.bits)
	f := func(x uint64, by uint32) uint64 {
		switch {
		case o.mnemonic == "shl":
			return x << min(by, 64)
		case t.class == signed:
			return uint64(int64(x) >> min(by, 63))
		}
		return x >> min(by, 64)
	}
	d, x, c := p.destination(a[0], t), p.source(a[1], t), p.source(a[2], dtypes["u32"])
	if t.is64() {
		in.run = func(w *warp, lanes uint32) {
			D, X, C := &w.d[d], &w.d[x], &w.r[c]
			each(lanes, func(i int) { D[i] = f(X[i], min(C[i], n)) })
		}
		return
	}
	mask := t.mask()
	in.run = func(w *warp, lanes uint32) {
		D, X, C := &w.r[d], &w.r[x], &w.r[c]
		each(lanes, func(i int) { D[i] = uint32(f(t.extend(X[i]), min(C[i], n))) & mask })
	}
}

// words is a function of one to three words.
func (p *parser) words(in *instruction, a []operand, f func(x, y, z uint32) uint32) {
	t := dtypes["b32"]
	d := p.destination(a[0], t)
	var s [3]int
	for j := range s {
		s[j] = p.source(a[min(j+1, len(a)-1)], t)
	}
	in.run = func(w *warp, lanes uint32) {
		D, X, Y, Z := &w.r[d], &w.r[s[0]], &w.r[s[1]], &w.r[s[2]]
		each(lanes, func(i int) { D[i] = f(X[i], Y[i], Z[i]) })
	}
}

// of32 takes the type of an instruction that is for 32 bits alone.
func (o *opcode) of32() dtype {
	t := o.dtype()
	if t.bits != 32 || t.class == float {
		o.p.fail("%s is known for integers of 32 bits only", o.mnemonic)
	}
	return t
}

// funnel shifts two words, the first one the lower, and gives the upper or the lower word.
func (p *parser) funnel(in *instruction, o *opcode, a []operand) {
	left, wrap := o.must("l", "r") == "l", o.must("wrap", "clamp") == "wrap"
	o.of32()
	p.words(in, a, func(x, y, c uint32) uint32 {
		if wrap {
			c &= 31
		}
		v := uint64(x) | uint64(y)<<32
		if left {
			return uint32(v << min(c, 32) >> 32)
		}
		return uint32(v >> min(c, 32))
	})
}

// lookup is any function of three bits: bit 4a + 2b + c of the table.
func (p *parser) lookup(in *instruction, o *opcode, a []operand) {
	o.of32()
	table, ok := literal(a[4].text)
	if !ok || table > 255 {
		p.fail("the table is %q, want a number below 256", a[4].text)
	}
	p.words(in, a[:4], func(x, y, z uint32) (v uint32) {
		for k := range 8 {
			if table>>k&1 == 0 {
				continue
			}
			v |= same(x, k&4 != 0) & same(y, k&2 != 0) & same(z, k&1 != 0)
		}
		return v
	})
}

// same has the bits of x that are as wanted.
func same(x uint32, want bool) uint32 {
	if want {
		return x
	}
	return ^x
}

// permute picks four of eight bytes, or the sign of one in all of its bits.
func (p *parser) permute(in *instruction, o *opcode, a []operand) {
	o.of32()
	p.words(in, a, func(x, y, s uint32) (v uint32) {
		from := uint64(x) | uint64(y)<<32
		for k := range 4 {
			c := s >> (4 * k)
			b := uint32(from>>(8*(c&7))) & 255
			if c&8 != 0 {
				b = uint32(int32(int8(b))>>7) & 255
			}
			v |= b << (8 * k)
		}
		return v
	})
}

// extractField takes c bits from bit b on; those beyond are the sign of the field.
func (p *parser) extractField(in *instruction, o *opcode, a []operand) {
	t := o.of32()
	p.words(in, a, func(x, b, c uint32) uint32 {
		b, c = b&255, c&255
		if c == 0 {
			return 0
		}
		sign := uint32(0)
		if t.class == signed {
			sign = -(x >> min(b+c-1, 31) & 1)
		}
		v := x >> min(b, 32)
		if b > 0 {
			v |= sign << (32 - min(b, 32))
		}
		if c >= 32 {
			return v
		}
		return v&(1<<c-1) | sign<<c
	})
}

// insertField puts c bits of a into b from bit p on.
func (p *parser) insertField(in *instruction, o *opcode, a []operand) {
	t := o.of32()
	d, x, y, b, c := p.destination(a[0], t), p.source(a[1], t), p.source(a[2], t), p.source(a[3], t), p.source(a[4], t)
	in.run = func(w *warp, lanes uint32) {
		each(lanes, func(i int) {
			from, n := w.r[b][i]&255, w.r[c][i]&255
			mask := uint32((uint64(1)<<min(n, 32) - 1) << min(from, 32))
			w.r[d][i] = w.r[y][i]&^mask | w.r[x][i]<<min(from, 32)&mask
		})
	}
}

func (p *parser) count(in *instruction, o *opcode, a []operand) {
	o.of32()
	f := bits.Reverse32
	switch o.mnemonic {
	case "popc":
		f = func(x uint32) uint32 { return uint32(bits.OnesCount32(x)) }
	case "clz":
		f = func(x uint32) uint32 { return uint32(bits.LeadingZeros32(x)) }
	}
	p.words(in, a, func(x, _, _ uint32) uint32 { return f(x) })
}

// highestBit is bfind: the highest bit that is not the sign's, or how far it is from the top; all ones if
// there is none.
func (p *parser) highestBit(in *instruction, o *opcode, a []operand) {
	shift := o.flag("shiftamt")
	signed := o.must("u32", "s32") == "s32"
	p.words(in, a, func(x, _, _ uint32) uint32 {
		if signed && int32(x) < 0 {
			x = ^x
		}
		switch n := bits.Len32(x); {
		case n == 0:
			return ^uint32(0)
		case shift:
			return uint32(32 - n)
		default:
			return uint32(n - 1)
		}
	})
}
