package machine

import (
	"cradio/cpu"
	"cradio/graph"

	"gorgonia.org/tensor"
)

// A loss is computed into Y, (1). Its gradient is the same implementation with DX and DY, whose
// inputs are those of the loss and, the last one, DY.

// result is Y of a loss, and DX and DY of a gradient.
type result[T cpu.Float] struct{ y, dx, dy []T }

func lossOf[T cpu.Float](a *operands) result[T] { return result[T]{y: out[T](a)} }

func gradOf[T cpu.Float](a *operands) result[T] {
	return result[T]{dx: out[T](a), dy: in[T](a, len(a.in)-1)}
}

// masks is input i where there is one.
func masks[T cpu.Float](a *operands, i int, given bool) []T {
	if !given {
		return nil
	}
	return in[T](a, i)
}

func bindCrossEntropy[T cpu.Float](k graph.CrossEntropy, a *operands) runner {
	return crossEntropy(k, a, lossOf[T](a))
}

func bindCrossEntropyGrad[T cpu.Float](k graph.LossGrad[graph.CrossEntropy], a *operands) runner {
	return crossEntropy(k.Of, a, gradOf[T](a))
}

func crossEntropy[T cpu.Float](k graph.CrossEntropy, a *operands, r result[T]) runner {
	return &cpu.CrossEntropy[T]{
		Y: r.y, DX: r.dx, DY: r.dy, X: in[T](a, 0), Rows: rows(a.shapes[0]), CrossEntropyTerms: crossEntropyTerms[T](k, a),
	}
}

func crossEntropyTerms[T cpu.Float](k graph.CrossEntropy, a *operands) cpu.CrossEntropyTerms[T] {
	return cpu.CrossEntropyTerms[T]{
		ClassLabels: classLabels[T](a, k.Ignore), Weight: masks[T](a, 2, k.Weighted),
		Smoothing: k.Smoothing, OverAll: k.OverAll, Soft: k.Soft, Small: a.small,
	}
}

func classLabels[T cpu.Float](a *operands, ignore int) cpu.ClassLabels[T] {
	return cpu.ClassLabels[T]{Labels: in[T](a, 1), Classes: last(a.shapes[0]), Ignore: ignore}
}

func bindResizedCrossEntropy[T cpu.Float](k graph.ResizedCrossEntropy, a *operands) runner {
	return resizedCrossEntropy(k, a, lossOf[T](a))
}

func bindResizedCrossEntropyGrad[T cpu.Float](k graph.LossGrad[graph.ResizedCrossEntropy], a *operands) runner {
	return resizedCrossEntropy(k.Of, a, gradOf[T](a))
}

func bindResizedCrossEntropyWithGrad[T cpu.Float](k graph.ResizedCrossEntropyWithGrad, a *operands) runner {
	n := a.shapes[0].TotalSize()
	return resizedCrossEntropy(k.Of, a, result[T]{y: out[T](a)[n:], dx: out[T](a)[:n], dy: in[T](a, len(a.in)-1)})
}

func resizedCrossEntropy[T cpu.Float](k graph.ResizedCrossEntropy, a *operands, r result[T]) runner {
	return &cpu.ResizedCrossEntropy[T]{
		Y: r.y, DX: r.dx, DY: r.dy, X: in[T](a, 0), Batch: a.shapes[0][0], Scratch: scratch[T](a),
		Bilinear: bilinear(k.Resize), CrossEntropyTerms: crossEntropyTerms[T](k.Of, a),
	}
}

func resizedCrossEntropyScratch(k graph.ResizedCrossEntropy, in []tensor.Shape, threads int) int {
	return cpu.ResizedCrossEntropyScratch(in[0][0], last(in[0]), bilinear(k.Resize), false, threads)
}

func resizedCrossEntropyGradScratch(k graph.LossGrad[graph.ResizedCrossEntropy], in []tensor.Shape, threads int) int {
	return cpu.ResizedCrossEntropyScratch(in[0][0], last(in[0]), bilinear(k.Of.Resize), true, threads)
}

func resizedCrossEntropyWithGradScratch(k graph.ResizedCrossEntropyWithGrad, in []tensor.Shape, threads int) int {
	return cpu.ResizedCrossEntropyScratch(in[0][0], last(in[0]), bilinear(k.Of.Resize), true, threads)
}

func bindCut[T cpu.Float](k graph.Cut, a *operands) runner {
	return &cpu.Cast[T, T]{Y: out[T](a), X: in[T](a, 0)[k.From:][:k.Out.TotalSize()]}
}

func bindSoftmaxFocal[T cpu.Float](k graph.SoftmaxFocal, a *operands) runner {
	return softmaxFocal(k, a, lossOf[T](a))
}

func bindSoftmaxFocalGrad[T cpu.Float](k graph.LossGrad[graph.SoftmaxFocal], a *operands) runner {
	return softmaxFocal(k.Of, a, gradOf[T](a))
}

func softmaxFocal[T cpu.Float](k graph.SoftmaxFocal, a *operands, r result[T]) runner {
	return &cpu.SoftmaxFocal[T]{
		Y: r.y, DX: r.dx, DY: r.dy, X: in[T](a, 0), Rows: rows(a.shapes[0]), Gamma: k.Gamma, Small: a.small, ClassLabels: classLabels[T](a, k.Ignore),
	}
}

func bindDice[T cpu.Float](k graph.Dice, a *operands) runner { return dice(k, a, lossOf[T](a)) }

func bindDiceGrad[T cpu.Float](k graph.LossGrad[graph.Dice], a *operands) runner {
	return dice(k.Of, a, gradOf[T](a))
}

func dice[T cpu.Float](k graph.Dice, a *operands, r result[T]) runner {
	s := a.shapes[0]
	return &cpu.Dice[T]{
		Y: r.y, DX: r.dx, DY: r.dy, X: in[T](a, 0), Batch: s[0], Pixels: s[1], Smooth: k.Smooth, Small: a.small, ClassLabels: classLabels[T](a, k.Ignore),
	}
}
