package machine

import (
	"cradio/cpu"
	"cradio/graph"

	"gorgonia.org/tensor"
)

func bindGELU[T cpu.Float](_ graph.GELU, a *operands) runner {
	return &cpu.GELU[T]{Y: out[T](a), X: in[T](a, 0), Image: image(a.shapes[0]), Small: a.small}
}

// image is the number of elements of one image, 0 where there are no images.
func image(s tensor.Shape) int {
	if len(s) == 0 {
		return 0
	}
	return s.TotalSize() / max(1, s[0])
}

func bindGELUGrad[T cpu.Float](_ graph.GELUGrad, a *operands) runner {
	return &cpu.GELUGrad[T]{DX: out[T](a), X: in[T](a, 0), DY: in[T](a, 1), Image: image(a.shapes[0]), Small: a.small}
}

func bindReLU[T cpu.Float](_ graph.ReLU, a *operands) runner {
	return &cpu.ReLU[T]{Y: out[T](a), X: in[T](a, 0)}
}

func bindReLUGrad[T cpu.Float](_ graph.ReLUGrad, a *operands) runner {
	return &cpu.ReLUGrad[T]{DX: out[T](a), X: in[T](a, 0), DY: in[T](a, 1)}
}

// gradient says that the output may take the memory of the second input, the gradient.
func gradient[O graph.Operation](O) int { return 1 }
