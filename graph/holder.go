package graph

import (
	"fmt"

	"gorgonia.org/tensor"
)

// Holder is where the value of a trainable weight may be in place of main memory: a device that has
// written it.
type Holder interface {
	// Fetch copies the value of w, which has no whole, to a tensor in main memory.
	Fetch(w *Weight, to *tensor.Dense) error
}

// HeldBy says that h has changed the value, in memory of its own. What lies in main memory is an older
// value, until Value or Home fetches the new one. It counts as a change: see Version.
func (w *Weight) HeldBy(h Holder) {
	root := w.root()
	root.mu.Lock()
	root.holder = h
	root.mu.Unlock()
	root.Changed()
}

// Holder is where the value is, nil if it is in main memory.
func (w *Weight) Holder() Holder {
	root := w.root()
	root.mu.Lock()
	defer root.mu.Unlock()
	return root.holder
}

// Home brings the value to main memory, if a Holder has it. Who runs programs on main memory calls it
// before each run; Value does it too.
func (w *Weight) Home() error {
	root := w.root()
	if root.Holder() == nil {
		return nil
	}
	root.fetching.Lock()
	defer root.fetching.Unlock()
	h := root.Holder()
	if h == nil {
		return nil // somebody else was first
	}
	root.mu.Lock()
	to := root.value // there is one: a Holder has begun with it
	root.mu.Unlock()
	if err := h.Fetch(root, to); err != nil {
		return fmt.Errorf("weight %q is on %v: %w", root.Name, h, err)
	}
	root.mu.Lock()
	defer root.mu.Unlock()
	root.holder = nil
	return nil
}

// Whole is the weight that owns the memory: w itself, or that of which it is an entry. offset is where w
// begins in it, in elements.
func (w *Weight) Whole() (whole *Weight, offset int) {
	for w.whole != nil {
		offset += w.entry * w.shape.TotalSize()
		w = w.whole
	}
	return w, offset
}
