package cuda

import (
	"fmt"
	"slices"

	"cradio/graph"

	"gorgonia.org/tensor"
)

// What heads and text towers have beside products, norms and attention, in float32.
func init() {
	implement(lowerLookup)
	implement(lowerMeanTokens)
	implement(lowerRepeatTokens)
	implement(func(_ *Device, k graph.SigmoidGELU, i *graph.Instruction) step {
		return unary("sigmoid_gelu_f32", i, float32(k.Slope), float32(k.Cubic))
	})
	implementAll(lowerJoin)
	implement(lowerColumns)
	implement(lowerColumnsGrad)
	implement(func(_ *Device, k graph.Neighbours, i *graph.Instruction) step {
		return neighbours("neighbours_f32", i, k.H, k.W, last(i.Shapes()[0]))
	})
	implement(func(_ *Device, k graph.NeighboursGrad, i *graph.Instruction) step {
		return neighbours("neighbours_grad_f32", i, k.H, k.W, last(i.Out().Shape()))
	})
	implement(lowerResize)
	implement(lowerBatchNormInference)
	implement(lowerBatchNormInferenceGrad)
	implement(lowerFoldNormWeight)
	implement(lowerFoldNormBias)
	implement(lowerDropout)
	implement(lowerAttentionWeights)
	implement(lowerDepth)
}

func lowerLookup(_ *Device, _ graph.Lookup, i *graph.Instruction) step {
	table := i.Shapes()[0]
	return launch("lookup_f32", [3]int{rows(i.Out().Shape()), 1, 1}, [3]int{128, 1, 1}, 0,
		i.Out(), input(i, 0), input(i, 1), rows(table), last(table))
}

func lowerMeanTokens(_ *Device, _ graph.MeanTokens, i *graph.Instruction) step {
	s := i.Shapes()[0]
	return launch("mean_tokens_f32", [3]int{blocks(s[2], 128), s[0], 1}, [3]int{128, 1, 1}, 0, i.Out(), input(i, 0), s[1], s[2])
}

func lowerRepeatTokens(_ *Device, k graph.RepeatTokens, i *graph.Instruction) step {
	divisor := 1
	if k.Mean {
		divisor = k.Tokens
	}
	return unary("repeat_tokens_f32", i, k.Tokens, last(i.Out().Shape()), float32(divisor))
}

// lowerJoin is a launch for each input.
func lowerJoin(_ *Device, _ graph.Join, i *graph.Instruction) (steps []step) {
	to := 0
	for at, s := range i.Shapes() {
		steps = append(steps, columns(i, at, last(s), to, 0))
		to += last(s)
	}
	return steps
}

// columns copies so many columns from `from` on of input `at` to `to` on of the output.
func columns(i *graph.Instruction, at, count, to, from int) step {
	s := i.Shapes()[at]
	n := rows(s) * count
	return elements("copy_columns_f32", n, i.Out(), input(i, at), count, last(i.Out().Shape()), to, last(s), from, int64(n))
}

func lowerColumns(_ *Device, k graph.Columns, i *graph.Instruction) step {
	return columns(i, 0, k.To-k.From, 0, k.From)
}

func lowerColumnsGrad(_ *Device, k graph.ColumnsGrad, i *graph.Instruction) step {
	return unary("place_columns_f32", i, last(i.Shapes()[0]), k.Of, k.From)
}

func neighbours(kernel string, i *graph.Instruction, h, w, channels int) step {
	return unary(kernel, i, h, w, channels)
}

func lowerResize(_ *Device, k graph.Resize, i *graph.Instruction) step {
	return unary("resize_f32", i, k.FromH, k.FromW, k.H, k.W, last(i.Out().Shape()))
}

func lowerBatchNormInference(_ *Device, k graph.BatchNormInference, i *graph.Instruction) step {
	s := i.Out().Shape()
	return elements("batchnorm_f32", size(s), i.Out(), input(i, 0), input(i, 1), input(i, 2), input(i, given(k.Affine, 3)), input(i, given(k.Affine, 4)),
		k.Eps, last(s), int64(size(s)))
}

func lowerBatchNormInferenceGrad(_ *Device, k graph.BatchNormInferenceGrad, i *graph.Instruction) step {
	s := i.Out().Shape()
	return elements("batchnorm_grad_f32", size(s), i.Out(), input(i, 0), input(i, 1), input(i, given(k.Affine, 2)), k.Eps, last(s), int64(size(s)))
}

// given is the place of an input that may be missing, which is -1.
func given(is bool, at int) int {
	if is {
		return at
	}
	return -1
}

func lowerFoldNormWeight(_ *Device, k graph.FoldNormWeight, i *graph.Instruction) step {
	s := i.Out().Shape()
	return elements("fold_weight_f32", size(s), i.Out(), input(i, 0), input(i, 1), input(i, given(k.Affine, 2)), k.Eps, s[1], int64(size(s)))
}

func lowerFoldNormBias(_ *Device, k graph.FoldNormBias, i *graph.Instruction) step {
	s := i.Shapes()[0]
	bias := 3
	if k.Affine {
		bias = 5
	}
	return elements("fold_bias_f32", s[0], i.Out(), input(i, 0), input(i, 1), input(i, 2), input(i, given(k.Affine, 3)), input(i, given(k.Affine, 4)),
		input(i, given(k.Bias, bias)), k.Eps, s[1], s[0])
}

func lowerDropout(_ *Device, k graph.Dropout, i *graph.Instruction) step {
	const most = 4 // axes
	x, mask := i.Shapes()[0], i.Shapes()[1]
	if len(x) > most {
		return step{err: fmt.Errorf("%v: %d axes, want at most %d on device %s", k, len(x), most, name)}
	}
	missing := make(tensor.Shape, most-len(x))
	for j := range missing {
		missing[j] = 1
	}
	x, mask = slices.Concat(missing, x), slices.Concat(missing, mask)
	strides, next := [most]int{}, 1 // 0 along an axis that is repeated
	for j := most - 1; j >= 0; j-- {
		if mask[j] > 1 {
			strides[j] = next
		}
		next *= mask[j]
	}
	n := size(i.Out().Shape())
	return elements("dropout_f32", n, i.Out(), input(i, 0), input(i, 1), x[1], x[2], x[3], strides[0], strides[1], strides[2], strides[3],
		1/(1-k.P), int64(n))
}

func lowerAttentionWeights(_ *Device, k graph.AttentionWeights, i *graph.Instruction) step {
	s := i.Shapes()[0]
	index := make([]int32, len(k.Rows))
	for j, r := range k.Rows {
		index[j] = int32(r)
	}
	hd := s[2] / 3 / k.Heads
	return launch("attention_weights_f32", [3]int{len(index), k.Heads, s[0]}, [3]int{128, 1, 1}, 0,
		i.Out(), input(i, 0), index, len(index), s[1], k.Heads, hd, attentionScale(hd))
}

func lowerDepth(_ *Device, k graph.Depth, i *graph.Instruction) step {
	s := i.Shapes()[0]
	depths, kind := depthsOf(k, last(s))
	return elements("depth_f32", rows(s), i.Out(), input(i, 0), depths, len(depths), kind, rows(s))
}
