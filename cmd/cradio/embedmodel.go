package main

import (
	"context"
	"sync"

	"cradio/radio"
)

// opened is the model of a run, and what tells it from others.
type opened struct {
	*radio.Model
	identity func() (string, error) // waits for it
	stop     func()
}

// identified begins to compute the identity of a model, beside the forward passes.
func identified(ctx context.Context, m *radio.Model) *opened {
	ctx, cancel := context.WithCancel(ctx)
	o := &opened{Model: m}
	o.identity = sync.OnceValues(func() (string, error) { return m.Identity(ctx) })
	var done sync.WaitGroup
	done.Go(func() { o.identity() })
	o.stop = func() { cancel(); done.Wait() }
	return o
}

// now is the identity of the model, as long as its files are still those that were opened.
func (o *opened) now() (string, error) {
	id, err := o.identity()
	if err == nil {
		err = o.Unchanged()
	}
	return id, err
}
