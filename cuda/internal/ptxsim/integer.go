package ptxsim

import (
	"math"
	"math/bits"
)

func init() {
	add("add", 3, 3, (*parser).arithmetic)
	add("sub", 3, 3, (*parser).arithmetic)
	add("mul", 3, 3, (*parser).arithmetic)
	add("mad", 4, 4, (*parser).arithmetic)
	add("min", 3, 3, (*parser).arithmetic)
	add("max", 3, 3, (*parser).arithmetic)
	add("div", 3, 3, (*parser).arithmetic)
	add("rem", 3, 3, (*parser).arithmetic)
	add("neg", 2, 2, (*parser).arithmetic)
	add("abs", 2, 2, (*parser).arithmetic)
}

// arithmetic is what integers and floating-point numbers have in common.
func (p *parser) arithmetic(in *instruction, o *opcode, a []operand) {
	switch t := o.dtype(); {
	case t.class == float && t.is64():
		p.double(in, o, t, a)
	case t.class == float:
		p.single(in, o, t, a)
	case t.class == unsigned || t.class == signed:
		p.integers(in, o, t, a)
	default:
		p.fail("%s has a type that it is not for", o.mnemonic)
	}
}

func (p *parser) integers(in *instruction, o *opcode, t dtype, a []operand) {
	switch o.mnemonic {
	case "add":
		if t.bits == 32 {
			p.addWords(in, t, a)
			return
		}
		p.binary(in, t, a, func(x, y uint64) uint64 { return x + y })
	case "sub":
		p.binary(in, t, a, func(x, y uint64) uint64 { return x - y })
	case "min", "max":
		p.binary(in, t, a, extremum(o.mnemonic == "max", t.class == signed))
	case "div":
		p.binary(in, t, a, quotient(t.class == signed))
	case "rem":
		p.binary(in, t, a, remainder(t.class == signed))
	case "neg":
		p.binary(in, t, []operand{a[0], a[1], a[1]}, func(x, _ uint64) uint64 { return -x })
	case "abs":
		p.binary(in, t, []operand{a[0], a[1], a[1]}, func(x, _ uint64) uint64 { return uint64(max(int64(x), -int64(x))) })
	case "mul", "mad":
		p.multiply(in, o.mnemonic == "mad", o.must("lo", "hi", "wide"), t, a)
	default:
		p.fail("%s is not for integers", o.mnemonic)
	}
}

// addWords is the most frequent of all.
func (p *parser) addWords(in *instruction, t dtype, a []operand) {
	d, x, y := p.destination(a[0], t), p.source(a[1], t), p.source(a[2], t)
	in.run = func(w *warp, lanes uint32) {
		D, X, Y := &w.r[d], &w.r[x], &w.r[y]
		if lanes == all {
			for i := range D {
				D[i] = X[i] + Y[i]
			}
			return
		}
		each(lanes, func(i int) { D[i] = X[i] + Y[i] })
	}
}

func extremum(greatest, sign bool) func(x, y uint64) uint64 {
	return func(x, y uint64) uint64 {
		less := x < y
		if sign {
			less = int64(x) < int64(y)
		}
		if less != greatest {
			return x
		}
		return y
	}
}

// quotient divides towards zero. The ISA leaves a division by zero open; it is all ones here.
func quotient(sign bool) func(x, y uint64) uint64 {
	return func(x, y uint64) uint64 {
		switch {
		case y == 0:
			return math.MaxUint64
		case sign:
			return uint64(int64(x) / int64(y))
		}
		return x / y
	}
}

func remainder(sign bool) func(x, y uint64) uint64 {
	return func(x, y uint64) uint64 {
		switch {
		case y == 0:
			return math.MaxUint64
		case sign:
			return uint64(int64(x) % int64(y))
		}
		return x % y
	}
}

// binary is a function of two numbers, which have the sign of the type.
func (p *parser) binary(in *instruction, t dtype, a []operand, f func(x, y uint64) uint64) {
	d, x, y := p.destination(a[0], t), p.source(a[1], t), p.source(a[2], t)
	if t.is64() {
		in.run = func(w *warp, lanes uint32) {
			D, X, Y := &w.d[d], &w.d[x], &w.d[y]
			each(lanes, func(i int) { D[i] = f(X[i], Y[i]) })
		}
		return
	}
	mask := t.mask()
	in.run = func(w *warp, lanes uint32) {
		D, X, Y := &w.r[d], &w.r[x], &w.r[y]
		each(lanes, func(i int) { D[i] = uint32(f(t.extend(X[i]), t.extend(Y[i]))) & mask })
	}
}

// multiply is mul and mad: the lower half of the product, the upper, or all of it.
func (p *parser) multiply(in *instruction, add bool, which string, t dtype, a []operand) {
	result := t
	if which == "wide" {
		switch t.bits {
		case 16:
			result = dtype{t.class, 32}
		case 32:
			result = dtype{t.class, 64}
		default:
			p.fail("a product of more than 64 bits")
			return
		}
	}
	d, x, y := p.destination(a[0], result), p.source(a[1], t), p.source(a[2], t)
	z := p.constant(0, result)
	if add {
		z = p.source(a[3], result)
	}
	switch {
	case t.is64():
		in.run = func(w *warp, lanes uint32) {
			D, X, Y, Z := &w.d[d], &w.d[x], &w.d[y], &w.d[z]
			each(lanes, func(i int) { D[i] = product64(X[i], Y[i], which == "hi", t.class == signed) + Z[i] })
		}
	case result.is64():
		in.run = func(w *warp, lanes uint32) {
			D, X, Y, Z := &w.d[d], &w.r[x], &w.r[y], &w.d[z]
			each(lanes, func(i int) { D[i] = t.extend(X[i])*t.extend(Y[i]) + Z[i] })
		}
	default:
		shift, mask := 0, result.mask()
		if which == "hi" {
			shift = t.bits
		}
		in.run = func(w *warp, lanes uint32) {
			D, X, Y, Z := &w.r[d], &w.r[x], &w.r[y], &w.r[z]
			each(lanes, func(i int) { D[i] = (uint32(t.extend(X[i])*t.extend(Y[i])>>shift) + Z[i]) & mask })
		}
	}
}

// product64 is one half of a product of 128 bits.
func product64(x, y uint64, upper, sign bool) uint64 {
	high, low := bits.Mul64(x, y)
	if !upper {
		return low
	}
	if sign && int64(x) < 0 {
		high -= y
	}
	if sign && int64(y) < 0 {
		high -= x
	}
	return high
}
