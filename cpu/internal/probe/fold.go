package probe

import (
	"cradio/cpu/internal/form"
	"cradio/cpu/internal/pool"
)

// A classifier of standardised features is one of features as they are, with other weights:
//
//	W·((x − mean)·factor) + b = V·x + (b − V·mean), where V = W·factor
//
// The shift is that of V as it is multiplied. So features far from 0 cost no accuracy where V
// is rounded to bfloat16.

const foldPiece = 4

// foldTask makes the left operand of some rows of weights, and their biases.
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

// foldRow makes the operand of row r of an input, but for those that are split, and its bias.
func (s *Step) foldRow(m *workerMemory, in *Input, p *place, r int) {
	if s.form == splitTiles && s.Mean == nil {
		s.shifted[p.row+r] = in.Bias[r]
		return
	}
	row := m.row[:p.size]
	if s.form == singles {
		row = s.folded[p.weights+r*p.stride:][:p.size]
	}
	for _, g := range p.segments {
		scaled := row[g.at-p.at : g.end()-p.at]
		clear(scaled[g.to-g.from:])
		s.scale(scaled[:g.to-g.from], in.Weight[r*(in.To-in.From)+g.from-in.From:], g.from)
	}
	if s.form == pairs || s.form == tilePairs {
		to := pool.BytesOf(s.folded[p.weights+r*p.stride:][:s.form.left(p.size)])
		form.Round(s.table, to, row)
		if s.Mean != nil {
			form.Widen(s.table, row, to)
		}
	}
	shift := 0.0
	if s.Mean != nil {
		for _, g := range p.segments {
			shift += dot(row[g.at-p.at:][:g.to-g.from], s.Mean[g.from:g.to])
		}
	}
	s.shifted[p.row+r] = float32(float64(in.Bias[r]) - shift)
}

// scale makes weights, of features from a column on, those of features as they are.
func (s *Step) scale(to, w []float32, from int) {
	w = w[:len(to)]
	if s.Factor == nil {
		copy(to, w)
		return
	}
	multiply(to, w, s.Factor[from:][:len(w)])
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
