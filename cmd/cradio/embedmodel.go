package main

import (
	"context"
	"sync"

	"cradio/radio"
)

// opened is the model of a run, with its identity.
type opened struct {
	*radio.Model
	identity func() (string, error) // waits until it is computed
	stop     func()
}

// identified starts to compute the identity of a model, while forward passes run.
func identified(ctx context.Context, m *radio.Model) *opened {
	ctx, cancel := context.WithCancel(ctx)
	o := &opened{Model: m}
	o.identity = sync.OnceValues(func() (string, error) { return m.Identity(ctx) })
	var done sync.WaitGroup
	done.Go(func() { o.identity() })
	o.stop = func() { cancel(); done.Wait() }
	return o
}

// now returns the identity of the model. It is an error if the files have changed since they
// were opened.
func (o *opened) now() (string, error) {
	id, err := o.identity()
	if err == nil {
		err = o.Unchanged()
	}
	return id, err
}
