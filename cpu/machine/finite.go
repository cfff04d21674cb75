package machine

import (
	"cradio/cpu"

	"gorgonia.org/tensor"
)

// finite checks what the step has just computed.
func (s *step) finite() error {
	var at int
	var x float64
	if s.reduced != nil {
		at, x = nonFinite(s.reduced)
	} else if s.out.Dtype() == tensor.Float64 {
		d := s.out.Float64s()
		if at = cpu.FirstNonFinite(d); at >= 0 {
			x = d[at]
		}
	} else {
		d := s.out.Float32s()
		if at = cpu.FirstNonFinite(d); at >= 0 {
			x = float64(d[at])
		}
	}
	if at < 0 {
		return nil
	}
	return s.NotFinite(at, x)
}

// nonFinite finds the first NaN or infinity among what a matrix stands for; its
// index is -1 if there is none.
func nonFinite(n *cpu.Activations) (at int, x float64) {
	var part [256]float32
	for r := range n.Rows {
		for c := 0; c < n.Cols; c += len(part) {
			d := part[:min(len(part), n.Cols-c)]
			n.Get(r, c, d)
			if i := cpu.FirstNonFinite(d); i >= 0 {
				return r*n.Cols + c + i, float64(d[i])
			}
		}
	}
	return -1, 0
}
