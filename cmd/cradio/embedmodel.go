package main

import (
	"context"
	"fmt"
	"sync"

	"cradio/radio"
	"cradio/radio/image"
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

// suits refuses a processor that makes of no image a size that the model takes: once, and
// not for each image anew.
func suits(c radio.Config, p *image.Processor, model string) error {
	if !p.DoResize && !p.DoCenterCrop {
		return nil // images keep their sizes
	}
	h, w := p.Size(3000, 4000)
	tall, short := p.Size(4000, 3000)
	var err error
	switch {
	case h == tall && w == short: // every image becomes this size
		err = c.CheckSize(h, w)
	case h == short && h%c.Step() != 0:
		err = fmt.Errorf("the shorter side of every image becomes %d pixels: height and width must be multiples of %d", h, c.Step())
	}
	if err == nil {
		return nil
	}
	h, w = c.NearestSize(h, w)
	return fmt.Errorf("%s: no image can have a size that the model takes after its preprocessor (preprocessor_config.json, or preferred_resolution of config.json): "+
		"%w; give --size, such as --size %dx%d", shown(model), err, h, w)
}
