package train

import (
	"context"
	"fmt"
	"iter"

	"cradio/graph"
	"cradio/radio"
	"cradio/radio/data"
)

// Cached are Inputs whose sources were computed before, and do not change.
type Cached struct {
	Names []string // of the pictures
	Sums  []string // identify the pictures
	// Shapes are those of the sources, without the batch; Grid is that of their tokens.
	Shapes map[radio.Source][]int
	Grid   radio.Grid
	// Views is how many views there are of each sample; an epoch sees one of them, see data.View. 0 is
	// one. Seed is that of the choice.
	Views int
	Seed  uint64
	// Copy writes a source of a view of a sample into to.
	Copy func(to []float32, sample, view int, s radio.Source) error
	// Dense reads the mask or the depths of a view of a sample into row `at` of r. nil: there are none. H
	// and W are their size, pixels.
	Dense func(r *Rows, at, sample, view int) error
	H, W  int
}

// Len implements Inputs.
func (c *Cached) Len() int { return len(c.Names) }

// Name implements Inputs.
func (c *Cached) Name(sample int) string { return c.Names[sample] }

// Sum implements Inputs.
func (c *Cached) Sum(sample int) any { return c.Sums[sample] }

// Build implements Inputs.
func (c *Cached) Build(g *graph.Builder, batch int, sources []radio.Source, _ bool) (*Built, error) {
	b := &Built{Sources: map[radio.Source]*graph.Node{}, Grid: c.Grid}
	for _, s := range sources {
		shape, ok := c.Shapes[s]
		if !ok {
			return nil, fmt.Errorf("the head reads %s, which was not computed", s)
		}
		b.Sources[s] = g.Input(string(s), append([]int{batch}, shape...)...)
	}
	b.Fill = func(m graph.Machine, r *Rows) error {
		for s, n := range b.Sources {
			if err := set(m, n, r.Sources[s]); err != nil {
				return err
			}
		}
		return nil
	}
	return b, g.Err()
}

// rowsAhead is how many batches are read before they are needed. Beside them one is being read, and one is
// in use.
const rowsAhead = 2

// LoadingBytes implements Inputs.
func (c *Cached) LoadingBytes(batch int) int64 {
	each := int64(0)
	for _, shape := range c.Shapes {
		n := int64(4) // bytes of a number
		for _, k := range shape {
			n *= int64(k)
		}
		each += n
	}
	if c.Dense != nil {
		each += int64(c.H) * int64(c.W)
	}
	return (rowsAhead + 2) * int64(batch) * each
}

// Rows implements Inputs.
func (c *Cached) Rows(ctx context.Context, order *data.Batches, first, last int) iter.Seq2[*Batch, error] {
	return func(yield func(*Batch, error) bool) {
		type read struct {
			batch *Batch
			err   error
		}
		ready := make(chan read, rowsAhead)
		ctx, cancel := context.WithCancel(ctx)
		defer func() { // who stops may close the store: nothing is read from it any more
			cancel()
			for range ready { // until the reader has ended
			}
		}()
		go func() {
			defer close(ready)
			for step := first; step < last && ctx.Err() == nil; step++ {
				b, err := c.read(order, step)
				select {
				case ready <- read{b, err}:
				case <-ctx.Done():
					return
				}
				if err != nil {
					return
				}
			}
		}()
		for range last - first {
			select {
			case r, ok := <-ready:
				if !ok { // the reader was told first
					yield(nil, ctx.Err())
					return
				}
				if !yield(r.batch, r.err) || r.err != nil {
					return
				}
			case <-ctx.Done():
				yield(nil, ctx.Err())
				return
			}
		}
	}
}

// read reads the batch of a step.
func (c *Cached) read(order *data.Batches, step int) (*Batch, error) {
	epoch, samples := order.At(step)
	r := &Rows{Samples: samples, Sources: map[radio.Source][]float32{}, H: c.H, W: c.W}
	views := make([]int, len(samples))
	for i, sample := range samples {
		views[i] = data.View(c.Seed, epoch, uint64(sample), c.Views)
	}
	for s, shape := range c.Shapes {
		each := 1
		for _, n := range shape {
			each *= n
		}
		values := make([]float32, len(samples)*each)
		for i, sample := range samples {
			if err := c.Copy(values[i*each:][:each], sample, views[i], s); err != nil {
				return nil, fmt.Errorf("%s: %w", c.Names[sample], err)
			}
		}
		r.Sources[s] = values
	}
	if c.Dense != nil {
		for i, sample := range samples {
			if err := c.Dense(r, i, sample, views[i]); err != nil {
				return nil, err
			}
		}
	}
	return &Batch{Epoch: epoch, Samples: samples, Data: r}, nil
}
