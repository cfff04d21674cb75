package graph

import (
	"fmt"

	"gorgonia.org/tensor"
)

// Weight is a named tensor that outlives every graph it is used in: the same
// values serve the graphs of all sizes.
type Weight struct {
	Name  string // the path in the model, "blocks.3.attn.qkv.weight"
	Value *tensor.Dense
}

// Index is row i of a weight's first axis, sharing its memory.
func (w *Weight) Index(i int) (*Weight, error) {
	s := w.Value.Shape()
	if len(s) < 2 || i < 0 || i >= s[0] {
		return nil, fmt.Errorf("%s is %v: it has no entry %d", w.Name, s, i)
	}
	shape := s[1:].Clone()
	n := shape.TotalSize()
	var backing any
	if w.Value.Dtype() == tensor.Float64 {
		backing = w.Value.Float64s()[i*n : (i+1)*n]
	} else {
		backing = w.Value.Float32s()[i*n : (i+1)*n]
	}
	return &Weight{
		Name:  fmt.Sprintf("%s[%d]", w.Name, i),
		Value: tensor.New(tensor.WithShape(shape...), tensor.WithBacking(backing)),
	}, nil
}
