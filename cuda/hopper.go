package cuda

import (
	"math"

	"cradio/cuda/kernels"
	"cradio/graph"
)

// hopper is the architecture that the kernels of targets 90a run on, and no other.
const hopper = 90

// boxes is a parameter that describes a value or weight to the copy engine; its base is not known yet.
type boxes struct {
	of any
	TensorMap
}

// matrix describes rows of bfloat16, in boxes of 64 columns.
func matrix(of any, rows, columns, boxRows int) boxes {
	return boxes{of, TensorMap{Dims: [3]int{columns, rows}, Strides: [2]int{2 * kernels.Stride(columns)}, Box: [3]int{64, boxRows}}}
}

// sums describes (splits, rows, columns) in float32.
func sums(of any, splits, rows, columns int) boxes {
	return boxes{of, TensorMap{
		Float32: true, Dims: [3]int{columns, rows, splits}, Strides: [2]int{4 * columns, 4 * rows * columns}, Box: [3]int{32, 16, 1},
	}}
}

// hopperChoice is how a Linear is computed on Hopper: by which tiles, of which kernel, and in how many splits
// of the sums.
type hopperChoice struct {
	tile   kernels.HopperTile
	output string
	splits int
	pieces int // of work
}

// hopperTimes are what tiles take on an H200, in microseconds: a step of 64 columns, what a piece of work takes
// beside its steps, of GELU's epilogue too, and a launch. They are fitted to measurements of these tiles
// at 204, 737 and 1632 rows, depths 768 to 4096, in CUDA.md's second session: within 20 %.
var hopperTimes = map[[2]int]struct{ step, piece, gelu, launch float64 }{
	{128, 192}: {0.46, 0, 0, 3.4},
	{128, 128}: {0.33, 0, 0, 2.4},
	{128, 64}:  {0.21, 0.3, 0.9, 2.0},
	{64, 64}:   {0.30, 0.3, 0, 1.3},
}

// What adding up splits takes: a launch, and each byte that is written and read.
const splitLaunch, splitBytes = 2.2, 1 / 5e6

// microseconds is what a choice takes for sums of so many columns, by hopperTimes.
func (c hopperChoice) microseconds(m, n, depth, processors int) float64 {
	t := hopperTimes[[2]int{c.tile.Rows, c.tile.Columns}]
	piece := t.piece
	if c.output == "bf16_gelu" {
		piece += t.gelu
	}
	steps := blocks(kernels.Steps(depth), c.splits)
	step := t.step
	if c.pieces <= processors && c.tile.PerProcessor > 1 {
		step *= 0.8 // a block has a multiprocessor to itself
	}
	took := t.launch + float64(blocks(c.pieces, processors*c.tile.PerProcessor))*(piece+step*float64(steps))
	if c.splits > 1 {
		took += splitLaunch + splitBytes*float64(2*c.splits*m*n*4)
	}
	return took
}

// chooseHopper finds the fastest choice for an output (m, n) of a kernel with an ending.
func chooseHopper(m, n, depth, processors int, output string) (best hopperChoice, ok bool) {
	fastest := math.Inf(1)
	for _, t := range kernels.HopperTiles {
		for _, of := range t.Outputs {
			if of != output {
				continue
			}
			for _, splits := range []int{1, 2, 4} {
				if splits > 1 && (output != "f32" || splits > kernels.Steps(depth)) {
					continue
				}
				c := hopperChoice{t.HopperTile, output, splits, blocks(m, t.Rows) * blocks(n, t.Columns) * splits}
				if took := c.microseconds(m, n, depth, processors); took < fastest {
					fastest, best, ok = took, c, true
				}
			}
		}
	}
	return best, ok
}

// hopperLinear chooses how a Linear is computed on Hopper. ok is false where its kernels cannot.
func (d *Device) hopperLinear(i *graph.Instruction) (c hopperChoice, ok bool) {
	k := i.Operation().(graph.Linear)
	x, w := i.In()[0], i.In()[1]
	m, n, depth := rows(x.Shape()), w.Shape()[0], w.Shape()[1]
	if d.about.Architecture != hopper || x.Form() != BF16 || m == 0 || n == 0 || depth == 0 {
		return c, false
	}
	_, scale, residual, _ := k.Operands()
	output := "f32"
	switch dense := i.Out().Form() != BF16; {
	case dense && (k.GELU || n%4 != 0), !dense && (scale >= 0 || residual >= 0):
		return c, false
	case !dense && k.GELU:
		output = "bf16_gelu"
	case !dense:
		output = "bf16"
	}
	return chooseHopper(m, n, depth, d.about.Multiprocessors, output)
}

