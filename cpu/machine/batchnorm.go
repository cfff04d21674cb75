package machine

import (
	"cradio/cpu"
	"cradio/graph"
)

func bindBatchNorm[T cpu.Float](k graph.BatchNorm, a *operands) runner {
	return &cpu.BatchNorm[T]{
		Y: out[T](a), X: in[T](a, 0), Weight: masks[T](a, 1, k.Affine), Bias: masks[T](a, 2, k.Affine),
		Rows: rows(a.shapes[0]), Dim: last(a.shapes[0]), Eps: k.Eps,
	}
}

func bindBatchNormGrad[T cpu.Float](k graph.BatchNormGrad, a *operands) runner {
	return &cpu.BatchNormGrad[T]{
		DX: out[T](a), X: in[T](a, 0), DY: in[T](a, 1), Weight: masks[T](a, 2, k.Affine),
		Rows: rows(a.shapes[0]), Dim: last(a.shapes[0]), Eps: k.Eps,
	}
}

func bindBatchNormGradWeight[T cpu.Float](k graph.BatchNormGradWeight, a *operands) runner {
	return &cpu.BatchNormGradWeight[T]{
		DW: out[T](a), X: in[T](a, 0), DY: in[T](a, 1), Rows: rows(a.shapes[0]), Dim: last(a.shapes[0]), Eps: k.Eps,
	}
}

func bindBatchNormInference[T cpu.Float](k graph.BatchNormInference, a *operands) runner {
	return &cpu.BatchNorm[T]{
		Y: out[T](a), X: in[T](a, 0), Mean: in[T](a, 1), Variance: in[T](a, 2),
		Weight: masks[T](a, 3, k.Affine), Bias: masks[T](a, 4, k.Affine),
		Rows: rows(a.shapes[0]), Dim: last(a.shapes[0]), Eps: k.Eps,
	}
}

func bindBatchNormInferenceGrad[T cpu.Float](k graph.BatchNormInferenceGrad, a *operands) runner {
	return &cpu.BatchNormGrad[T]{
		DX: out[T](a), DY: in[T](a, 0), Variance: in[T](a, 1), Weight: masks[T](a, 2, k.Affine),
		Rows: rows(a.shapes[0]), Dim: last(a.shapes[0]), Eps: k.Eps,
	}
}

func bindBatchNormInferenceGradWeight[T cpu.Float](k graph.BatchNormInferenceGradWeight, a *operands) runner {
	return &cpu.BatchNormGradWeight[T]{
		DW: out[T](a), X: in[T](a, 0), DY: in[T](a, 1), Mean: in[T](a, 2), Variance: in[T](a, 3),
		Rows: rows(a.shapes[0]), Dim: last(a.shapes[0]), Eps: k.Eps,
	}
}

func bindDropout[T cpu.Float](k graph.Dropout, a *operands) runner {
	return &cpu.Dropout[T]{
		Y: out[T](a), X: in[T](a, 0), Mask: in[T](a, 1), Shape: a.shapes[0], Masked: a.shapes[1], Factor: 1 / (1 - k.P),
	}
}
