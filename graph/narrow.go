package graph

import (
	"fmt"

	"cradio/cpu"

	"gorgonia.org/tensor"
)

// The kernels of a narrow precision, which lower puts in the place of plain ones.
// They say the same of themselves, but for the form of their operands.

// narrowLinear is a linear whose first input and weight are in a precision.
type narrowLinear struct {
	linear
	precision cpu.Precision
}

func (k narrowLinear) Bind(a *Args) (Runner, error) {
	bias, scale, residual, _ := k.operands()
	optional := func(i int) []float32 {
		if i < 0 {
			return nil
		}
		return in[float32](a, i)
	}
	w, err := packedNarrow(a.packs, a.weights[1], k.precision)
	if err != nil {
		return nil, err
	}
	return checked(k, &cpu.NarrowLinear{
		Y: out[float32](a), NarrowY: a.narrowOut, X: a.narrowIn[0], W: w,
		Rows: rows(a.shapes[0]), Tokens: tokens(a.shapes[0]), Bias: optional(bias), GELU: k.gelu, Scale: optional(scale), Residual: optional(residual),
	})
}

// narrowAttention is an attention on BFloat16.
type narrowAttention struct{ attention }

// Scratch is none: the threads' own memory does.
func (narrowAttention) Scratch([]tensor.Shape, int) int { return 0 }

func (k narrowAttention) Bind(a *Args) (Runner, error) {
	s := a.shapes[0]
	return checked(k, &cpu.NarrowAttention{
		Y: out[float32](a), NarrowY: a.narrowOut, QKV: a.narrowIn[0],
		Batch: s[0], Tokens: s[1], Dim: s[2] / 3, Heads: k.heads,
	})
}

// narrowLayerNorm is a layerNorm with a narrow output.
type narrowLayerNorm struct{ layerNorm }

func (k narrowLayerNorm) Bind(a *Args) (Runner, error) {
	s := a.shapes[0]
	return checked(k, &cpu.LayerNorm[float32]{
		NarrowY: a.narrowOut, X: in[float32](a, 0), Rows: rows(s), Dim: last(s), Tokens: tokens(s), Eps: k.eps,
		Weight: times(in[float32](a, 1), k.gain), Bias: times(in[float32](a, 2), k.gain),
	})
}

// narrowPatches is patches with a narrow output.
type narrowPatches struct{ patches }

func (k narrowPatches) Bind(a *Args) (Runner, error) {
	op := patchesOp[float32](k.patches, a)
	op.NarrowY = a.narrowOut
	return checked(k, op)
}

// convert gives its input in the form of its output.
type convert struct {
	noDiff
	unary
}

func (convert) String() string { return "Convert" }

func (k convert) Bind(a *Args) (Runner, error) {
	switch {
	case a.narrowOut != nil:
		return checked(k, &cpu.Convert{Y: a.narrowOut, X: in[float32](a, 0), NarrowX: a.narrowIn[0]})
	case a.Out.Dtype() == tensor.Float64:
		return checked(k, &cpu.Cast[float64, float32]{Y: out[float64](a), X: in[float32](a, 0)})
	default:
		return checked(k, &cpu.Cast[float32, float64]{Y: out[float32](a), X: in[float64](a, 0)})
	}
}

func checked(k Kernel, r Runner) (Runner, error) {
	if err := r.Check(); err != nil {
		return nil, fmt.Errorf("%v: %w", k, err)
	}
	return r, nil
}
