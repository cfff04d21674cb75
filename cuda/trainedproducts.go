package cuda

import (
	"cradio/cuda/kernels"
	"cradio/graph"

	"gorgonia.org/tensor"
)

// Products of weights that are trained, and their derivatives, by matrix instructions: operands are rounded to
// bfloat16 before each, in working memory, and transposed where the kernels of Linear want that. In TF32, which those
// kernels round to themselves, they are transposed only. Sums stay in float32.

// leastRounded is how long each side of a product is, at least: the conversions take longer than smaller ones.
const leastRounded = 64

// rounds says whether the product of m by n sums of so many products rounds its operands. Those of one row for an image
// do not, as where weights are frozen.
func (d *Device) rounds(tokens tensor.Shape, m, n, depth int) bool {
	return d.options.Precision != graph.Full && len(tokens) >= 3 && tokens[len(tokens)-2] > 1 && min(m, n, depth) >= leastRounded
}

// product is the size of the product that i is, and the operands a (m, depth) and b (n, depth), which lie transposed
// where that is said.
type product struct {
	m, n, depth              int
	a, b                     any
	transposedA, transposedB bool
}

// productOf is the product of a Linear or of one of its derivatives. ok is false where the device does not round it.
func (d *Device) productOf(i *graph.Instruction) (p product, ok bool) {
	s := i.Shapes()
	switch i.Operation().(type) {
	case graph.Linear: // x (m, depth), w (n, depth)
		if i.In()[1].Frozen() || d.options.Precision == graph.TF32 {
			return p, false
		}
		p = product{m: rows(s[0]), n: s[1][0], depth: s[1][1], a: input(i, 0), b: input(i, 1)}
	case graph.LinearGradInput: // dy (m, depth), w (depth, n)
		p = product{m: rows(s[0]), n: s[1][1], depth: s[1][0], a: input(i, 0), b: input(i, 1), transposedB: true}
	case graph.LinearGradWeight: // dy (depth, m), x (depth, n)
		p = product{m: last(s[0]), n: last(s[1]), depth: rows(s[0]), a: input(i, 0), b: input(i, 1), transposedA: true, transposedB: true}
	default:
		return p, false
	}
	if d.options.Precision == graph.TF32 && !(p.transposedA && p.transposedB) && p.depth%tf32Columns != 0 {
		return p, false
	}
	return p, d.rounds(s[0], p.m, p.n, p.depth)
}

// productScratch is the memory of the rounded operands.
func productScratch(d *Device, i *graph.Instruction) int {
	p, ok := d.productOf(i)
	if !ok {
		return 0
	}
	if d.options.Precision == graph.TF32 {
		return p.tf32Scratch()
	}
	n := p.rounded() / 4
	if c, ok := d.hopperProduct(p, gelus(i)); ok && c.splits > 1 {
		n += c.splits * p.m * p.n
	}
	return n
}

// rounded is the memory of the rounded operands, in bytes.
func (p product) rounded() int { return 2 * (p.m + p.n) * kernels.Stride(p.depth) }

// gelus says whether i ends in GELU.
func gelus(i *graph.Instruction) bool {
	k, ok := i.Operation().(graph.Linear)
	return ok && k.GELU
}

// hopperProduct chooses how a product is computed on Hopper. ok is false where its kernels cannot.
func (d *Device) hopperProduct(p product, gelu bool) (c hopperChoice, ok bool) {
	if d.about.Architecture != hopper || gelu || p.n%4 != 0 {
		return c, false
	}
	return chooseHopper(p.m, p.n, p.depth, d.about.Multiprocessors, "f32")
}

// lower rounds the operands, and multiplies them.
func (p product) lower(d *Device, i *graph.Instruction, e end) []step {
	if d.options.Precision == graph.TF32 {
		return p.tf32(d, i)
	}
	a, b := inside{i.Scratch(), 0}, inside{i.Scratch(), 2 * p.m * kernels.Stride(p.depth)}
	list := []step{round(a, p.a, p.m, p.depth, p.transposedA), round(b, p.b, p.n, p.depth, p.transposedB)}
	if c, ok := d.hopperProduct(p, gelus(i)); ok {
		p.a, p.b = a, b
		return append(list, c.multiply(d, i.Out(), p, e, inside{i.Scratch(), p.rounded()}, false)...)
	}
	return append(list, d.multiply(i.Out(), a, b, e.bias, e.scale, e.residual, p.m, p.n, p.depth, kernels.Stride(p.depth), gelus(i)))
}

// round writes x (rows, columns), which may lie transposed, in bfloat16.
func round(to inside, x any, rows, columns int, transposed bool) step {
	if transposed {
		return launch("transpose_bf16", [3]int{blocks(rows, 32), blocks(columns, 32), 1}, [3]int{256, 1, 1}, 0, to, x, columns, rows, kernels.Stride(columns))
	}
	return elements("convert_bf16", rows*columns, to, x, rows, columns, kernels.Stride(columns))
}
