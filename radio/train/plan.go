package train

import (
	"fmt"

	"cradio/graph"
	"cradio/radio/optim"
)

// Plan is what a run will take.
type Plan struct {
	Samples    int     `json:"samples"`
	Steps      int     `json:"steps"`
	Trained    int     `json:"trained_parameters"`
	Weights    int64   `json:"trained_bytes"`     // of the trained parameters
	Optimizer  int64   `json:"optimizer_bytes"`   // moments, sums, running means
	Arena      int64   `json:"activations_bytes"` // activations, gradients and inputs of a step
	Packed     int64   `json:"packed_bytes"`      // of frozen weights, in the kernels' layout
	Evaluation int64   `json:"evaluation_bytes"`  // of answering the validation part
	Peak       int64   `json:"peak_bytes"`        // all of these together
	FLOPs      float64 `json:"flops_per_step"`
	BatchSize  int     `json:"batch"`
	Accumulate int     `json:"accumulate"`
}

// plan adds up what programs of a step need.
func (r *Run) plan(o *optim.Optimizer, steps int, programs ...*graph.Program) (*Plan, error) {
	p := &Plan{Samples: r.Task.Samples(), Steps: steps, Optimizer: o.Bytes(), BatchSize: r.Options.Batch, Accumulate: o.Batches()}
	for _, w := range r.Task.Weights() {
		n := w.Shape().TotalSize()
		p.Trained += n
		p.Weights += int64(n) * int64(w.Dtype().Size())
	}
	for i, program := range programs {
		p.Arena += int64(program.ArenaBytes())
		p.Packed = max(p.Packed, int64(program.PackedBytes()))
		if i == 0 {
			p.FLOPs = program.FLOPs() * float64(o.Batches())
		}
	}
	if t, ok := r.Task.(interface{ EvaluationBytes() (int64, error) }); ok {
		var err error
		if p.Evaluation, err = t.EvaluationBytes(); err != nil {
			return nil, err
		}
	}
	p.Peak = p.Weights + p.Optimizer + p.Arena + p.Packed + p.Evaluation
	return p, nil
}

// String is the plan in words.
func (p *Plan) String() string {
	return fmt.Sprintf("%d steps of %d samples; %s parameters are trained (%s, and %s for the optimiser); %s of activations and gradients, %s of frozen weights, %s to evaluate; peak %s",
		p.Steps, p.BatchSize*p.Accumulate, thousands(p.Trained), graph.Bytes(p.Weights), graph.Bytes(p.Optimizer), graph.Bytes(p.Arena), graph.Bytes(p.Packed), graph.Bytes(p.Evaluation), graph.Bytes(p.Peak))
}

// thousands formats a count: "85,798,656".
func thousands(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
