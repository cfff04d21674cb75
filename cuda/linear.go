package cuda

import (
	"fmt"

	"cradio/cuda/kernels"
	"cradio/graph"
)

func init() {
	how := implementAll(lowerLinear)
	how.weight, how.forms, how.scratch = 1, linearForms, linearScratch
}

// linearForms: a Linear with one row for an image, of the head of a summary, stays in float32, as
// on the CPU: it takes little time, and a summary of one token shows every rounding.
func linearForms(i *graph.Instruction) (f graph.Forms) {
	in := i.In()
	s := in[0].Shape()
	if !in[1].Frozen() || len(s) < 3 || s[len(s)-2] == 1 {
		return f
	}
	f.Reads = []graph.Form{BF16}
	if !i.Operation().(graph.Linear).Residual {
		f.Writes = []graph.Form{BF16}
	}
	return f
}

// linearScratch has the sums of splits, or operands that are rounded.
func linearScratch(d *Device, i *graph.Instruction) int {
	return max(hopperScratch(d, i), productScratch(d, i))
}

func lowerLinear(d *Device, k graph.Linear, i *graph.Instruction) []step {
	if p, ok := d.productOf(i); ok {
		return p.lower(d, i, endOf(k, i))
	}
	if s, ok := d.tf32Linear(k, i); ok {
		return []step{s}
	}
	if c, ok := d.hopperLinear(i); ok {
		return c.lower(d, k, i)
	}
	return []step{d.lowerLinear(k, i)}
}

// lowerLinear is by the kernels of older GPUs, for all shapes.
func (d *Device) lowerLinear(k graph.Linear, i *graph.Instruction) step {
	bias, scale, residual, _ := k.Operands()
	x, w := i.In()[0], i.In()[1]
	m, n, depth := rows(x.Shape()), w.Shape()[0], w.Shape()[1]
	if x.Form() != BF16 {
		return launch("linear_f32", [3]int{blocks(n, 64), blocks(m, 64), 1}, [3]int{256, 1, 1}, 0,
			i.Out(), x, input(i, 1), input(i, bias), input(i, scale), input(i, residual), m, n, depth, k.GELU)
	}
	return d.multiply(i.Out(), x, input(i, 1), input(i, bias), input(i, scale), input(i, residual), m, n, depth, stride(x), k.GELU)
}

// multiply is the product of x (m, depth) and w (n, depth), which are bfloat16, by the kernels of older GPUs.
func (d *Device) multiply(y *graph.Value, x, w, bias, scale, residual any, m, n, depth, strideX int, gelu bool) step {
	dense := y.Form() != BF16
	tile, threads := d.tile(m, n, dense, gelu)
	kernel := fmt.Sprintf("linear_%dx%d_%s", tile, tile, form(y))
	if gelu {
		kernel += "_gelu"
	}
	const columns, stages = 32, 3 // of a tile, and tiles in shared memory: linear.80.cu
	shared := 2 * stages * 2 * tile * columns
	return launch(kernel, [3]int{blocks(n, tile), blocks(m, tile), 1}, [3]int{threads, 1, 1}, shared,
		y, x, w, bias, scale, residual, m, n, depth, strideX, kernels.Stride(depth), stride(y))
}

// tile is the size of the square of outputs of a block, and its threads. The larger one reads less
// memory, and is used where it still keeps all multiprocessors busy. In float32 it has no GELU, and
// wants a multiple of two columns.
func (d *Device) tile(m, n int, dense, gelu bool) (size, threads int) {
	if blocks(m, 128)*blocks(n, 128) < d.about.Multiprocessors || dense && (gelu || n%2 != 0) {
		return 64, 128
	}
	return 128, 256
}
