package machine

import (
	"cradio/cpu"
	"cradio/graph"

	"gorgonia.org/tensor"
)

func bindLinear[T cpu.Float](k graph.Linear, a *operands) runner {
	bias, scale, residual, _ := k.Operands()
	return &cpu.Linear[T]{
		Y: out[T](a), X: in[T](a, 0), W: matrix[T](a, 1), Rows: rows(a.shapes[0]), Tokens: tokens(a.shapes[0]), Small: a.small, Rounded: a.rounds(),
		Bias: optional[T](a, bias), GELU: k.GELU, Scale: optional[T](a, scale), Residual: optional[T](a, residual),
	}
}

// rounds reports whether a product is of bfloat16: not one of a row for each image, as with
// linearForms.
func (a *operands) rounds() bool { return a.rounded && tokens(a.shapes[0]) != 1 }

// residual is the input whose memory the output may take.
func residual(k graph.Linear) int {
	_, _, residual, _ := k.Operands()
	return residual
}

func linearGradInputScratch(_ graph.LinearGradInput, in []tensor.Shape, _ int) int {
	return cpu.MatMulScratch(rows(in[0]), in[1][1], in[1][0], false, false)
}

func bindLinearGradInput[T cpu.Float](_ graph.LinearGradInput, a *operands) runner {
	w := a.shapes[1]
	return &cpu.MatMul[T]{
		C: out[T](a), A: in[T](a, 0), B: in[T](a, 1), Scratch: scratch[T](a),
		M: rows(a.shapes[0]), N: w[1], K: w[0], Tokens: tokens(a.shapes[0]), Small: a.small, Rounded: a.rounds(),
	}
}

func linearGradWeightScratch(_ graph.LinearGradWeight, in []tensor.Shape, _ int) int {
	return cpu.MatMulScratch(last(in[0]), last(in[1]), rows(in[0]), true, false)
}

func bindLinearGradWeight[T cpu.Float](_ graph.LinearGradWeight, a *operands) runner {
	dy, x := a.shapes[0], a.shapes[1]
	return &cpu.MatMul[T]{
		C: out[T](a), A: in[T](a, 0), B: in[T](a, 1), Scratch: scratch[T](a), TransA: true,
		M: last(dy), N: last(x), K: rows(dy), Small: a.small, Rounded: a.rounds(),
	}
}

// reducedLinear has its first input and its weight in one precision.
func reducedLinear(k graph.Linear, a *operands) runner {
	bias, scale, residual, _ := k.Operands()
	return &cpu.LowPrecisionLinear{
		Y: out[float32](a), LowY: a.reducedOut, X: a.reducedIn[0], W: reducedMatrix(a, 1, a.reducedIn[0].Form),
		Rows: rows(a.shapes[0]), Tokens: tokens(a.shapes[0]),
		Bias: optional[float32](a, bias), GELU: k.GELU, Scale: optional[float32](a, scale), Residual: optional[float32](a, residual),
	}
}

// linearForms: a Linear with one row for an image, of the head of a summary, stays in float32.
// It takes little time, and a summary of one token shows every rounding.
func linearForms(i *graph.Instruction, p graph.Precision, maker map[*graph.Value]*graph.Instruction) (f graph.Forms) {
	in := i.In()
	if !in[1].Frozen() || tokens(in[0].Shape()) == 1 {
		return f
	}
	f.Reads = []graph.Form{graph.Form(p)}
	if !oneScale(in[0], maker) {
		f.Reads[0] = BF16
	}
	if !i.Operation().(graph.Linear).Residual {
		f.Writes = []graph.Form{BF16}
	}
	return f
}

// oneScale says whether the elements of a row of v are near enough in size that one
// scale suits them all: what comes out of a norm, an attention or an activation. In
// the residual stream trained models have channels a hundred times as large as the
// others: in bfloat16 the Linears that read it, those of feature normalisers and
// heads, are off by half as much, at a small part of the cost. So is the first of
// the model, on pixels.
func oneScale(v *graph.Value, maker map[*graph.Value]*graph.Instruction) bool {
	i := maker[v]
	if i == nil {
		return false
	}
	switch op := i.Operation().(type) {
	case graph.LayerNorm, graph.Attention, graph.GELU, graph.ReLU:
		return true
	case graph.Linear:
		return op.GELU
	case graph.Scale:
		return oneScale(i.In()[0], maker)
	}
	return false
}
