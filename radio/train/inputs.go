package train

import (
	"context"
	"iter"

	"cradio/graph"
	"cradio/radio"
	"cradio/radio/data"
)

// Inputs gives a head what it reads, of a part of the data.
type Inputs interface {
	Len() int
	Name(sample int) string
	// Sum identifies the pictures and how they were prepared.
	Sum(sample int) any
	// Build adds the inputs of a batch. With training the backbone's trainable weights have gradients,
	// and drop path is on.
	Build(g *graph.Builder, batch int, sources []radio.Source, training bool) (*Built, error)
	// Rows loads batches ahead of their use. Those of a partial batch are as many as it has.
	Rows(ctx context.Context, order *data.Batches, first, last int) iter.Seq2[*Batch, error]
	// LoadingBytes is the memory of the batches that Rows has at a time.
	LoadingBytes(batch int) int64
}

// Built are the sources of a head in a graph.
type Built struct {
	Sources map[radio.Source]*graph.Node
	Grid    radio.Grid
	Masks   []Mask
	Fill    func(m graph.Machine, r *Rows) error
}
