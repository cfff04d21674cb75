package cuda

import "cradio/graph"

func init() {
	implement(func(_ *Device, _ graph.GELU, i *graph.Instruction) step { return unary("gelu_f32", i) })
	implement(func(_ *Device, _ graph.ReLU, i *graph.Instruction) step { return unary("relu_f32", i) })
	implement(func(_ *Device, k graph.Scale, i *graph.Instruction) step {
		return unary("scale_f32", i, float32(k.Factor))
	})
	implement(lowerBinary)
	implement(lowerConvert)
	implement(lowerNormalize)
}

// unary is a kernel from each element to one.
func unary(kernel string, i *graph.Instruction, attributes ...any) step {
	n := size(i.Out().Shape())
	args := append([]any{i.Out(), input(i, 0)}, attributes...)
	return elements(kernel, n, append(args, int64(n))...)
}

func lowerBinary(_ *Device, k graph.Binary, i *graph.Instruction) step {
	kernel := map[graph.BinaryOp]string{graph.Add: "add_f32", graph.Sub: "sub_f32", graph.Mul: "mul_f32"}[k.Op]
	n, m := size(i.Out().Shape()), size(i.In()[1].Shape())
	return elements(kernel, n, i.Out(), input(i, 0), input(i, 1), int64(n), int64(m))
}

// lowerConvert rounds to bfloat16, the only form beside dense.
func lowerConvert(_ *Device, _ graph.Convert, i *graph.Instruction) step {
	s := i.Out().Shape()
	return elements("convert_bf16", size(s), i.Out(), input(i, 0), rows(s), last(s), stride(i.Out()))
}

func lowerNormalize(_ *Device, _ graph.Normalize, i *graph.Instruction) step {
	s := i.Out().Shape()
	return elements("normalize_f32", size(s), i.Out(), input(i, 0), input(i, 1), input(i, 2), s[1], s[2]*s[3], int64(size(s)))
}
