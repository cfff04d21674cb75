package probe

import (
	"math"

	"cradio/cpu/internal/kernel"
)

// define is the step without register tiles, and the definition: products, sums and softmax
// are in float64.
func (s *Step) define() {
	s.outputs = 0
	for _, in := range s.Inputs {
		s.outputs += in.Heads * s.Classes
	}
	s.losses = grow(s.losses, s.heads()*len(s.Rows))
	s.sums = grow(s.sums, s.outputs*len(s.Rows)) // (Batch, outputs): errors
	s.values = grow(s.values, s.Width*len(s.Rows))
	s.gradients = grow(s.gradients, s.Width*s.pool.Threads())
	s.pool.Run(len(s.Rows), (*defineRows)(s))
	s.addLosses()
	if s.Inputs[0].DWeight != nil {
		s.pool.Run(s.outputs, (*defineGradient)(s))
	}
}

// row returns the row at a position of the batch, standardised.
func (s *Step) row(at int) []float64 {
	row := s.values[at*s.Width:][:s.Width]
	if s.BFloat16 != nil {
		for c, v := range s.BFloat16(s.Rows[at]) {
			row[c] = float64(kernel.FromBFloat16(v))
		}
	} else {
		for c, v := range s.Float32(s.Rows[at]) {
			row[c] = float64(v)
		}
	}
	if s.Mean != nil {
		for c, v := range row {
			row[c] = (v - float64(s.Mean[c])) * float64(s.Factor[c])
		}
	}
	return row
}

// defineRows computes scores, losses and errors of a row of the batch.
type defineRows Step

func (t *defineRows) Do(_, at int) {
	s := (*Step)(t)
	x, row, head, first := s.row(at), s.sums[at*s.outputs:][:s.outputs], 0, 0
	for _, in := range s.Inputs {
		width := in.To - in.From
		for h := range in.Heads {
			z := row[first:][:s.Classes]
			for i := range z {
				r := h*s.Classes + i
				z[i] = float64(in.Bias[r])
				w := in.Weight[r*width:][:width]
				for c, v := range x[in.From:in.To] {
					z[i] += float64(v * float64(w[c]))
				}
			}
			s.defineHead(z, at, head, first)
			head, first = head+1, first+s.Classes
		}
	}
}

// defineHead makes errors of scores.
func (s *Step) defineHead(z []float64, at, head, first int) {
	label := int(s.Labels[at])
	if s.Scores != nil {
		for i, v := range z {
			s.Scores[at*s.outputs+first+i] = float32(v)
		}
	}
	if s.Ranks != nil {
		s.Ranks[head*len(s.Rows)+at] = rank(float32(z[label]), len(z), func(i int) float32 { return float32(z[i]) })
	}
	most, own, sum := math.Inf(-1), z[label], 0.0
	for _, v := range z {
		most = max(most, v)
	}
	for i, v := range z {
		z[i] = math.Exp(v - most)
		sum += z[i]
	}
	s.losses[head*len(s.Rows)+at] = math.Log(sum) + (most - own)
	for i := range z {
		z[i] /= sum
	}
	z[label]--
}

// defineGradient computes the gradient of an output.
type defineGradient Step

func (t *defineGradient) Do(worker, o int) {
	s, first := (*Step)(t), 0
	for _, in := range s.Inputs {
		if r := o - first; r < in.Heads*s.Classes {
			width, n, bias := in.To-in.From, float64(len(s.Rows)), 0.0
			sums := s.gradients[worker*s.Width:][:width]
			clear(sums)
			for at := range s.Rows {
				e := s.sums[at*s.outputs+o]
				bias += e
				for c, v := range s.values[at*s.Width+in.From:][:width] {
					sums[c] += float64(e * v)
				}
			}
			in.DBias[r] = float32(bias / n)
			for c, v := range sums {
				in.DWeight[r*width+c] = float32(v / n)
			}
			return
		}
		first += in.Heads * s.Classes
	}
}
