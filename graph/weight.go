package graph

import (
	"fmt"
	"sync"

	"gorgonia.org/tensor"
)

// Weight is a named tensor that outlives every graph it is used in: the same
// values serve the graphs of all sizes.
type Weight struct {
	Name  string // the path in the model, "blocks.3.attn.qkv.weight"
	Value *tensor.Dense

	mu      sync.Mutex
	entries map[int]*Weight
}

// Index is entry i of a weight's first axis, sharing its memory; asked twice,
// it is the same Weight.
func (w *Weight) Index(i int) (*Weight, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if e, ok := w.entries[i]; ok {
		return e, nil
	}
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
	e := &Weight{
		Name:  fmt.Sprintf("%s[%d]", w.Name, i),
		Value: tensor.New(tensor.WithShape(shape...), tensor.WithBacking(backing)),
	}
	if w.entries == nil {
		w.entries = map[int]*Weight{}
	}
	w.entries[i] = e
	return e, nil
}
