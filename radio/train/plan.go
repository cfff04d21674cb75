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
	Threads    int64   `json:"threads_bytes"`     // what the threads of the device work in
	Loading    int64   `json:"loading_bytes"`     // batches that are loaded ahead
	Evaluation int64   `json:"evaluation_bytes"`  // of answering the validation part
	Garbage    int64   `json:"garbage_bytes"`     // between two collections; see Run.GCPercent
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
		if d, ok := program.Device().(graph.ThreadedDevice); ok {
			p.Threads = d.ThreadBytes()
		}
		if i == 0 {
			p.FLOPs = program.FLOPs() * float64(o.Batches())
		}
	}
	if t, ok := r.Task.(interface {
		EvaluationBytes() (int64, error)
		LoadingBytes(batch int) int64
	}); ok {
		var err error
		p.Loading = t.LoadingBytes(r.Options.Batch)
		if p.Evaluation, err = t.EvaluationBytes(); err != nil {
			return nil, err
		}
	}
	live := p.Weights + p.Optimizer + p.Arena + p.Packed + p.Threads + p.Loading + p.Evaluation
	p.Garbage = max(int64(garbagePart*float64(live)), garbageBytes)
	p.Peak = live + p.Garbage
	return p, nil
}

// The garbage that a run may leave between two collections: a part of what is live, but no less than
// garbageBytes, below which collections would be too frequent.
const (
	garbagePart  = 0.04
	garbageBytes = 16 << 20
)

// GCPercent is the percentage of debug.SetGCPercent that keeps a run near its peak. Its live memory is few
// large pieces, which are fast to collect; by Go's own 100 % garbage would grow to as much again.
func (p *Plan) GCPercent() int {
	return int(min(100, 100*float64(p.Garbage)/float64(p.Peak-p.Garbage)))
}

// String is the plan in words.
func (p *Plan) String() string {
	return fmt.Sprintf("%d steps of %d samples; %s parameters are trained (%s, and %s for the optimiser); %s of activations and gradients, %s of frozen weights, %s of threads, %s of batches, %s to evaluate, %s of garbage; peak %s",
		p.Steps, p.BatchSize*p.Accumulate, thousands(p.Trained), graph.Bytes(p.Weights), graph.Bytes(p.Optimizer), graph.Bytes(p.Arena), graph.Bytes(p.Packed), graph.Bytes(p.Threads), graph.Bytes(p.Loading), graph.Bytes(p.Evaluation), graph.Bytes(p.Garbage), graph.Bytes(p.Peak))
}

// thousands formats a count: "85,798,656".
func thousands(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
