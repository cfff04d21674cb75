package ptxsim

import "math"

func init() {
	add("fma", 4, 4, (*parser).arithmetic)
	for _, name := range []string{"rcp", "sqrt", "rsqrt", "ex2", "lg2", "sin", "cos", "tanh"} {
		add(name, 2, 2, (*parser).arithmetic)
	}
	add("copysign", 3, 3, (*parser).arithmetic)
	add("testp", 2, 2, (*parser).testProperty)
}

// rounding takes the mode of rounding, or .approx or .full, of which we make the nearest.
func (o *opcode) rounding() string {
	if m := o.one("rn", "rz", "rm", "rp"); m != "" {
		return m
	}
	o.one("approx", "full")
	return "rn"
}

// single is arithmetic in float32. A sum, product or quotient of two float32 is exact in float64,
// or rounded there once to more than twice the bits, so that rounding it again to float32 gives
// the nearest; fma.go does the same for three.
func (p *parser) single(in *instruction, o *opcode, t dtype, a []operand) {
	mode, flush, saturate := o.rounding(), o.flag("ftz"), o.flag("sat")
	d, x := p.destination(a[0], t), p.source(a[1], t)
	y, z := x, x
	if len(a) > 2 {
		y = p.source(a[2], t)
	}
	if len(a) > 3 {
		z = p.source(a[3], t)
	}
	f := o.singleFunction(mode)
	if f == nil {
		p.fail("%s is not known for float32, rounded by .%s", o.mnemonic, mode)
		return
	}
	if fast := fastSingle[o.mnemonic]; fast != nil && mode == "rn" && !flush && !saturate {
		in.run = func(w *warp, lanes uint32) {
			D, X, Y, Z := &w.r[d], &w.r[x], &w.r[y], &w.r[z]
			if lanes == all {
				fast(D, X, Y, Z)
				return
			}
			each(lanes, func(i int) { D[i] = bits32(f(f32(X[i]), f32(Y[i]), f32(Z[i]))) })
		}
		return
	}
	denormal := func(v float32) float32 {
		if flush && v < 0x1p-126 && v > -0x1p-126 {
			return f32(bits32(v) & (1 << 31))
		}
		return v
	}
	in.run = func(w *warp, lanes uint32) {
		D, X, Y, Z := &w.r[d], &w.r[x], &w.r[y], &w.r[z]
		each(lanes, func(i int) {
			v := denormal(f(denormal(f32(X[i])), denormal(f32(Y[i])), denormal(f32(Z[i]))))
			if saturate {
				v = saturated(v)
			}
			D[i] = bits32(v)
		})
	}
}

// saturated is v in [0, 1]; NaN becomes 0.
func saturated(v float32) float32 {
	if v != v {
		return 0
	}
	return min(max(v, 0), 1)
}

// fastSingle are the most frequent functions, for all lanes at once.
var fastSingle = map[string]func(D, X, Y, Z *lanes32){
	"add": func(D, X, Y, _ *lanes32) {
		for i := range D {
			D[i] = bits32(f32(X[i]) + f32(Y[i]))
		}
	},
	"sub": func(D, X, Y, _ *lanes32) {
		for i := range D {
			D[i] = bits32(f32(X[i]) - f32(Y[i]))
		}
	},
	"mul": func(D, X, Y, _ *lanes32) {
		for i := range D {
			D[i] = bits32(f32(X[i]) * f32(Y[i]))
		}
	},
	"fma": func(D, X, Y, Z *lanes32) {
		for i := range D {
			x, y, z := f32(X[i]), f32(Y[i]), f32(Z[i])
			s := float64(x)*float64(y) + float64(z) // as in fma, which is not inlined
			if b := bits64(s); ambiguous(b) {
				D[i] = bits32(fmaExact(x, y, z))
			} else {
				D[i] = bits32(float32(s))
			}
		}
	},
}

