package train

import (
	"context"
	"iter"

	"cradio/graph"
	"cradio/radio"
	"cradio/radio/augment"
	"cradio/radio/data"
)

// Pictures are Inputs that a backbone sees anew in each step, each time as the Loader's policy draws
// them.
type Pictures struct {
	Loader *augment.Loader // but for Batches
	Sums   []string        // identify the pictures
	// Forward adds the backbone to a graph: pixels (B, 3, H, W) to the sources.
	Forward func(g *graph.Builder, pixels *graph.Node, sources []radio.Source, training bool) (*Built, error)
	// Skip is told of each picture that cannot be read, once; or nil. Another one of its batch takes its
	// place.
	Skip func(picture string, err error)

	told map[string]bool
}

// Len implements Inputs.
func (p *Pictures) Len() int { return len(p.Loader.Samples) }

// Name implements Inputs.
func (p *Pictures) Name(sample int) string { return p.Loader.Samples[sample].Picture }

// Sum implements Inputs.
func (p *Pictures) Sum(sample int) any { return p.Sums[sample] }

// Build implements Inputs.
func (p *Pictures) Build(g *graph.Builder, batch int, sources []radio.Source, training bool) (*Built, error) {
	size := p.Loader.Policy.Size
	pixels := g.Input("pixels", batch, 3, size[0], size[1])
	if err := g.Err(); err != nil {
		return nil, err
	}
	b, err := p.Forward(g, pixels, sources, training)
	if err != nil {
		return nil, err
	}
	b.Fill = func(m graph.Machine, r *Rows) error { return set(m, pixels, r.Pixels) }
	return b, g.Err()
}

// Rows implements Inputs.
func (p *Pictures) Rows(ctx context.Context, order *data.Batches, first, last int) iter.Seq2[*Batch, error] {
	p.Loader.Batches = order
	return func(yield func(*Batch, error) bool) {
		for b, err := range p.Loader.Steps(ctx, first, last) {
			if err != nil {
				yield(nil, err)
				return
			}
			p.tell(b.Skipped)
			rows := &Rows{Samples: b.Samples, Pixels: b.Pixels, H: p.Loader.Policy.Size[0], W: p.Loader.Policy.Size[1], Masks: b.Masks, Depths: b.Depths, Again: b.Again}
			if !yield(&Batch{Epoch: b.Epoch, Samples: b.Samples, Data: rows}, nil) {
				return
			}
		}
	}
}

// tell tells of pictures that cannot be read.
func (p *Pictures) tell(skipped []data.Skipped) {
	for _, s := range skipped {
		if p.Skip == nil || p.told[s.Path] {
			continue
		}
		if p.told == nil {
			p.told = map[string]bool{}
		}
		p.told[s.Path] = true
		p.Skip(s.Path, s.Err)
	}
}

// LoadingBytes implements Inputs.
func (p *Pictures) LoadingBytes(batch int) int64 { return p.Loader.Bytes(batch) }
