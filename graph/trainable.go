package graph

import "gorgonia.org/tensor"

// NewState returns a trainable weight of zeros: what an optimiser or a norm keeps from step
// to step, such as moments, a moving average, a sum of gradients, or running statistics.
func NewState(name string, dt tensor.Dtype, shape ...int) *Weight {
	w := NewWeight(name, newDense(dt, shape))
	w.Trainable = true
	return w
}

// Version counts the changes of the value. Devices renew what they have made of an older
// version, such as packed weights, before the next run that reads it.
//
// While a Machine writes a weight, no other may run that reads it or writes it: one
// training Machine at a time, and between its runs any others.
func (w *Weight) Version() int { return int(w.root().version.Load()) }

// Changed says that the value has been written from outside of a program. A Machine that
// writes a weight calls it too.
func (w *Weight) Changed() { w.root().version.Add(1) }

// Moves counts how often the value has come to lie in other memory: once, when a program
// first asks for a deferred weight that has become trainable.
func (w *Weight) Moves() int { return int(w.root().moves.Load()) }

// root is the weight that owns the memory.
func (w *Weight) root() *Weight {
	if w.whole != nil {
		return w.whole.root()
	}
	return w
}

// overlaps says whether one of two weights is the other, or an entry of it.
func (w *Weight) overlaps(other *Weight) bool {
	for x := w; x != nil; x = x.whole {
		if x == other {
			return true
		}
	}
	for x := other; x != nil; x = x.whole {
		if x == w {
			return true
		}
	}
	return false
}

// trainable says whether programs may write w.
func (w *Weight) trainable() bool { return w.root().Trainable }

// copied makes the value of a deferred weight a copy that may be written. The caller holds
// the lock.
func (w *Weight) copied() (*tensor.Dense, error) {
	var into []float32
	if w.dtype == tensor.Float32 {
		into = make([]float32, w.shape.TotalSize())
	}
	v, err := w.store.Load(into)
	if err != nil {
		return nil, err
	}
	if into == nil {
		v = v.Clone().(*tensor.Dense)
	} else {
		copy(into, v.Float32s()) // of itself, where the store has used it
		v = tensor.New(tensor.WithShape(w.shape.Clone()...), tensor.WithBacking(into))
	}
	w.store.Release()
	w.value, w.own = v, true
	w.moves.Add(1)
	return v, nil
}
