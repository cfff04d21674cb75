package train

import (
	"fmt"

	"cradio/graph"
	"cradio/radio"

	"gorgonia.org/tensor"
)

// Goal is what a head shall answer: the loss of its outputs, and how well they answer.
type Goal interface {
	// Loss adds the loss of the head's outputs y for a batch: (B, K), or tokens (B, rows·cols, K) on a
	// grid. fill writes the targets.
	Loss(g *graph.Builder, y *graph.Node, grid radio.Grid) (loss *graph.Node, fill func(m graph.Machine, r *Rows) error)
	// Meter begins an evaluation.
	Meter() Meter
	// Target describes the target of a sample for DataSum.
	Target(sample int) (any, error)
}

// Meter adds up how well outputs answer.
type Meter interface {
	// Add adds the outputs of the first n samples of a batch.
	Add(outputs []float32, grid radio.Grid, r *Rows, n int) error
	// Evaluation is of all that was added.
	Evaluation() (*Evaluation, error)
}

// scoreError is the error of an answer that is not finite.
type scoreError struct {
	sample  int // of the validation part
	picture string
	text    string
}

func (e *scoreError) Error() string {
	return fmt.Sprintf("%s, of the validation part: %s", e.picture, e.text)
}

// Rows are the samples of a batch: what the head reads, or the pictures themselves, and the dense
// targets.
type Rows struct {
	Samples []int                      // (B)
	Sources map[radio.Source][]float32 // (B, …) each; nil for a live backbone
	Pixels  []float32                  // (B, 3, H, W); nil for cached sources
	H, W    int                        // of pixels and dense targets
	Masks   []uint8                    // (B, H, W), or nil
	Depths  []float32                  // (B, H, W), metres, or nil
	Again   []int                      // rows that stand for a picture that cannot be read: an evaluation leaves them out
}

// fill writes an input of a machine: write gets its memory, or where that is no float32 a copy.
func fill(m graph.Machine, n *graph.Node, write func(values []float32)) error {
	t := m.Input(n)
	if t == nil { // nothing needs it
		return nil
	}
	if t.Dtype() == tensor.Float32 {
		write(t.Float32s())
		return nil
	}
	values := make([]float32, t.Shape().TotalSize())
	write(values)
	return m.Set(n, tensor.New(tensor.WithShape(t.Shape()...), tensor.WithBacking(values)))
}

// set writes float32 into an input of a machine.
func set(m graph.Machine, n *graph.Node, values []float32) error {
	t := m.Input(n)
	if t == nil { // nothing needs it
		return nil
	}
	if t.Dtype() == tensor.Float32 && len(values) == t.Shape().TotalSize() {
		copy(t.Float32s(), values)
		return nil
	}
	return m.Set(n, tensor.New(tensor.WithShape(t.Shape()...), tensor.WithBacking(values)))
}
