package cuda

import "cradio/graph"

// What changes weights, in place: update.60.cu.
func init() {
	implement(lowerAdamW)
	implement(lowerSGD)
	implement(func(_ *Device, _ graph.Average, i *graph.Instruction) step {
		return written("average_f32", i, input(i, 0), input(i, 1), input(i, 2))
	})
	implement(func(_ *Device, _ graph.Accumulate, i *graph.Instruction) step {
		return written("accumulate_f32", i, input(i, 0), input(i, 1), input(i, 2))
	})
	implementAll(lowerGlobalNorm).scratch = func(_ *Device, i *graph.Instruction) int { return pieceBytes / 4 * normPieces(i) }
	implement(func(_ *Device, k graph.ClipFactor, i *graph.Instruction) step {
		return launch("clip_factor_f32", [3]int{1, 1, 1}, [3]int{1, 1, 1}, 0, i.Out(), input(i, 0), k.Most)
	})
}

// elementsWritten is how many elements of a weight a block writes, at least.
const elementsWritten = 1024

// written launches a kernel on the elements of a weight, the first input.
func written(kernel string, i *graph.Instruction, args ...any) step {
	n := size(i.Shapes()[0])
	return threads(kernel, blocks(n, elementsWritten), append(args, int64(n))...)
}

// clipOf is the factor of the gradient, the last input, if there is one.
func clipOf(i *graph.Instruction, clipped bool) any { return input(i, given(clipped, len(i.In())-1)) }

func lowerAdamW(_ *Device, k graph.AdamW, i *graph.Instruction) step {
	return written("adamw_f32", i, input(i, 0), input(i, 1), input(i, 2), input(i, 3), input(i, 4), clipOf(i, k.Clipped),
		k.Beta1, k.Beta2, float32(1-k.Beta1), float32(1-k.Beta2), float32(k.Eps), k.Decay, k.Factor(), k.Coupled)
}

func lowerSGD(_ *Device, k graph.SGD, i *graph.Instruction) step {
	gradient := k.Writes()
	return written("sgd_f32", i, input(i, 0), input(i, given(gradient == 2, 1)), input(i, gradient), input(i, gradient+1), clipOf(i, k.Clipped),
		float32(k.Momentum), k.Nesterov, float32(k.Decay), k.Factor())
}

// normPieces is how many blocks add up the squares of all inputs.
func normPieces(i *graph.Instruction) (n int) {
	for _, s := range i.Shapes() {
		n += squaresPieces(size(s))
	}
	return n
}

// squaresPieces is how many add up those of one.
func squaresPieces(n int) int { return pieces(n, 4*elementsWritten) }

// lowerGlobalNorm is two launches, however many gradients there are.
func lowerGlobalNorm(_ *Device, _ graph.GlobalNorm, i *graph.Instruction) []step {
	var gradients words
	at := 0
	for j, s := range i.Shapes() {
		gradients = append(gradients, input(i, j), int64(size(s)), int64(at))
		at += squaresPieces(size(s))
	}
	gradients = append(gradients, nil, int64(0), int64(at))
	return []step{
		threads("squares_f32", at, i.Scratch(), gradients, len(i.Shapes())),
		oneBlock("norm_f32", i.Out(), i.Scratch(), at),
	}
}
