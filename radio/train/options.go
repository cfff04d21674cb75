package train

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"time"

	"cradio/graph"
	"cradio/radio/data"
	"cradio/radio/optim"
)

// Options are what the numbers of a run depend on, beside its data. A checkpoint holds them, and a
// run with others does not resume it.
type Options struct {
	Epochs    float64         `json:"epochs"`
	Batch     int             `json:"batch"` // samples of a batch; see optim.Options.Accumulate
	Seed      uint64          `json:"seed"`
	EvalEvery int             `json:"eval_every,omitempty"` // epochs from one evaluation to the next; 0 means 1
	Optim     optim.Options   `json:"optim"`
	Task      json.RawMessage `json:"task,omitempty"` // the task's own
}

// Check returns an error for options that make no sense. The optimiser's are checked with the run,
// which knows the number of steps.
func (o Options) Check() error {
	switch {
	case !(o.Epochs > 0) || o.Epochs > 1e6:
		return fmt.Errorf("epochs are %g: must be above 0 and at most a million", o.Epochs)
	case o.Batch < 1:
		return fmt.Errorf("the batch size is %d: must be at least 1", o.Batch)
	case o.EvalEvery < 0:
		return fmt.Errorf("an evaluation every %d epochs: must be at least 1", o.EvalEvery)
	}
	return nil
}

// settle checks the options of a run on so many samples, and sets the order of the samples and the number
// of steps. It returns the options of the optimiser, with the length of the schedule.
func (s *session) settle(o Options, samples int) (optim.Options, error) {
	if err := o.Check(); err != nil {
		return o.Optim, err
	}
	if samples > 0 && o.Batch > samples {
		return o.Optim, fmt.Errorf("the batch size is %d, and there are only %d samples to train on: must be at most that", o.Batch, samples)
	}
	s.order = &data.Batches{Samples: samples, Size: o.Batch, Seed: o.Seed}
	if err := s.order.Check(); err != nil {
		return o.Optim, err
	}
	s.steps = max(1, int(math.Ceil(o.Epochs*float64(s.order.Steps())/float64(o.Optim.Batches()))))
	if o.Optim.Schedule.Total == 0 {
		o.Optim.Schedule.Total = s.steps
	}
	return o.Optim, o.Optim.Check()
}

// Run is a run of training. Only Task, Options and Out are needed.
type Run struct {
	Task    Task
	Options Options

	// Out is the folder of what is written: checkpoints/, metrics.jsonl, curves.png, confusion.png
	// and what the Task exports. It is made if it is not there.
	Out string
	// Resume goes on from the last checkpoint in Out. Without it Out must have none.
	Resume bool
	// Target is what the steps are compiled for; the zero value is the default device.
	Target graph.Target
	// Every is the time between two checkpoints, 0 means 5 minutes. There is one after every step whose
	// number EverySteps divides (0: none), and at the end of each epoch with an evaluation, too.
	Every      time.Duration
	EverySteps int

	Log      *slog.Logger   // nil is slog.Default()
	Progress func(Progress) // is told after each step; or nil
	Planned  func(*Plan)    // is told before the first step; or nil
	// GCPercent, where not nil, is called with Plan.GCPercent before the first step, and at the end with
	// what it has returned. A program that does little else gives debug.SetGCPercent: without it garbage
	// may take as much memory again as the plan says.
	GCPercent func(percent int) (before int)
}

// Progress is where a run stands.
type Progress struct {
	Step, Steps int // done, in all
	Epoch       float64
	Loss        float64 // running mean
	Rate        float64 // of the step that was done
	Norm        float64 // of its gradients, before clipping
	Images      float64 // a second
	Left        time.Duration
	Evaluation  *Evaluation // if there was one after this step
}

// Result is what a run came to.
type Result struct {
	Steps   int
	Loss    float64 // running mean at the end
	Best    *Best   // nil without a validation part
	Last    *Evaluation
	Records []Record
	Seconds float64 // of all runs together
}

func (r *Run) log() *slog.Logger {
	if r.Log == nil {
		return slog.Default()
	}
	return r.Log
}
