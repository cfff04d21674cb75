package machine

import (
	"cradio/cpu"
	"cradio/graph"
)

func bindGELU[T cpu.Float](_ graph.GELU, a *operands) runner {
	x := in[T](a, 0)
	op := &cpu.GELU[T]{Y: out[T](a), X: x, Small: a.small}
	if s := a.shapes[0]; len(s) > 0 {
		op.Image = len(x) / max(1, s[0])
	}
	return op
}

func bindGELUGrad[T cpu.Float](_ graph.GELUGrad, a *operands) runner {
	return &cpu.GELUGrad[T]{DX: out[T](a), X: in[T](a, 0), DY: in[T](a, 1)}
}

func bindReLU[T cpu.Float](_ graph.ReLU, a *operands) runner {
	return &cpu.ReLU[T]{Y: out[T](a), X: in[T](a, 0)}
}

func bindReLUGrad[T cpu.Float](_ graph.ReLUGrad, a *operands) runner {
	return &cpu.ReLUGrad[T]{DX: out[T](a), X: in[T](a, 0), DY: in[T](a, 1)}
}
