package cuda

import "cradio/graph"

// Losses that are means over elements, and those of depth.
func init() {
	elementScratch := func(i *graph.Instruction) int { return lossScratch(elementPieces(i), 0) }
	implementLoss(elementScratch, func(k graph.BinaryCrossEntropy, i *graph.Instruction, grad bool) []step {
		mask, positive, classes := given(k.Known, 2), -1, 1
		if k.Positive {
			positive, classes = 2, size(i.Shapes()[2])
			if k.Known {
				positive, classes = 3, size(i.Shapes()[3])
			}
		}
		return elementLoss("binary_loss_f32", i, grad, mask, input(i, positive), classes, 0.0, -1.0)
	})
	implementLoss(elementScratch, func(k graph.SigmoidFocal, i *graph.Instruction, grad bool) []step {
		return elementLoss("binary_loss_f32", i, grad, given(k.Known, 2), nil, 1, k.Alpha, k.Gamma)
	})
	implementLoss(elementScratch, func(k graph.Regression, i *graph.Instruction, grad bool) []step {
		beta := k.Beta
		if k.Square {
			beta = -1
		}
		return elementLoss("regression_loss_f32", i, grad, given(k.Masked, 2), beta)
	})
	implementLoss(func(i *graph.Instruction) int { return lossScratch(elementPieces(i), 8*size(i.Shapes()[0])) }, lowerSILog)
	implementLoss(func(i *graph.Instruction) int {
		return lossScratch(gradientScales*elementPieces(i), 8*size(i.Shapes()[0]))
	}, lowerGradientLog)
}

func elementPieces(i *graph.Instruction) int { return pieces(size(i.Shapes()[0]), elementsOfPiece) }

// elementLoss adds up a loss of elements; then comes its gradient.
func elementLoss(kernel string, i *graph.Instruction, grad bool, mask int, attributes ...any) []step {
	n, count := size(i.Shapes()[0]), elementPieces(i)
	kernelOf := func(pieces, dx any) step {
		args := append([]any{pieces, dx, i.Scratch(), input(i, 0), input(i, 1), input(i, mask)}, attributes...)
		return threads(kernel, count, append(args, int64(n))...)
	}
	steps := []step{kernelOf(lossPieces(i), nil), lossTotal(i, grad, count)}
	if grad {
		steps = append(steps, kernelOf(nil, i.Out()))
	}
	return steps
}

// logRatio makes what losses of depth compare.
func logRatio(i *graph.Instruction, to any, mask any, eps float64, pieces int) step {
	return threads("log_ratio_f32", pieces, to, input(i, 0), input(i, 1), mask, eps, int64(size(i.Shapes()[0])))
}

func lowerSILog(k graph.SILog, i *graph.Instruction, grad bool) []step {
	n, count, mask := int64(size(i.Shapes()[0])), elementPieces(i), input(i, given(k.Masked, 2))
	g, of := afterPieces(i, count), i.Scratch()
	y, dy := lossResult(i, grad)
	steps := []step{logRatio(i, g, mask, k.Eps, count)}
	for _, squares := range []bool{false, true} {
		steps = append(steps,
			threads("silog_f32", count, lossPieces(i), of, g, mask, squares, n),
			oneBlock("silog_total_f32", y, of, dy, lossPieces(i), count, squares, k.Lambda))
	}
	if grad {
		steps = append(steps, threads("silog_grad_f32", count, i.Out(), of, g, input(i, 0), mask, k.Eps, n))
	}
	return steps
}

// gradientScales is SCALES of elementloss.60.cu.
const gradientScales = 4

func lowerGradientLog(k graph.GradientLog, i *graph.Instruction, grad bool) []step {
	n, count, mask := int64(size(i.Shapes()[0])), elementPieces(i), input(i, given(k.Masked, 2))
	g, scales := afterPieces(i, gradientScales*count), i.Scratch()
	y, dy := lossResult(i, grad)
	steps := []step{
		logRatio(i, g, mask, k.Eps, count),
		launch("gradient_log_f32", [3]int{count, gradientScales, 1}, [3]int{256, 1, 1}, 0, lossPieces(i), g, mask, k.H, k.W, n),
		oneBlock("gradient_log_total_f32", y, scales, dy, lossPieces(i), count),
	}
	if grad {
		steps = append(steps, threads("gradient_log_grad_f32", count, i.Out(), g, scales, input(i, 0), mask, k.H, k.W, k.Eps, n))
	}
	return steps
}