// singleFunction returns what an instruction computes, nil if it is not known.
func (o *opcode) singleFunction(mode string) func(x, y, z float32) float32 {
	if mode != "rn" {
		return directed(o.mnemonic, mode)
	}
	through := func(f func(float64) float64) func(x, y, z float32) float32 {
		return func(x, _, _ float32) float32 { return float32(f(float64(x))) }
	}
	switch o.mnemonic {
	case "add":
		return func(x, y, _ float32) float32 { return x + y }
	case "sub":
		return func(x, y, _ float32) float32 { return x - y }
	case "mul":
		return func(x, y, _ float32) float32 { return x * y }
	case "fma", "mad":
		return fma
	case "div":
		return func(x, y, _ float32) float32 { return x / y }
	case "rcp":
		return func(x, _, _ float32) float32 { return 1 / x }
	case "sqrt":
		return through(math.Sqrt)
	case "rsqrt":
		return through(func(x float64) float64 { return 1 / math.Sqrt(x) })
	case "ex2":
		return through(math.Exp2)
	case "lg2":
		return through(math.Log2)
	case "sin":
		return through(math.Sin)
	case "cos":
		return through(math.Cos)
	case "tanh":
		return through(math.Tanh)
	case "abs":
		return func(x, _, _ float32) float32 { return f32(bits32(x) &^ (1 << 31)) }
	case "neg":
		return func(x, _, _ float32) float32 { return f32(bits32(x) ^ 1<<31) }
	case "copysign": // the magnitude of the second, the sign of the first
		return func(x, y, _ float32) float32 { return f32(bits32(y)&^(1<<31) | bits32(x)&(1<<31)) }
	case "min", "max":
		return singleExtremum(o.mnemonic == "max", o.flag("NaN"))
	}
	return nil
}

// singleExtremum prefers a number to NaN, unless NaN is to go on.
func singleExtremum(greatest, nan bool) func(x, y, z float32) float32 {
	return func(x, y, _ float32) float32 {
		switch {
		case x != x && y != y, nan && (x != x || y != y):
			return f32(0x7fffffff)
		case x != x:
			return y
		case y != y:
			return x
		case greatest:
			return max(x, y)
		}
		return min(x, y)
	}
}

// directed is a function that rounds towards 0, down or up. Its operands are exact in float64,
// and for fma the error of the sum is known too.
func directed(name, mode string) func(x, y, z float32) float32 {
	return func(x, y, z float32) float32 {
		var v, tail float64 // v + tail is exact
		switch name {
		case "mul":
			v = float64(x) * float64(y)
		case "add":
			v, tail = twoSum(float64(x), float64(y))
		case "sub":
			v, tail = twoSum(float64(x), -float64(y))
		case "fma", "mad":
			v, tail = twoSum(float64(x)*float64(y), float64(z))
		}
		return roundDirected(v, tail, mode)
	}
}

func (p *parser) testProperty(in *instruction, o *opcode, a []operand) {
	what := o.must("finite", "infinite", "number", "notanumber", "normal", "subnormal")
	t := o.dtype()
	if t != dtypes["f32"] {
		p.fail("testp is known for float32 only")
		return
	}
	d, x := p.predicateDestination(a[0].text), p.source(a[1], t)
	in.run = func(w *warp, lanes uint32) {
		var v uint32
		each(lanes, func(i int) {
			if hasProperty(w.r[x][i], what) {
				v |= 1 << i
			}
		})
		w.setPredicate(d, lanes, v)
	}
}

func hasProperty(bits uint32, what string) bool {
	exponent, mantissa := bits>>23&255, bits&(1<<23-1)
	switch what {
	case "finite":
		return exponent < 255
	case "infinite":
		return exponent == 255 && mantissa == 0
	case "number":
		return exponent < 255 || mantissa == 0
	case "notanumber":
		return exponent == 255 && mantissa != 0
	case "normal":
		return exponent > 0 && exponent < 255
	}
	return exponent == 0 && mantissa != 0
}
