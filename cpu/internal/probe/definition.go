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
	s.pool.Run(len(s.Rows), (*defineRows)(s))
	s.addLosses()
	if s.Inputs[0].DWeight != nil {
		s.pool.Run(s.outputs, (*defineGradient)(s))
	}
}

// value is element c of the row at a position of the batch, standardised.
func (s *Step) value(at, c int) float64 {
	var v float64
	if s.BFloat16 != nil {
		v = float64(kernel.FromBFloat16(s.BFloat16(s.Rows[at])[c]))
	} else {
		v = float64(s.Float32(s.Rows[at])[c])
	}
	if s.Mean != nil {
		v = (v - float64(s.Mean[c])) * float64(s.Factor[c])
	}
	return v
}

// defineRows computes scores, losses and errors of a row of the batch.
type defineRows Step

func (t *defineRows) Do(_, at int) {
	s := (*Step)(t)
	row, head, first := s.sums[at*s.outputs:][:s.outputs], 0, 0
	for _, in := range s.Inputs {
		width := in.To - in.From
		for h := range in.Heads {
			z := row[first:][:s.Classes]
			for i := range z {
				z[i] = float64(in.Bias[h*s.Classes+i])
				for c, w := range in.Weight[(h*s.Classes+i)*width:][:width] {
					z[i] += float64(s.value(at, in.From+c) * float64(w))
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

func (t *defineGradient) Do(_, o int) {
	s, first := (*Step)(t), 0
	for _, in := range s.Inputs {
		if r := o - first; r < in.Heads*s.Classes {
			width, n, bias := in.To-in.From, float64(len(s.Rows)), 0.0
			for at := range s.Rows {
				bias += s.sums[at*s.outputs+o]
			}
			in.DBias[r] = float32(bias / n)
			for c := range width {
				sum := 0.0
				for at := range s.Rows {
					sum += float64(s.sums[at*s.outputs+o] * s.value(at, in.From+c))
				}
				in.DWeight[r*width+c] = float32(sum / n)
			}
			return
		}
		first += in.Heads * s.Classes
	}
}
