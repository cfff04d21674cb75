package layers

import (
	"fmt"
	"slices"
	"strings"

	"cradio/graph"

	"gorgonia.org/tensor"
)

// Source gives tensors by name. Package loader has implementations. A tensor is
// read when its values are needed, and may be a read-only mapping of a file.
type Source interface {
	Float32(name string, shape ...int) ([]float32, error)
	// Check returns the error that Float32 would return, without reading the tensor.
	Check(name string, shape ...int) error
	// Float32Into is Float32, but a copy is made in the memory of dst, if that is large
	// enough.
	Float32Into(dst []float32, name string, shape ...int) ([]float32, error)
	// Release frees the memory of a tensor that is not needed for now.
	Release(name string)
}

// Weights is a cursor at a path of a checkpoint. At returns a cursor at a path
// below. Tensor returns the weight with a given name and shape at the path.
type Weights struct {
	*store
	path string
}

// store is shared by the cursors of one model.
type store struct {
	source Source
	dtype  tensor.Dtype
	known  map[string]*graph.Weight
	order  []string
	errs   []error
}

// NewWeights returns a cursor at the root of source, for tensors of float32 or
// float64.
func NewWeights(source Source, dt tensor.Dtype) *Weights {
	return &Weights{store: &store{source: source, dtype: dt, known: map[string]*graph.Weight{}}}
}

// OfWeights returns a cursor at the root of weights that there are, by their names.
func OfWeights(all ...*graph.Weight) *Weights {
	w := &Weights{store: &store{known: map[string]*graph.Weight{}}}
	for _, known := range all {
		w.known[known.Name] = known
		w.order = append(w.order, known.Name)
	}
	return w
}

// At returns a cursor at a path below: At("blocks", 3) is at "blocks.3".
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

// Tensor returns the weight `name` at the cursor. If it is missing or has another
// shape, the error is recorded (see Errs), and a Weight without a value is returned.
func (w *Weights) Tensor(name string, shape ...int) *graph.Weight {
	key := w.At(name).path
	if known, ok := w.known[key]; ok {
		if w.source == nil && !known.Shape().Eq(tensor.Shape(shape)) {
			w.errs = append(w.errs, fmt.Errorf("%s is %v, want %v", key, known.Shape(), shape))
		}
		return known
	}
	if w.source == nil {
		w.errs = append(w.errs, fmt.Errorf("%s is missing", key))
		return &graph.Weight{Name: key}
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
	doubles := make([]float64, len(data))
	for i, v := range data {
		doubles[i] = float64(v)
	}
	s.Release() // of the float32
	return tensor.New(tensor.WithShape(s.shape...), tensor.WithBacking(doubles)), nil
}

// Release implements graph.Store.
func (s *stored) Release() {
	s.source.Release(s.key)
}

// Errs lists the errors: one for each tensor that is missing or has the wrong shape.
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

// Unused lists the names, sorted, of tensors that were not asked for.
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
