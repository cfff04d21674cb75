package cuda

import "cradio/graph"

// Losses and their gradients, in float64, rounded once. A kernel adds up in pieces, a block each; another
// makes of the pieces the loss, or the factor of its gradient. Kernels: elementloss.60.cu, rowloss.60.cu.

// lossMemory is the working memory of a loss: numbers that its kernels leave for one another, the pieces,
// and what else it needs.
const (
	lossNumbers = 64 // bytes: 8 of float64
	pieceBytes  = 16 // a sum, and what it is divided by
	mostPieces  = 1024
)

// pieces is how many blocks add up n things, so many of them each: it does not depend on the GPU.
func pieces(n, each int) int { return min(blocks(n, each), mostPieces) }

const (
	elementsOfPiece = 1024
	rowsOfPiece     = 8
)

// lossScratch is the working memory in elements.
func lossScratch(pieces, more int) int { return (lossNumbers + pieceBytes*pieces + more) / 4 }

// inside is an address within a value's memory.
type inside struct {
	v     *graph.Value
	bytes int
}

func lossPieces(i *graph.Instruction) inside { return inside{i.Scratch(), lossNumbers} }

// afterPieces is the address of what a loss needs beside its pieces.
func afterPieces(i *graph.Instruction, pieces int) inside {
	return inside{i.Scratch(), lossNumbers + pieceBytes*pieces}
}

// implementLoss adds a loss and its gradient to the table. lower gets the loss in either case.
func implementLoss[L graph.Operation](scratch func(i *graph.Instruction) int, lower func(k L, i *graph.Instruction, grad bool) []step) {
	of := func(_ *Device, i *graph.Instruction) int { return scratch(i) }
	implementAll(func(_ *Device, k L, i *graph.Instruction) []step { return lower(k, i, false) }).scratch = of
	implementAll(func(_ *Device, k graph.LossGrad[L], i *graph.Instruction) []step { return lower(k.Of, i, true) }).scratch = of
}

// lossTotal makes of pieces the loss, or the factor of its gradient.
func lossTotal(i *graph.Instruction, grad bool, pieces int) step {
	y, dy := lossResult(i, grad)
	return oneBlock("loss_total_f32", y, i.Scratch(), dy, lossPieces(i), pieces)
}

// lossResult is where a loss goes, and the gradient that comes from behind it: one is there, the other is nil.
func lossResult(i *graph.Instruction, grad bool) (y, dy any) {
	if grad {
		return nil, input(i, len(i.In())-1)
	}
	return i.Out(), nil
}

// lossTotals makes of pieces the factor of the gradient, and the loss, which goes to y.
func lossTotals(i *graph.Instruction, y any, pieces int) step {
	return oneBlock("loss_total_f32", y, i.Scratch(), input(i, len(i.In())-1), lossPieces(i), pieces)
}

// oneBlock launches a kernel on one block.
func oneBlock(kernel string, args ...any) step {
	return launch(kernel, [3]int{1, 1, 1}, [3]int{256, 1, 1}, 0, args...)
}

// threads launches a kernel on so many blocks of 256 threads.
func threads(kernel string, blocks int, args ...any) step {
	return launch(kernel, [3]int{blocks, 1, 1}, [3]int{256, 1, 1}, 0, args...)
}
