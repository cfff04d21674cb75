package probe

import (
	"unsafe"

	"cradio/cpu/internal/form"
	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// A classifier of standardised features is one of features as they are, with other weights:
//
//	W·((x − mean)·factor) + b = V·x + (b − V·mean), where V = W·factor
//
// The shift is that of V as it is multiplied. So features far from 0 cost no accuracy where V
// is rounded to bfloat16.

const foldPiece = 4

// foldTask makes the words of some rows of weights, and their biases.
type foldTask Step

func (t *foldTask) Do(worker, i int) {
	s := (*Step)(t)
	lo, hi := pool.Span(i, foldPiece, s.outputs)
	for k, in := range s.Inputs {
		p := &s.inputs[k]
		for r := max(lo, p.row); r < min(hi, p.row+in.Heads*s.Classes); r++ {
			s.foldRow(&s.memory[worker], &in, p, r-p.row)
		}
	}
}

// foldRow makes the words of row r of an input.
func (s *Step) foldRow(m *workerMemory, in *Input, p *place, r int) {
	w := in.Weight[r*(in.To-in.From):][:in.To-in.From]
	words := s.folded[p.weights+r*p.stride:][:p.size/s.perWord]
	scaled := words
	if s.perWord == 2 {
		scaled = m.scaled[:p.size]
	}
	shift := 0.0
	for _, g := range p.segments {
		to, from := scaled[g.at-p.at:][:g.to-g.from], w[g.from-in.From:][:g.to-g.from]
		if s.Factor == nil {
			copy(to, from)
		} else {
			multiply(to, from, s.Factor[g.from:g.to])
		}
		if s.perWord == 2 {
			bytes := pool.BytesOf(words[(g.at-p.at)/2:])
			form.Round(s.table, bytes, to)
			if s.Mean != nil {
				form.Widen(s.table, to, bytes)
			}
		}
		if s.Mean != nil {
			shift += dot(to, s.Mean[g.from:g.to])
		}
	}
	s.shifted[p.row+r] = float32(float64(in.Bias[r]) - shift)
}

func multiply(y, a, b []float32) {
	a, b = a[:len(y)], b[:len(y)]
	for i := range y {
		y[i] = a[i] * b[i]
	}
}

// dot is an inner product in four sums, which do not wait for one another.
func dot(a, b []float32) float64 {
	var s0, s1, s2, s3 float64
	i := 0
	for ; i+4 <= len(a); i += 4 {
		x, y := a[i:i+4:i+4], b[i:i+4:i+4]
		s0 += float64(float64(x[0]) * float64(y[0]))
		s1 += float64(float64(x[1]) * float64(y[1]))
		s2 += float64(float64(x[2]) * float64(y[2]))
		s3 += float64(float64(x[3]) * float64(y[3]))
	}
	for ; i < len(a); i++ {
		s0 += float64(float64(a[i]) * float64(b[i]))
	}
	return (s0 + s1) + (s2 + s3)
}

// product adds, or where add is 0 stores, in c (rows, cols) the products of rows of a, lda
// words apart, and of a panel b of so many words.
func (s *Step) product(words int, a unsafe.Pointer, lda, rows int, b, c unsafe.Pointer, add int, partial, next unsafe.Pointer) {
	if s.amx {
		calls, n := kernel.TileCalls(rows)
		for _, k := range calls[:n] {
			s.table.AMX.BFloat16(words/kernel.TileRows, unsafe.Add(a, 4*k.Row*lda), 4*lda, b, unsafe.Add(c, 4*k.Row*kernel.TileCols), add, k.Blocks, k.Low, k.Shapes, uintptr(next))
		}
		return
	}
	s.tiles.GemmRows[rows](words, a, 4*lda, b, c, add, partial, nil, uintptr(next))
}

// heights calls do for the rows [r, r+n) that are multiplied at a time, of so many.
func (s *Step) heights(rows int, do func(r, n int)) {
	if s.amx {
		for r := 0; r < rows; r += s.tallest() {
			do(r, min(s.tallest(), rows-r))
		}
		return
	}
	tiles := pool.Blocks(rows, s.tiles.MostRows())
	for i, r := 0, 0; i < tiles; i++ {
		n := pool.Share(rows, tiles, i)
		do(r, n)
		r += n
	}
}
