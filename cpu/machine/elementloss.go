package machine

import (
	"cradio/cpu"
	"cradio/graph"
)

// Losses that are means over elements, and those of depth.

func bindBinaryCrossEntropy[T cpu.Float](k graph.BinaryCrossEntropy, a *operands) runner {
	return binaryCrossEntropy(k, a, lossOf[T](a))
}

func bindBinaryCrossEntropyGrad[T cpu.Float](k graph.LossGrad[graph.BinaryCrossEntropy], a *operands) runner {
	return binaryCrossEntropy(k.Of, a, gradOf[T](a))
}

func binaryCrossEntropy[T cpu.Float](k graph.BinaryCrossEntropy, a *operands, r result[T]) runner {
	positive := 2
	if k.Known {
		positive++
	}
	return &cpu.BinaryLoss[T]{
		Y: r.y, DX: r.dx, DY: r.dy, X: in[T](a, 0), Targets: in[T](a, 1),
		Known: masks[T](a, 2, k.Known), Positive: masks[T](a, positive, k.Positive),
	}
}

func bindSigmoidFocal[T cpu.Float](k graph.SigmoidFocal, a *operands) runner {
	return sigmoidFocal(k, a, lossOf[T](a))
}

func bindSigmoidFocalGrad[T cpu.Float](k graph.LossGrad[graph.SigmoidFocal], a *operands) runner {
	return sigmoidFocal(k.Of, a, gradOf[T](a))
}

func sigmoidFocal[T cpu.Float](k graph.SigmoidFocal, a *operands, r result[T]) runner {
	return &cpu.BinaryLoss[T]{
		Y: r.y, DX: r.dx, DY: r.dy, X: in[T](a, 0), Targets: in[T](a, 1), Known: masks[T](a, 2, k.Known),
		Focal: true, Alpha: k.Alpha, Gamma: k.Gamma,
	}
}

func bindRegression[T cpu.Float](k graph.Regression, a *operands) runner {
	return regression(k, a, lossOf[T](a))
}

func bindRegressionGrad[T cpu.Float](k graph.LossGrad[graph.Regression], a *operands) runner {
	return regression(k.Of, a, gradOf[T](a))
}

func regression[T cpu.Float](k graph.Regression, a *operands, r result[T]) runner {
	return &cpu.RegressionLoss[T]{
		Y: r.y, DX: r.dx, DY: r.dy, X: in[T](a, 0), Target: in[T](a, 1), Valid: masks[T](a, 2, k.Masked), Square: k.Square, Beta: k.Beta,
	}
}

func bindSILog[T cpu.Float](k graph.SILog, a *operands) runner { return siLog(k, a, lossOf[T](a)) }

func bindSILogGrad[T cpu.Float](k graph.LossGrad[graph.SILog], a *operands) runner {
	return siLog(k.Of, a, gradOf[T](a))
}

func siLog[T cpu.Float](k graph.SILog, a *operands, r result[T]) runner {
	return &cpu.SILog[T]{
		Y: r.y, DX: r.dx, DY: r.dy, X: in[T](a, 0), Target: in[T](a, 1), Valid: masks[T](a, 2, k.Masked), Lambda: k.Lambda, Eps: k.Eps,
	}
}

func bindGradientLog[T cpu.Float](k graph.GradientLog, a *operands) runner {
	return gradientLog(k, a, lossOf[T](a))
}

func bindGradientLogGrad[T cpu.Float](k graph.LossGrad[graph.GradientLog], a *operands) runner {
	return gradientLog(k.Of, a, gradOf[T](a))
}

func gradientLog[T cpu.Float](k graph.GradientLog, a *operands, r result[T]) runner {
	return &cpu.GradientLog[T]{
		Y: r.y, DX: r.dx, DY: r.dy, X: in[T](a, 0), Target: in[T](a, 1), Valid: masks[T](a, 2, k.Masked),
		Maps: a.shapes[0].TotalSize() / (k.H * k.W), H: k.H, W: k.W, Eps: k.Eps,
	}
}
