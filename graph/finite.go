package graph

import (
	"fmt"

	"cradio/cpu"

	"gorgonia.org/tensor"
)

// NotFinite is the error of a run with Target.Check: the first NaN or infinity.
type NotFinite struct {
	Path      string  // the scope path of the instruction
	Operation string  // "LayerNorm{eps=1e-06}"
	Index     []int   // index of the element in the tensor
	Value     float64 // NaN or an infinity
}

func (e *NotFinite) Error() string {
	return fmt.Sprintf("%s: %s gave %v at %v, the first value that is not finite", e.Path, e.Operation, e.Value, e.Index)
}

// finite checks what the step has just computed.
func (s *step) finite() error {
	var at int
	var x float64
	if s.narrow != nil {
		at, x = nonFinite(s.narrow)
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
	shape := s.instr.out.shape
	index := make([]int, len(shape))
	for a := len(shape) - 1; a >= 0; a-- {
		index[a] = at % shape[a]
		at /= shape[a]
	}
	return &NotFinite{Path: s.path, Operation: s.name(), Index: index, Value: x}
}

// nonFinite finds the first NaN or infinity among what a matrix stands for; its
// index is -1 if there is none.
func nonFinite(n *cpu.Narrow) (at int, x float64) {
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
