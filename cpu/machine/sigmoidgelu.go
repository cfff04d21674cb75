package machine

import (
	"cradio/cpu"
	"cradio/graph"
)

func bindSigmoidGELU[T cpu.Float](k graph.SigmoidGELU, a *operands) runner {
	return &cpu.SigmoidGELU[T]{Y: out[T](a), X: in[T](a, 0), Slope: k.Slope, Cubic: k.Cubic, Image: image(a.shapes[0]), Small: a.small}
}

func bindSigmoidGELUGrad[T cpu.Float](k graph.SigmoidGELUGrad, a *operands) runner {
	return &cpu.SigmoidGELUGrad[T]{DX: out[T](a), X: in[T](a, 0), DY: in[T](a, 1), Slope: k.Slope, Cubic: k.Cubic}
}
