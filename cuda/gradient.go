package cuda

import (
	"cradio/graph"

	"gorgonia.org/tensor"
)

// Derivatives, in float32: but for large products, see trainedproducts.go.
func init() {
	implementAll(lowerLinearGradInput).scratch = productScratch
	implementAll(lowerLinearGradWeight).scratch = productScratch
	implementAll(lowerLayerNormGrad).scratch = func(_ *Device, i *graph.Instruction) int { return 3 * rows(i.Shapes()[0]) }
	implementAll(lowerLayerNormGradWeight).scratch = func(_ *Device, i *graph.Instruction) int { return 3 * rows(i.Shapes()[0]) }
	implement(func(_ *Device, _ graph.GELUGrad, i *graph.Instruction) step { return binaryGrad("gelu_grad_f32", i) })
	implement(func(_ *Device, _ graph.ReLUGrad, i *graph.Instruction) step { return binaryGrad("relu_grad_f32", i) })
	implement(lowerSumRows)
	implement(func(_ *Device, k graph.SumRowsMul, i *graph.Instruction) step { return sumRows(k.To, i, input(i, 1)) })
	implement(lowerScatter)
	implement(lowerNormalizeGrad)
	implement(lowerUnpatch)
	implement(lowerResizeTableGrad)
}

// lowerLinearGradInput: dx = dy·w, of dy (M, K) and w (K, N).
func lowerLinearGradInput(d *Device, _ graph.LinearGradInput, i *graph.Instruction) []step {
	if p, ok := d.productOf(i); ok {
		return p.lower(d, i, end{})
	}
	s := i.Shapes()
	m, n, depth := rows(s[0]), s[1][1], s[1][0]
	return []step{launch("product_f32", [3]int{blocks(n, 64), blocks(m, 64), 1}, [3]int{256, 1, 1}, 0, i.Out(), input(i, 0), input(i, 1), m, n, depth)}
}

// lowerLinearGradWeight: dw = dyᵀ·x, of dy (K, M) and x (K, N).
func lowerLinearGradWeight(d *Device, _ graph.LinearGradWeight, i *graph.Instruction) []step {
	if p, ok := d.productOf(i); ok {
		return p.lower(d, i, end{})
	}
	s := i.Shapes()
	m, n, depth := last(s[0]), last(s[1]), rows(s[0])
	return []step{launch("product_transposed_f32", [3]int{blocks(n, 64), blocks(m, 64), 1}, [3]int{256, 1, 1}, 0, i.Out(), input(i, 0), input(i, 1), m, n, depth)}
}

// statistics are three numbers for each row of the first input, in the scratch.
func statistics(i *graph.Instruction, eps float64) step {
	s := i.Shapes()[0]
	return launch("row_statistics_f32", [3]int{rows(s), 1, 1}, [3]int{256, 1, 1}, 0, i.Scratch(), input(i, 0), last(s), float32(eps))
}

func lowerLayerNormGrad(_ *Device, k graph.LayerNormGrad, i *graph.Instruction) []step {
	s := i.Shapes()[0]
	return []step{statistics(i, k.Eps), launch("layernorm_grad_f32", [3]int{rows(s), 1, 1}, [3]int{256, 1, 1}, 0,
		i.Out(), input(i, 0), input(i, 1), input(i, 2), i.Scratch(), last(s))}
}

func lowerLayerNormGradWeight(_ *Device, k graph.LayerNormGradWeight, i *graph.Instruction) []step {
	s := i.Shapes()[0]
	return []step{statistics(i, k.Eps), columnSums(i, input(i, 1), input(i, 0), i.Scratch(), rows(s), last(s))}
}

// columnSums is the sum over rows of x, times z where that is there, normalised where statistics are.
func columnSums(i *graph.Instruction, x, z, statistics any, rows, dim int) step {
	return launch("sum_rows_f32", [3]int{blocks(dim, 32), 1, 1}, [3]int{256, 1, 1}, 0, i.Out(), x, z, statistics, rows, dim)
}

func lowerSumRows(_ *Device, k graph.SumRows, i *graph.Instruction) step {
	if k.Exact {
		n := size(k.To)
		return threads("sum_rows_exact_f32", blocks(n, 32), i.Out(), input(i, 0), size(i.Shapes()[0])/n, n)
	}
	return sumRows(k.To, i, nil)
}

func sumRows(to tensor.Shape, i *graph.Instruction, z any) step {
	return columnSums(i, input(i, 0), z, nil, size(i.Shapes()[0])/size(to), size(to))
}

// binaryGrad is a kernel from an element of x and of dy to one.
func binaryGrad(kernel string, i *graph.Instruction) step {
	n := size(i.Out().Shape())
	return elements(kernel, n, i.Out(), input(i, 0), input(i, 1), int64(n))
}

func lowerScatter(_ *Device, k graph.Scatter, i *graph.Instruction) step {
	return launch("scatter_f32", [3]int{k.InRows, k.Batch, 1}, [3]int{128, 1, 1}, 0,
		i.Out(), input(i, 0), k.Index, len(k.Index), k.InRows, size(k.Out)/(k.Batch*k.InRows))
}

func lowerNormalizeGrad(_ *Device, _ graph.NormalizeGrad, i *graph.Instruction) step {
	s := i.Out().Shape()
	return elements("normalize_grad_f32", size(s), i.Out(), input(i, 0), input(i, 1), s[1], s[2]*s[3], int64(size(s)))
}

func lowerUnpatch(_ *Device, k graph.Unpatch, i *graph.Instruction) step {
	s := k.Image
	return elements("unpatch_f32", size(s), i.Out(), input(i, 0), s[1], s[2], s[3], k.Size, int64(size(s)))
}

func lowerResizeTableGrad(_ *Device, k graph.ResizeTableGrad, i *graph.Instruction) step {
	t := k.Table
	return launch("resize_table_grad_f32", [3]int{t.Grid * t.Grid, 1, 1}, [3]int{128, 1, 1}, 0,
		i.Out(), input(i, 0), t.Grid, t.Square, t.H, t.W, last(i.Out().Shape()), t.AlignCorners)
}
