package cuda

import "cradio/graph"

func init() {
	implement(lowerGather)
	implement(lowerConcat)
	implement(lowerPatches).forms = writesBF16
	implement(lowerResizeTable)
	implement(func(_ *Device, _ graph.ToNCHW, i *graph.Instruction) step {
		s := i.In()[0].Shape()
		return transpose(i, s[0], s[1], s[2])
	})
	implement(func(_ *Device, _ graph.FromNCHW, i *graph.Instruction) step {
		s := i.In()[0].Shape()
		return transpose(i, s[0], s[1], s[2]*s[3])
	})
}

func lowerGather(_ *Device, k graph.Gather, i *graph.Instruction) step {
	n := len(k.Index)
	return launch("gather_f32", [3]int{n, k.Batch, 1}, [3]int{128, 1, 1}, 0,
		i.Out(), input(i, 0), k.Index, n, k.InRows, size(k.Out)/(k.Batch*n))
}

func lowerConcat(_ *Device, k graph.Concat, i *graph.Instruction) step {
	batch, first, second, dim := k.Sizes(i.Shapes())
	table := -1
	if k.Sum {
		table = 2
	}
	return launch("concat_f32", [3]int{first + second, batch, 1}, [3]int{128, 1, 1}, 0,
		i.Out(), input(i, 0), input(i, 1), input(i, table), first, second, dim, k.Broadcast)
}

func lowerPatches(_ *Device, k graph.Patches, i *graph.Instruction) step {
	return cutPatches(k, i, "patches_"+form(i.Out()), input(i, 0))
}

// cutPatches is by a kernel for images, which are one argument or two.
func cutPatches(k graph.Patches, i *graph.Instruction, kernel string, images ...any) step {
	s, y := i.In()[0].Shape(), i.Out()
	mean, std := -1, -1
	if k.Normalize {
		mean, std = 1, 2
	}
	args := append([]any{y}, images...)
	args = append(args, input(i, mean), input(i, std), s[1], s[2], s[3], k.Size, stride(y))
	return launch(kernel, [3]int{y.Shape()[1], y.Shape()[0], 1}, [3]int{256, 1, 1}, 0, args...)
}

func lowerResizeTable(_ *Device, k graph.ResizeTable, i *graph.Instruction) step {
	t := k.Table
	return launch("resize_table_f32", [3]int{t.H * t.W, 1, 1}, [3]int{128, 1, 1}, 0,
		i.Out(), input(i, 0), t.Grid, t.Square, t.W, last(i.Out().Shape()), t.AlignCorners)
}

// transpose is of matrices (rows, columns), in each entry of a batch.
func transpose(i *graph.Instruction, batch, rows, columns int) step {
	return launch("transpose_f32", [3]int{blocks(columns, 32), blocks(rows, 32), batch}, [3]int{32, 8, 1}, 0, i.Out(), input(i, 0), rows, columns)
}
