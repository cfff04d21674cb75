package graph

import (
	"fmt"
	"sync"
	"sync/atomic"

	"gorgonia.org/tensor"
)

// Weight is a named tensor. It is independent of any graph: the graphs for all input
// sizes share it. The zero value is a missing weight. It is safe for concurrent use.
type Weight struct {
	Name string // the path in the model, "blocks.3.attn.qkv.weight"
	// Trainable says that programs may write the weight: see Update. Set it before the
	// weight is used. No device freezes a trainable weight, whatever its options: other
	// weights of the same program stay packed. An entry (see Index) is as trainable as the
	// whole.
	Trainable bool

	shape tensor.Shape
	dtype tensor.Dtype
	store Store   // nil for a weight in memory
	whole *Weight // of which this is an entry, or nil
	entry int

	version atomic.Int64 // how often the values have changed
	moves   atomic.Int64 // how often they have moved to other memory

	fetching sync.Mutex // while a Holder copies the value

	mu      sync.Mutex
	holder  Holder // or nil: the value is in main memory
	value   *tensor.Dense
	of      *tensor.Dense // the value of whole that the value is a part of
	own     bool          // the value is a copy that programs may write
	entries map[int]*Weight
}

// Store loads the value of a deferred Weight.
type Store interface {
	// Load returns the value, with the shape and type of the Weight. If it has to
	// allocate, it may use the memory of into instead.
	Load(into []float32) (*tensor.Dense, error)
	// Release may free the memory of the value, which is not needed for now. Load can
	// load it again.
	Release()
}

// NewWeight returns a weight in memory. It uses value itself, whose elements may change.
// value must be row-major; see RowMajor. With a nil value the weight is missing.
func NewWeight(name string, value *tensor.Dense) *Weight {
	if value == nil {
		return &Weight{Name: name}
	}
	return &Weight{Name: name, shape: value.Shape().Clone(), dtype: value.Dtype(), value: value}
}

// DeferWeight returns a weight that is loaded when its value is first needed. A program
// with packed weights may never need the value.
func DeferWeight(name string, dt tensor.Dtype, shape tensor.Shape, store Store) *Weight {
	return &Weight{Name: name, shape: shape, dtype: dt, store: store}
}

// Shape returns the shape of the value, or nil if the weight is missing.
func (w *Weight) Shape() tensor.Shape { return w.shape }

// Dtype returns the type of the value's elements.
func (w *Weight) Dtype() tensor.Dtype { return w.dtype }

// Value returns the tensor itself. A deferred tensor may be a read-only mapping of a
// file, unless the weight is trainable: then it is a copy in memory. It is an error if the
// tensor is not row-major, or if its shape has changed. A value that a device has written is
// fetched first: whoever writes the tensor asks for it anew each time, and calls Changed.
func (w *Weight) Value() (*tensor.Dense, error) {
	if w.whole != nil {
		return w.part()
	}
	if err := w.Home(); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.value != nil && (w.own || !w.Trainable || w.store == nil) {
		if err := fits(w.value, w.shape, w.dtype); err != nil {
			return nil, fmt.Errorf("weight %q %w", w.Name, err)
		}
		return w.value, nil
	}
	if w.store == nil {
		return nil, fmt.Errorf("weight %q is missing", w.Name)
	}
	if w.Trainable {
		return w.copied()
	}
	v, err := w.store.Load(nil)
	if err == nil {
		w.value = v
	}
	return v, err
}

// Read returns the value for a short time: it is valid until into, whose memory it may
// take, is used for something else. The caller releases it.
func (w *Weight) Read(into []float32) (*tensor.Dense, error) {
	w.mu.Lock()
	known := w.value != nil || w.store == nil || w.Trainable
	w.mu.Unlock()
	if known {
		return w.Value()
	}
	return w.store.Load(into)
}

// Release frees a deferred value. It is loaded again when it is next needed. Tensors that
// Value has returned stay valid. The value of a weight that was trainable stays.
func (w *Weight) Release() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.store != nil && !w.own {
		w.value = nil
		w.store.Release()
	}
}

// Index returns entry i of a weight's first axis, which shares its memory. It is always
// the same Weight.
func (w *Weight) Index(i int) (*Weight, error) {
	s := w.shape
	if len(s) < 2 || i < 0 || i >= s[0] {
		return nil, fmt.Errorf("%s is %v: it has no entry %d", w.Name, s, i)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if e, ok := w.entries[i]; ok {
		return e, nil
	}
	e := &Weight{Name: fmt.Sprintf("%s[%d]", w.Name, i), shape: s[1:].Clone(), dtype: w.dtype, whole: w, entry: i}
	if w.entries == nil {
		w.entries = map[int]*Weight{}
	}
	w.entries[i] = e
	return e, nil
}

// part is the value of an entry: always the same tensor, as long as the value of the whole is.
func (w *Weight) part() (*tensor.Dense, error) {
	all, err := w.whole.Value()
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.of == all {
		return w.value, nil
	}
	n := w.shape.TotalSize()
	var backing any
	if all.Dtype() == tensor.Float64 {
		backing = all.Float64s()[w.entry*n : (w.entry+1)*n]
	} else {
		backing = all.Float32s()[w.entry*n : (w.entry+1)*n]
	}
	w.value, w.of = tensor.New(tensor.WithShape(w.shape.Clone()...), tensor.WithBacking(backing)), all
	return w.value, nil
}
