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

// foldRow makes the operand of row r of an input.
func (s *Step) foldRow(m *workerMemory, in *Input, p *place, r int) {
	w := in.Weight[r*(in.To-in.From):][:in.To-in.From]
	to := s.folded[p.weights+r*p.stride:][:s.form.left(p.size)]
	row := to
	if s.form != singles {
		row = m.row[:p.size]
	}
	for _, g := range p.segments {
		scaled, from := row[g.at-p.at:g.end()-p.at], w[g.from-in.From:][:g.to-g.from]
		clear(scaled[len(from):])
		if s.Factor == nil {
			copy(scaled, from)
		} else {
			multiply(scaled[:len(from)], from, s.Factor[g.from:g.to])
		}
	}
	switch s.form {
	case pairs, tilePairs:
		form.Round(s.table, pool.BytesOf(to), row)
		if s.Mean != nil {
			form.Widen(s.table, row, pool.BytesOf(to))
		}
	case splitTiles:
		s.splitRows(to, 0, row, 0, 1, p.size, m.state)
	}
	shift := 0.0
	if s.Mean != nil {
		for _, g := range p.segments {
			shift += dot(row[g.at-p.at:][:g.to-g.from], s.Mean[g.from:g.to])
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
