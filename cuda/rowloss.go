package cuda

import "cradio/graph"

// Losses of rows of logits.
func init() {
	implementLoss(func(i *graph.Instruction) int { return lossScratch(rowPieces(i), 0) }, lowerCrossEntropy)
	implementLoss(func(i *graph.Instruction) int { return lossScratch(rowPieces(i), 0) }, lowerSoftmaxFocal)
	implementLoss(func(i *graph.Instruction) int {
		s := i.Shapes()[0]
		return lossScratch(s[0]*s[2], softmaxBytes*s[0]*s[1]+24*s[0]*dicePieces(s[1])*s[2])
	}, lowerDice)
	implementLoss(func(i *graph.Instruction) int {
		n := size(i.Shapes()[1])
		return lossScratch(pieces(n, rowsOfPiece), pixelBytes*n)
	}, lowerResizedCrossEntropy)
	implementAll(lowerResizedCrossEntropyWithGrad).scratch = of(graph.LossGrad[graph.ResizedCrossEntropy]{}).scratch
	implement(func(_ *Device, k graph.Cut, i *graph.Instruction) step {
		n := size(k.Out)
		return elements("scale_f32", n, i.Out(), inside{i.In()[0], 4 * k.From}, float32(1), int64(n))
	})
}

// What is kept of the softmax of a row, and of a resized one.
const (
	softmaxBytes = 16
	pixelBytes   = 24
)

func rowPieces(i *graph.Instruction) int { return pieces(rows(i.Shapes()[0]), rowsOfPiece) }

func lowerCrossEntropy(k graph.CrossEntropy, i *graph.Instruction, grad bool) []step {
	s, count := i.Shapes()[0], rowPieces(i)
	of := []any{input(i, 0), input(i, 1), input(i, given(k.Weighted, 2)), last(s), k.Ignore, k.Soft, k.OverAll, k.Smoothing, k.Smoothing / float64(last(s)), int64(rows(s))}
	steps := []step{threads("cross_entropy_f32", count, append([]any{lossPieces(i)}, of...)...), lossTotal(i, grad, count)}
	if grad {
		steps = append(steps, threads("cross_entropy_grad_f32", count, append([]any{i.Out(), i.Scratch()}, of...)...))
	}
	return steps
}

func lowerSoftmaxFocal(k graph.SoftmaxFocal, i *graph.Instruction, grad bool) []step {
	s, count := i.Shapes()[0], rowPieces(i)
	kernelOf := func(pieces, dx any) step {
		return threads("softmax_focal_f32", count, pieces, dx, i.Scratch(), input(i, 0), input(i, 1), last(s), k.Ignore, k.Gamma, int64(rows(s)))
	}
	steps := []step{kernelOf(lossPieces(i), nil), lossTotal(i, grad, count)}
	if grad {
		steps = append(steps, kernelOf(nil, i.Out()))
	}
	return steps
}

// pixelsOfPiece is how many pixels of a picture a block of Dice adds up.
const pixelsOfPiece = 1024

func dicePieces(pixels int) int { return blocks(pixels, pixelsOfPiece) }

func lowerDice(k graph.Dice, i *graph.Instruction, grad bool) []step {
	s := i.Shapes()[0]
	batch, pixels, classes := s[0], s[1], s[2]
	n, count, slopes := int64(batch*pixels), rowPieces(i), lossPieces(i)
	softmax := afterPieces(i, batch*classes)
	sums := inside{i.Scratch(), softmax.bytes + softmaxBytes*batch*pixels}
	y, dy := lossResult(i, grad)
	steps := []step{
		threads("softmax_rows_f32", count, softmax, input(i, 0), input(i, 1), classes, k.Ignore, n),
		launch("dice_sums_f32", [3]int{dicePieces(pixels), batch, 1}, [3]int{256, 1, 1}, 0,
			sums, softmax, input(i, 0), input(i, 1), classes, k.Ignore, pixels, pixelsOfPiece),
		oneBlock("dice_total_f32", y, slopes, sums, classes, batch, dicePieces(pixels), k.Smooth),
	}
	if grad {
		steps = append(steps, threads("dice_grad_f32", count, i.Out(), softmax, slopes, dy, input(i, 0), input(i, 1), classes, pixels, n))
	}
	return steps
}

func lowerResizedCrossEntropy(k graph.ResizedCrossEntropy, i *graph.Instruction, grad bool) []step {
	s, r, n := i.Shapes()[0], k.Resize, size(i.Shapes()[1])
	count := pieces(n, rowsOfPiece)
	x, labels, weight := input(i, 0), input(i, 1), input(i, given(k.Of.Weighted, 2))
	softmax := any(nil)
	if grad {
		softmax = afterPieces(i, count)
	}
	share, down, across := k.Of.Smoothing/float64(last(s)), float64(r.FromH)/float64(r.H), float64(r.FromW)/float64(r.W)
	steps := []step{
		threads("resized_cross_entropy_f32", count, lossPieces(i), softmax, x, labels, weight, last(s), k.Of.Ignore, k.Of.OverAll, k.Of.Smoothing, share, r.FromH, r.FromW, r.H, r.W, down, across, int64(n)),
		lossTotal(i, grad, count),
	}
	if grad {
		steps = append(steps, launch("resized_cross_entropy_grad_f32", [3]int{r.FromH * r.FromW, s[0], 1}, [3]int{128, 1, 1}, 0,
			i.Out(), i.Scratch(), softmax, x, labels, weight, last(s), k.Of.Ignore, k.Of.Smoothing, share, r.FromH, r.FromW, r.H, r.W, down, across))
	}
	return steps
}

// lowerResizedCrossEntropyWithGrad is that of the gradient, of which one launch makes the loss too. It goes behind the
// gradient.
func lowerResizedCrossEntropyWithGrad(_ *Device, k graph.ResizedCrossEntropyWithGrad, i *graph.Instruction) []step {
	steps := lowerResizedCrossEntropy(k.Of, i, true)
	steps[1] = lossTotals(i, inside{i.Out(), 4 * (size(i.Out().Shape()) - 1)}, pieces(size(i.Shapes()[1]), rowsOfPiece))
	return steps
}
