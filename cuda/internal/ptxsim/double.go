package ptxsim

import "math"

// double is arithmetic in float64.
func (p *parser) double(in *instruction, o *opcode, t dtype, a []operand) {
	mode := o.rounding()
	d, x := p.destination(a[0], t), p.source(a[1], t)
	y, z := x, x
	if len(a) > 2 {
		y = p.source(a[2], t)
	}
	if len(a) > 3 {
		z = p.source(a[3], t)
	}
	f := doubleFunction(o.mnemonic)
	if f == nil || mode != "rn" {
		p.fail("%s is not known for float64, rounded by .%s", o.mnemonic, mode)
		return
	}
	in.run = func(w *warp, lanes uint32) {
		D, X, Y, Z := &w.d[d], &w.d[x], &w.d[y], &w.d[z]
		each(lanes, func(i int) { D[i] = bits64(f(f64(X[i]), f64(Y[i]), f64(Z[i]))) })
	}
}

func doubleFunction(name string) func(x, y, z float64) float64 {
	switch name {
	case "add":
		return func(x, y, _ float64) float64 { return x + y }
	case "sub":
		return func(x, y, _ float64) float64 { return x - y }
	case "mul":
		return func(x, y, _ float64) float64 { return x * y }
	case "div":
		return func(x, y, _ float64) float64 { return x / y }
	case "fma", "mad":
		return math.FMA
	case "sqrt":
		return func(x, _, _ float64) float64 { return math.Sqrt(x) }
	case "rcp":
		return func(x, _, _ float64) float64 { return 1 / x }
	case "neg":
		return func(x, _, _ float64) float64 { return -x }
	case "abs":
		return func(x, _, _ float64) float64 { return math.Abs(x) }
	case "min":
		return doubleExtremum(math.Min)
	case "max":
		return doubleExtremum(math.Max)
	}
	return nil
}

// doubleExtremum prefers a number to NaN.
func doubleExtremum(f func(x, y float64) float64) func(x, y, z float64) float64 {
	return func(x, y, _ float64) float64 {
		switch {
		case x != x:
			return y
		case y != y:
			return x
		}
		return f(x, y)
	}
}
