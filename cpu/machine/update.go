package machine

import (
	"cradio/cpu"
	"cradio/graph"
)

func bindAdamW[T cpu.Float](k graph.AdamW, a *operands) runner {
	hyper := in[T](a, 4)
	return &cpu.AdamW[T]{
		W: in[T](a, 0), M: in[T](a, 1), V: in[T](a, 2), G: in[T](a, 3),
		Rate: hyper[graph.HyperRate:][:2], Step: hyper[graph.HyperStep:][:1], Clip: clip[T](k.Clipped, a),
		Beta1: k.Beta1, Beta2: k.Beta2, Eps: k.Eps, Decay: k.Decay, Factor: k.Factor(), Coupled: k.Coupled,
	}
}

func bindSGD[T cpu.Float](k graph.SGD, a *operands) runner {
	op := &cpu.SGD[T]{W: in[T](a, 0), Momentum: k.Momentum, Decay: k.Decay, Factor: k.Factor(), Nesterov: k.Nesterov}
	at := k.Writes()
	if at == 2 {
		op.B = in[T](a, 1)
	}
	op.G, op.Rate, op.Clip = in[T](a, at), in[T](a, at+1)[graph.HyperRate:][:2], clip[T](k.Clipped, a)
	return op
}

// clip is the last input, the factor of the gradient, if there is one.
func clip[T cpu.Float](clipped bool, a *operands) []T {
	if !clipped {
		return nil
	}
	return in[T](a, len(a.in)-1)
}

func bindAverage[T cpu.Float](_ graph.Average, a *operands) runner {
	return &cpu.Average[T]{Y: in[T](a, 0), X: in[T](a, 1), Rate: in[T](a, 2)[graph.HyperAverage:][:1]}
}

func bindAccumulate[T cpu.Float](_ graph.Accumulate, a *operands) runner {
	hyper := in[T](a, 2)
	return &cpu.Accumulate[T]{
		Y: in[T](a, 0), X: in[T](a, 1), Keep: hyper[graph.HyperKeep:][:1], Factor: hyper[graph.HyperFactor:][:1],
	}
}

func bindRunning[T cpu.Float](k graph.Running, a *operands) runner {
	return &cpu.Running[T]{
		Mean: in[T](a, 0), Variance: in[T](a, 1), X: in[T](a, 2), Rows: rows(a.shapes[2]), Dim: last(a.shapes[2]), Momentum: k.Momentum,
	}
}

func bindGlobalNorm[T cpu.Float](_ graph.GlobalNorm, a *operands) runner {
	op := &cpu.GlobalNorm[T]{Y: out[T](a)}
	for i := range a.in {
		op.X = append(op.X, in[T](a, i))
	}
	return op
}

func bindClipFactor[T cpu.Float](k graph.ClipFactor, a *operands) runner {
	return &cpu.ClipFactor[T]{Y: out[T](a), Norm: in[T](a, 0), Most: k.Most}
}
