package train

import (
	"context"
	"iter"

	"cradio/graph"
	"cradio/radio/data"
	"cradio/radio/eval"
)

// Task is what a run trains, and on what. A Run asks it for graphs and batches, and does the rest.
type Task interface {
	// Samples is the number of training samples.
	Samples() int
	// Name names a sample in messages, by the path of its picture.
	Name(sample int) string
	// Sum identifies the training data; see DataSum.
	Sum() string

	// Weights are those that are trained. Buffers are what else a step changes: running statistics.
	Weights() []*graph.Weight
	Buffers() []*graph.Weight
	// Depth is the number of the backbone's blocks, for rates by layer.
	Depth() int

	// Build adds the forward pass and the loss of a batch of so many samples to a graph.
	Build(g *graph.Builder, batch int) (*Graph, error)
	// Batches loads the batches of an order, from number first to before number last, ahead of
	// their use.
	Batches(ctx context.Context, order *data.Batches, first, last int) iter.Seq2[*Batch, error]

	// Evaluate answers the validation part with the weights as they are. It is nil without one.
	Evaluate(ctx context.Context) (*Evaluation, error)
	// Export writes what was trained into a folder, ready to be used.
	Export(ctx context.Context, dir string, best *Best) error
}

// Graph is the forward pass of a training step.
type Graph struct {
	Loss    *graph.Node   // (1)
	Updates []*graph.Node // running statistics
	Masks   []Mask
	// Fill writes the inputs of a batch, but for the masks.
	Fill func(m graph.Machine, b *Batch) error
}

// Mask is an input (B, …) that drops: each of its elements is 0 with probability Drop, else 1.
type Mask struct {
	Node *graph.Node
	Name string // unique in the graph; the random numbers depend on it
	Drop float64
}

// Batch is the samples of one step, or of a part of one.
type Batch struct {
	Epoch   uint64
	Samples []int
	Data    any // for Graph.Fill
}

// Evaluation is how well the validation part was answered.
type Evaluation struct {
	Figure    string // the main one of Metrics
	Lower     bool   // a lower figure is better
	Metrics   map[string]float64
	Confusion *eval.Confusion // of classes, or nil
	Classes   []string
}

// better says whether the evaluation is better than the best so far.
func (e *Evaluation) better(best *Best) bool {
	v := e.Metrics[e.Figure]
	switch {
	case v != v:
		return false
	case best == nil:
		return true
	case e.Lower:
		return v < best.Value
	}
	return v > best.Value
}
