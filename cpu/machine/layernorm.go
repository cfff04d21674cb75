package machine

import (
	"cradio/cpu"
	"cradio/graph"
)

func bindLayerNorm[T cpu.Float](k graph.LayerNorm, a *operands) runner { return layerNorm[T](k, a) }

func layerNorm[T cpu.Float](k graph.LayerNorm, a *operands) *cpu.LayerNorm[T] {
	s := a.shapes[0]
	return &cpu.LayerNorm[T]{
		Y: out[T](a), X: in[T](a, 0), Weight: times(in[T](a, 1), k.Gain), Bias: times(in[T](a, 2), k.Gain),
		Rows: rows(s), Dim: last(s), Tokens: tokens(s), Eps: k.Eps, Small: a.small,
	}
}

// times is x, or a copy of it times a factor.
func times[T cpu.Float](x []T, factor float64) []T {
	if factor == 1 {
		return x
	}
	y := make([]T, len(x))
	for i, v := range x {
		y[i] = T(float64(v) * factor)
	}
	return y
}

func bindLayerNormGrad[T cpu.Float](k graph.LayerNormGrad, a *operands) runner {
	s := a.shapes[0]
	return &cpu.LayerNormGrad[T]{
		DX: out[T](a), X: in[T](a, 0), Weight: in[T](a, 1), DY: in[T](a, 2),
		Rows: rows(s), Dim: last(s), Tokens: tokens(s), Eps: k.Eps, Small: a.small,
	}
}

func bindLayerNormGradWeight[T cpu.Float](k graph.LayerNormGradWeight, a *operands) runner {
	s := a.shapes[0]
	return &cpu.LayerNormGradWeight[T]{
		DW: out[T](a), X: in[T](a, 0), DY: in[T](a, 1),
		Rows: rows(s), Dim: last(s), Eps: k.Eps, Small: a.small,
	}
}

func reducedLayerNorm(k graph.LayerNorm, a *operands) runner {
	op := layerNorm[float32](k, a)
	op.LowY = a.reducedOut
	return op
}

// writesReduced is for what reads float32 and may round what it writes.
func writesReduced(*graph.Instruction, graph.Precision, map[*graph.Value]*graph.Instruction) graph.Forms {
	return graph.Forms{Writes: []graph.Form{BF16, Int8}}
}
