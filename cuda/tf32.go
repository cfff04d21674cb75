package cuda

import (
	"fmt"
	"math"

	"cradio/graph"
)

// Products and attention in TF32: operands lie in float32, and the kernels round them to 11 bits as they read them. All
// GPUs from 8.0 on run the same kernels, Hopper too.

// tf32Columns divides the depth of a product that copies of 16 bytes feed. Others are in float32.
const tf32Columns = 4

// tf32Linear is a Linear in TF32. ok is false where it stays in float32: of one row for an image, as in bfloat16.
func (d *Device) tf32Linear(k graph.Linear, i *graph.Instruction) (s step, ok bool) {
	x, w := i.In()[0].Shape(), i.In()[1].Shape()
	if d.options.Precision != graph.TF32 || len(x) < 3 || x[len(x)-2] == 1 || last(x)%tf32Columns != 0 {
		return s, false
	}
	bias, scale, residual, _ := k.Operands()
	m, n, depth := rows(x), w[0], w[1]
	return d.multiplyTF32(i.Out(), i.In()[0], input(i, 1), input(i, bias), input(i, scale), input(i, residual), m, n, depth, depth, depth, k.GELU), true
}

// multiplyTF32 is the product of x (m, depth) and w (n, depth), in rows of ldx and ldw elements.
func (d *Device) multiplyTF32(y *graph.Value, x, w, bias, scale, residual any, m, n, depth, ldx, ldw int, gelu bool) step {
	const row, stages = 64, 3 // bytes of a row of a tile, and tiles in shared memory: linear.cuh
	tile, threads := d.tile(m, n, n%2 != 0, true)
	return launch(fmt.Sprintf("linear_%dx%d_tf32", tile, tile), [3]int{blocks(n, tile), blocks(m, tile), 1}, [3]int{threads, 1, 1}, stages*2*tile*row,
		y, x, w, bias, scale, residual, m, n, depth, ldx, ldw, gelu)
}

// tf32Stride is the distance of the rows of a transposed operand, in elements.
func (p product) tf32Stride() int { return (p.depth + tf32Columns - 1) / tf32Columns * tf32Columns }

// tf32Scratch is the memory of operands that are transposed.
func (p product) tf32Scratch() (n int) {
	if p.transposedA {
		n += p.m * p.tf32Stride()
	}
	if p.transposedB {
		n += p.n * p.tf32Stride()
	}
	return n
}

// tf32 transposes operands where that is needed, and multiplies them.
func (p product) tf32(d *Device, i *graph.Instruction) (list []step) {
	used := 0
	operand := func(x any, rows int, transposed bool) (any, int) {
		if !transposed {
			return x, p.depth
		}
		to := inside{i.Scratch(), 4 * used}
		used += rows * p.tf32Stride()
		list = append(list, launch("transpose_strided_f32", [3]int{blocks(rows, 32), blocks(p.depth, 32), 1}, [3]int{256, 1, 1}, 0, to, x, p.depth, rows, p.tf32Stride()))
		return to, p.tf32Stride()
	}
	a, lda := operand(p.a, p.m, p.transposedA)
	b, ldb := operand(p.b, p.n, p.transposedB)
	return append(list, d.multiplyTF32(i.Out(), a, b, nil, nil, nil, p.m, p.n, p.depth, lda, ldb, false))
}

// tf32HeadDims are the head dims that attention in TF32 is compiled for; smaller ones take the next.
var tf32HeadDims = []int{64, 80, mostHeadDim}

// tf32Attention is attention in TF32. ok is false where it stays in float32: copies to shared memory move 4 columns at a
// time, and the short texts of causal attention take no time.
func (d *Device) tf32Attention(k graph.Attention, i *graph.Instruction) (s step, ok bool) {
	y := i.Out()
	batch, tokens, hd := y.Shape()[0], y.Shape()[1], y.Shape()[2]/k.Heads
	if d.options.Precision != graph.TF32 || k.Causal || hd%tf32Columns != 0 {
		return s, false
	}
	at := 0
	for tf32HeadDims[at] < hd {
		at++
	}
	const queries, keys = 64, 32 // of a block, and of a tile: attentiontf32.80.cu
	shared := (queries + 4*keys) * tf32HeadDims[at] * 4
	return launch(fmt.Sprintf("attention_%d_tf32", tf32HeadDims[at]), [3]int{blocks(tokens, queries), k.Heads, batch}, [3]int{128, 1, 1}, shared,
		y, i.In()[0], tokens, k.Heads, hd, float32(math.Log2E/math.Sqrt(float64(hd)))), true
}
