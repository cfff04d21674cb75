package cuda

import "cradio/graph"

// BatchNorm in training, and sums of columns, in float64: batchnorm.60.cu.
func init() {
	implement(func(_ *Device, k graph.BatchNorm, i *graph.Instruction) step {
		return columnsOf("batchnorm_train_f32", i, 0, i.Out(), input(i, 0), input(i, given(k.Affine, 1)), input(i, given(k.Affine, 2)), k.Eps)
	})
	implement(func(_ *Device, k graph.BatchNormGrad, i *graph.Instruction) step {
		return columnsOf("batchnorm_train_grad_f32", i, 0, i.Out(), input(i, 0), input(i, 1), input(i, given(k.Affine, 2)), k.Eps)
	})
	implement(func(_ *Device, k graph.BatchNormGradWeight, i *graph.Instruction) step {
		return columnsOf("batchnorm_grad_weight_f32", i, 0, i.Out(), input(i, 0), input(i, 1), nil, nil, k.Eps)
	})
	implement(func(_ *Device, k graph.BatchNormInferenceGradWeight, i *graph.Instruction) step {
		return columnsOf("batchnorm_grad_weight_f32", i, 0, i.Out(), input(i, 0), input(i, 1), input(i, 2), input(i, 3), k.Eps)
	})
	implement(func(_ *Device, k graph.Running, i *graph.Instruction) step {
		return columnsOf("running_f32", i, 2, input(i, 0), input(i, 1), input(i, 2), k.Momentum)
	})
}

// columnsOf launches a kernel on the columns of input `at`.
func columnsOf(kernel string, i *graph.Instruction, at int, args ...any) step {
	s := i.Shapes()[at]
	return threads(kernel, blocks(last(s), 32), append(args, rows(s), last(s))...)
}
