package layers

import (
	"fmt"
	"slices"
	"strings"

	"cradio/graph"

	"gorgonia.org/tensor"
)

// Source gives tensors by name; package loader has implementations. A tensor is
// read when its values are needed, and may be a read-only mapping of a file.
type Source interface {
	Float32(name string, shape ...int) ([]float32, error)
	// Check is the error that Float32 would return, found without reading the tensor.
	Check(name string, shape ...int) error
	// Float32Into is Float32 that makes a copy, where it makes one, in the memory of
	// dst if that is large enough.
	Float32Into(dst []float32, name string, shape ...int) ([]float32, error)
	// Release says that a tensor is not needed for now.
	Release(name string)
}

// Weights is a cursor into a checkpoint: At goes down a path, Tensor asks for
// the tensor there, with the shape that it must have.
type Weights struct {
	*store
	path string
}

// store is what the cursors of one model share.
type store struct {
	source Source
	dtype  tensor.Dtype
	known  map[string]*graph.Weight
	order  []string
	errs   []error
}

// NewWeights is a cursor at the root of source, for tensors of float32 or
// float64.
func NewWeights(source Source, dt tensor.Dtype) *Weights {
	return &Weights{store: &store{source: source, dtype: dt, known: map[string]*graph.Weight{}}}
}

// At is the cursor below: At("blocks", 3) is "blocks.3".
func (w *Weights) At(parts ...any) *Weights {
	path := w.path
	for _, p := range parts {
		if path != "" {
			path += "."
		}
		path += fmt.Sprint(p)
	}
	return &Weights{store: w.store, path: path}
}

// Tensor is the weight `name` at the cursor. If it is missing or of another
// shape the error is recorded, and a Weight without a value returned.
func (w *Weights) Tensor(name string, shape ...int) *graph.Weight {
	key := w.At(name).path
	if known, ok := w.known[key]; ok {
		return known
	}
	weight, err := w.weight(key, shape)
	if err != nil {
		w.errs = append(w.errs, err)
		weight = &graph.Weight{Name: key}
	}
	w.known[key] = weight
	w.order = append(w.order, key)
	return weight
}

func (s *store) weight(key string, shape tensor.Shape) (*graph.Weight, error) {
	return graph.DeferWeight(key, s.dtype, shape, &stored{s, key, shape}), s.source.Check(key, shape...)
}

// stored is a weight in its source.
type stored struct {
	*store
	key   string
	shape tensor.Shape
}

// Load implements graph.Store.
func (s *stored) Load(into []float32) (*tensor.Dense, error) {
	data, err := s.source.Float32Into(into, s.key, s.shape...)
	if err != nil {
		return nil, err
	}
	if s.dtype != tensor.Float64 {
		return tensor.New(tensor.WithShape(s.shape...), tensor.WithBacking(data)), nil
	}
	wide := make([]float64, len(data))
	for i, v := range data {
		wide[i] = float64(v)
	}
	s.Release() // of the float32
	return tensor.New(tensor.WithShape(s.shape...), tensor.WithBacking(wide)), nil
}

// Release implements graph.Store.
func (s *stored) Release() {
	s.source.Release(s.key)
}

// Errs lists what went wrong: one error for each tensor that is missing or mis-shaped.
func (w *Weights) Errs() []error { return w.errs }

// Names lists the tensors that were asked for, in that order.
func (w *Weights) Names() []string { return w.order }

// All lists the weights in the order they were asked for.
func (w *Weights) All() []*graph.Weight {
	all := make([]*graph.Weight, len(w.order))
	for i, name := range w.order {
		all[i] = w.known[name]
	}
	return all
}

// Unused lists those of names that nobody asked for, sorted.
func (w *Weights) Unused(names []string) []string {
	var unused []string
	for _, n := range names {
		if _, ok := w.known[n]; !ok {
			unused = append(unused, n)
		}
	}
	slices.SortFunc(unused, strings.Compare)
	return unused
}
