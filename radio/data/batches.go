package data

import (
	"fmt"
	"sync"
)

// Batches says which samples each step of a training takes. Every epoch has all samples in another
// random order. The samples of a step depend on the fields and the number of the step only, so the
// position in the data is that number: a run that is resumed at step 700 goes on with At(700).
type Batches struct {
	Samples int    // in an epoch
	Size    int    // samples of a step
	Seed    uint64 // of the order
	// Partial keeps the last samples of an epoch if they do not fill a step. Otherwise they are left
	// out, others in each epoch, so that all steps have Size samples.
	Partial bool
	// InOrder takes the samples in their order, as an evaluation does.
	InOrder bool

	mu    sync.Mutex
	epoch uint64
	order []int // of epoch
}

// Check returns an error if there is no step.
func (b *Batches) Check() error {
	switch {
	case b.Size < 1:
		return fmt.Errorf("the batch size is %d: must be at least 1", b.Size)
	case b.Samples < 1:
		return fmt.Errorf("there are %d samples: want at least 1", b.Samples)
	case b.Steps() == 0:
		return fmt.Errorf("the batch size is %d, and there are %d samples: must be at most that", b.Size, b.Samples)
	}
	return nil
}

// Steps returns the steps of an epoch.
func (b *Batches) Steps() int {
	if b.Partial {
		return (b.Samples + b.Size - 1) / b.Size
	}
	return b.Samples / b.Size
}

// At returns the epoch of a step, from 0, and the samples of the step. Several goroutines may call
// it at once. The samples must not be changed.
func (b *Batches) At(step int) (epoch uint64, samples []int) {
	steps := b.Steps()
	epoch = uint64(step / steps)
	first := step % steps * b.Size
	return epoch, b.orderOf(epoch)[first:min(first+b.Size, b.Samples)]
}

// orderOf returns the samples of an epoch in their order. It keeps that of the last epoch.
func (b *Batches) orderOf(epoch uint64) []int {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.order != nil && (b.epoch == epoch || b.InOrder) {
		return b.order
	}
	b.epoch, b.order = epoch, Order(b.Seed, epoch, b.Samples)
	if b.InOrder {
		for i := range b.order {
			b.order[i] = i
		}
	}
	return b.order
}
