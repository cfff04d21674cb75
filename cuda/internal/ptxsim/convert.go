package ptxsim

import "math"

func init() { add("cvt", 2, 3, (*parser).convert) }

// convert is cvt: between integers, between floating-point numbers, and from one to the other.
func (p *parser) convert(in *instruction, o *opcode, a []operand) {
	from := o.dtype()
	to := o.dtype()
	switch to.class {
	case packed:
		p.convertTwo(in, o, from, a)
		return
	case tensorFloat:
		p.convertTensorFloat(in, o, from, a)
		return
	}
	if len(a) != 2 {
		p.fail("%d operands, want 2", len(a))
		return
	}
	mode := o.one("rn", "rz", "rm", "rp", "rni", "rzi", "rmi", "rpi")
	flush, saturate := o.flag("ftz"), o.flag("sat")
	rounds := from.class == float && (to.class == bfloat || to.class == float && to.bits < from.bits)
	switch {
	case rounds && mode != "rn", from.class == packed, from.class == tensorFloat, from.class == bfloat && to.class != float:
		p.fail("a conversion that is not known")
		return
	case !from.floats() && to.floats() && mode != "rn":
		p.fail("a conversion from an integer that does not round to the nearest")
		return
	}
	read, write := p.reader(from, a[1]), p.writer(to, a[0])
	in.run = func(w *warp, lanes uint32) {
		each(lanes, func(i int) {
			v := read(w, i)
			if flush {
				v.flush()
			}
			write(w, i, v.convert(from, to, mode, saturate))
		})
	}
}

// number is a value on its way from a type to another: x of floating-point types, n of others.
type number struct {
	x float64
	n uint64
}

// flush makes a denormal float32 a zero.
func (v *number) flush() {
	if math.Abs(v.x) < 0x1p-126 {
		v.x = math.Copysign(0, v.x)
	}
}

func (v number) convert(from, to dtype, mode string, saturate bool) number {
	switch {
	case from.floats() && to.floats():
		if mode != "" && mode != "rn" {
			v.x = whole(v.x, mode)
		}
		if saturate {
			v.x = float64(saturated(float32(v.x)))
		}
	case from.floats():
		v.n = clamp(whole(v.x, mode), to)
	case to.floats() && from.class == signed:
		v.x = float64(int64(v.n))
	case to.floats():
		v.x = float64(v.n)
	case saturate:
		v.n = clampInteger(v.n, from, to)
	}
	return v
}

// whole rounds to a whole number.
func whole(x float64, mode string) float64 {
	switch mode {
	case "rni", "rn":
		return math.RoundToEven(x)
	case "rmi", "rm":
		return math.Floor(x)
	case "rpi", "rp":
		return math.Ceil(x)
	}
	return math.Trunc(x)
}

// clamp is a whole number as an integer of a type: the nearest that there is, 0 for NaN.
func clamp(x float64, t dtype) uint64 {
	switch {
	case x != x:
		return 0
	case t.class == signed && x >= math.Ldexp(1, t.bits-1):
		return 1<<(t.bits-1) - 1
	case t.class == signed && x <= -math.Ldexp(1, t.bits-1):
		return -(uint64(1) << (t.bits - 1))
	case t.class == signed:
		return uint64(int64(x))
	case x <= 0:
		return 0
	case x >= math.Ldexp(1, t.bits):
		return math.MaxUint64 >> (64 - t.bits)
	}
	return uint64(x)
}

// clampInteger is an integer as one of another type: the nearest that there is.
func clampInteger(n uint64, from, to dtype) uint64 {
	low, high := int64(0), uint64(math.MaxUint64>>(64-to.bits))
	if to.class == signed {
		low, high = -1<<(to.bits-1), 1<<(to.bits-1)-1
	}
	if from.class == signed && int64(n) < 0 {
		return uint64(max(int64(n), low))
	}
	return min(n, high)
}

// reader returns what reads an operand of a type: the lower bits of a source that has more.
func (p *parser) reader(t dtype, o operand) func(w *warp, i int) number {
	if r, ok := p.find(o.text); ok && !t.floats() && !t.is64() && r.dtype.is64() {
		return func(w *warp, i int) number { return number{n: t.extend(uint32(w.d[r.index][i]))} }
	}
	s := p.source(o, t)
	switch {
	case t.class == float && t.is64():
		return func(w *warp, i int) number { return number{x: f64(w.d[s][i])} }
	case t.is64():
		return func(w *warp, i int) number { return number{n: w.d[s][i]} }
	case t.class == float:
		return func(w *warp, i int) number { return number{x: float64(f32(w.r[s][i]))} }
	case t.class == bfloat:
		return func(w *warp, i int) number { return number{x: float64(fromBfloat(w.r[s][i]))} }
	}
	return func(w *warp, i int) number { return number{n: t.extend(w.r[s][i])} }
}

// writer returns what writes an operand of a type. A destination of 64 bits gets
// the sign of a signed one.
func (p *parser) writer(t dtype, o operand) func(w *warp, i int, v number) {
	r, ok := p.find(o.text)
	if ok && !t.floats() && !t.is64() && r.dtype.is64() {
		d := r.index
		return func(w *warp, i int, v number) { w.d[d][i] = t.extend(uint32(v.n)) }
	}
	d := p.destination(o, t)
	switch {
	case t.class == float && t.is64():
		return func(w *warp, i int, v number) { w.d[d][i] = bits64(v.x) }
	case t.is64():
		return func(w *warp, i int, v number) { w.d[d][i] = v.n }
	case t.class == float:
		return func(w *warp, i int, v number) { w.r[d][i] = bits32(float32(v.x)) }
	case t.class == bfloat:
		return func(w *warp, i int, v number) { w.r[d][i] = toBfloat(float32(v.x)) }
	}
	mask := r.dtype.mask()
	return func(w *warp, i int, v number) { w.r[d][i] = uint32(t.extend(uint32(v.n))) & mask }
}

// convertTwo is cvt.rn.bf16x2.f32 d, a, b: a becomes the upper half, b the lower.
func (p *parser) convertTwo(in *instruction, o *opcode, from dtype, a []operand) {
	o.must("rn")
	if len(a) != 3 || from != dtypes["f32"] {
		p.fail("bf16x2 is converted from two float32")
		return
	}
	d, high, low := p.destination(a[0], dtypes["b32"]), p.source(a[1], from), p.source(a[2], from)
	in.run = func(w *warp, lanes uint32) {
		D, H, L := &w.r[d], &w.r[high], &w.r[low]
		each(lanes, func(i int) { D[i] = toBfloat(f32(L[i])) | toBfloat(f32(H[i]))<<16 })
	}
}

// convertTensorFloat is cvt.rna.tf32.f32.
func (p *parser) convertTensorFloat(in *instruction, o *opcode, from dtype, a []operand) {
	o.must("rna")
	if len(a) != 2 || from != dtypes["f32"] {
		p.fail("tf32 is converted from one float32")
		return
	}
	d, x := p.destination(a[0], dtypes["b32"]), p.source(a[1], from)
	in.run = func(w *warp, lanes uint32) {
		D, X := &w.r[d], &w.r[x]
		each(lanes, func(i int) { D[i] = toTensorFloat(X[i]) })
	}
}
