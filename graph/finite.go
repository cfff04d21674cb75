package graph

import "fmt"

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

// NotFinite returns the error of element number at of the output of i, in row-major order.
func (i *Instruction) NotFinite(at int, value float64) *NotFinite {
	index := make([]int, len(i.out.shape))
	for a := len(index) - 1; a >= 0; a-- {
		index[a] = at % i.out.shape[a]
		at /= i.out.shape[a]
	}
	return &NotFinite{Path: i.path, Operation: i.String(), Index: index, Value: value}
}