// hopperScratch has the sums of splits, before they are added up.
func hopperScratch(d *Device, i *graph.Instruction) int {
	if c, ok := d.hopperLinear(i); ok && c.splits > 1 {
		return c.splits * size(i.Out().Shape())
	}
	return 0
}

// lower launches the kernel, and what adds up splits.
func (c hopperChoice) lower(d *Device, k graph.Linear, i *graph.Instruction) []step {
	x, w := i.In()[0], i.In()[1].Shape()
	p := product{m: rows(x.Shape()), n: w[0], depth: w[1], a: x, b: input(i, 1)}
	return c.multiply(d, i.Out(), p, endOf(k, i), i.Scratch(), true)
}

// end is what follows the sums of a Linear: their bias, factors and residual.
type end struct{ bias, scale, residual any }

func endOf(k graph.Linear, i *graph.Instruction) end {
	bias, scale, residual, _ := k.Operands()
	return end{input(i, bias), input(i, scale), input(i, residual)}
}

// multiply is the product p, of operands that are bfloat16, and its end. The sums of splits lie in scratch. Without
// splits the residual is added where it lies: it is copied there first if it is elsewhere. frozen says that b is a
// weight that no launch writes, and may be read before the launch before has ended.
func (c hopperChoice) multiply(d *Device, y *graph.Value, p product, e end, scratch any, frozen bool) (list []step) {
	addUp := func(sums any, e end, splits int) step {
		s := elements("linear_splits_f32", p.m*p.n/4, y, sums, e.bias, e.scale, e.residual, p.m, p.n/4, splits)
		s.overlap = true
		return s
	}
	own, to, adds := e, any(y), e.residual != nil
	residual, computed := e.residual.(*graph.Value)
	switch {
	case c.splits > 1:
		own, to, adds = end{}, scratch, false
	case adds && !(computed && inPlace(residual, y)):
		list = append(list, addUp(nil, end{residual: e.residual}, 0))
	}
	out := sums(to, c.splits, p.m, p.n)
	if c.output != "f32" {
		out = matrix(to, p.m, p.n, 16)
	}
	grid := [3]int{min(c.pieces, d.about.Multiprocessors*c.tile.PerProcessor), 1, 1}
	l := launch(c.tile.Kernel(c.output), grid, [3]int{c.tile.Threads(), 1, 1}, c.tile.Shared(),
		matrix(p.a, p.m, p.depth, c.tile.Rows), matrix(p.b, p.n, p.depth, c.tile.Columns), out, own.bias, own.scale, p.m, p.n, p.depth, c.splits, adds)
	l.overlap, l.waves = frozen, waves{c.pieces, c.tile.PerProcessor, c.splits}
	list = append(list, l)
	if c.splits > 1 {
		list = append(list, addUp(scratch, e, c.splits))
	}
	return list
}

// inPlace says whether two values of an arena are in one place.
func inPlace(a, b *graph.Value) bool {
	at, size := a.Place()
	of, _ := b.Place()
	return a.Kind() == graph.Computed && size > 0 && at == of
}

// hopperAttention is attention by the kernels for Hopper. ok is false where they cannot.
func (d *Device) hopperAttention(k graph.Attention, i *graph.Instruction) (s step, ok bool) {
	qkv, y := i.In()[0], i.Out()
	batch, tokens, dim := y.Shape()[0], y.Shape()[1], y.Shape()[2]
	hd := dim / k.Heads
	if d.about.Architecture != hopper || y.Form() != BF16 || batch*tokens == 0 {
		return s, false
	}
	var best kernels.HopperAttention
	for _, a := range kernels.HopperAttentions {
		// The small blocks are faster where there is room for all of them at once: 9.2 beside 9.7 µs at 737 tokens and
		// 16 heads on an H200 (CUDA.md).
		if a.HeadDim == hd && (a.Groups > 1 || blocks(tokens, a.Queries())*k.Heads*batch <= d.about.Multiprocessors*a.PerProcessor) {
			best, ok = a, true
		}
	}
	if !ok {
		return s, false
	}
	row := 2 * stride(qkv)
	packed := boxes{qkv, TensorMap{Dims: [3]int{3 * dim, tokens, batch}, Strides: [2]int{row, row * tokens}, Box: [3]int{64, 64, 1}}}
	pieces := waves{blocks(tokens, best.Queries()) * k.Heads * batch, best.PerProcessor, 1}
	grid := [3]int{min(pieces.pieces, d.about.Multiprocessors*best.PerProcessor), 1, 1}
	s = launch(best.Kernel(), grid, [3]int{best.Threads(), 1, 1}, best.Shared(),
		y, packed, batch, tokens, k.Heads, stride(y), float32(math.Log2E/math.Sqrt(float64(hd))))
	s.overlap, s.waves = true, pieces
	return s, true
}
