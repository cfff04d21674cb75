package eval

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"cradio/radio/data"
)

// ProbeInput is what a linear probe sees of a row: columns [From, To).
type ProbeInput struct {
	Name     string `json:"name"`
	From, To int    `json:"-"`
}

// ProbeOptions are the options of FitProbe. The zero value is DINOv2's linear evaluation.
type ProbeOptions struct {
	Options
	AdamW bool // otherwise SGD with momentum 0.9
	// Rates are the learning rates to try; nil means DefaultRates. SGD takes them times Batch/256.
	Rates  []float64
	Decay  float64 // of the weights, decoupled (AdamW); SGD has none
	Epochs int     // 0 means 10
	Batch  int     // 0 means 1024; the last batch of an epoch may be smaller
	Warmup float64 // epochs in which the rate rises, before it falls along a cosine to 0
	// Inputs are what to try; nil means all columns. Each is tried with each rate.
	Inputs []ProbeInput
	Raw    bool // do not standardise the features
	Seed   uint64
	// Views is how many rows there are of each picture, one after another; an epoch takes one of them,
	// see data.View. 0 is one. Features are standardised over all.
	Views int
}

// DefaultRates are those of DINOv2: 1e-5, 2e-5, 5e-5, … 0.1.
func DefaultRates() []float64 {
	return []float64{1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1}
}

// ProbeHead is one linear classifier of a Probe.
type ProbeHead struct {
	Input ProbeInput `json:"input"`
	Rate  float64    `json:"rate"`
	First float64    `json:"first_loss"` // of the first step
	Last  float64    `json:"last_loss"`  // the mean of the last epoch
	// Diverged is the step, from 1, at which the loss ceased to be a number, or the last step if
	// the loss has ended higher than it began. 0: it has not diverged.
	Diverged int `json:"diverged,omitempty"`
}

// Probe is linear classifiers, trained side by side on the same rows.
type Probe struct {
	Classes, Width int
	Heads          []ProbeHead // inputs by rates
	Seen           []bool      // the classes that have rows in train; the others are never the answer
	Steps          int
	Scale          *Scale // nil for features as they are

	heads   [][2][]float32 // of each: weights (Classes, To−From), biases (Classes)
	options ProbeOptions
}

// Weight returns the weights (Classes, To−From) and the biases (Classes) of a head. They are for
// features standardised by Scale, if that is not nil.
func (p *Probe) Weight(head int) (weight, bias []float32) {
	return p.heads[head][0], p.heads[head][1]
}

// FitProbe trains linear classifiers on rows, each with a cross entropy loss, from weights of
// N(0, 0.01²): all inputs with all rates at once, on one read of the rows. The result is a pure
// function of rows, options and seed.
//
// Then Choose the head that answers a validation part best, and report its figures on a test part,
// which had no say.
func FitProbe(ctx context.Context, train Rows, classes int, opt ProbeOptions) (*Probe, error) {
	if err := train.check("train", classes); err != nil {
		return nil, err
	}
	if err := opt.complete(train.Len(), train.Width); err != nil {
		return nil, err
	}
	p := &Probe{Classes: classes, Width: train.Width, Seen: make([]bool, classes), options: opt}
	seen := 0
	for _, l := range train.Labels {
		if !p.Seen[l] {
			p.Seen[l] = true
			seen++
		}
	}
	if seen < 2 {
		return nil, fmt.Errorf("train has rows of %d class only: a classifier needs at least two", seen)
	}
	pool := opt.pool()
	pool.Enter()
	defer pool.Leave()
	if !opt.Raw {
		var err error
		if p.Scale, err = fitScale(train, pool); err != nil {
			return nil, err
		}
	} else if opt.Views == 1 {
		train.touch(ctx, pool)
	}
	f := newProbeFit(p, train)
	if err := f.run(ctx); err != nil {
		return nil, err
	}
	return p, f.finish()
}

// complete fills in what is 0, and checks what is not.
func (o *ProbeOptions) complete(rows, width int) error {
	if o.Rates == nil {
		o.Rates = DefaultRates()
	}
	if o.Epochs == 0 {
		o.Epochs = 10
	}
	if o.Batch == 0 {
		o.Batch = 1024
	}
	if o.Inputs == nil {
		o.Inputs = []ProbeInput{{"all", 0, width}}
	}
	o.Views = max(o.Views, 1)
	switch {
	case rows%o.Views != 0:
		return fmt.Errorf("%d rows are not %d views of each picture", rows, o.Views)
	case len(o.Rates) == 0 || slices.ContainsFunc(o.Rates, func(r float64) bool { return !(r > 0) || math.IsInf(r, 1) }):
		return fmt.Errorf("the rates are %v: must be positive numbers", o.Rates)
	case o.Epochs < 1 || o.Batch < 1:
		return fmt.Errorf("%d epochs in batches of %d: must be at least 1", o.Epochs, o.Batch)
	case !(o.Decay >= 0) || math.IsInf(o.Decay, 1):
		return fmt.Errorf("the decay is %g: must be a number from 0 on", o.Decay)
	case o.Decay > 0 && !o.AdamW:
		return errors.New("a decay is given for SGD, which has none here: take AdamW")
	case !(o.Warmup >= 0 && o.Warmup < float64(o.Epochs)):
		return fmt.Errorf("the warm-up is %g epochs: must be 0 or more, and less than the %d of the training", o.Warmup, o.Epochs)
	}
	for _, in := range o.Inputs {
		if in.From < 0 || in.From >= in.To || in.To > width {
			return fmt.Errorf("the input %s is columns %d to %d: must be some of the %d of a row", in.Name, in.From, in.To, width)
		}
	}
	return nil
}

// pictures is how many rows an epoch takes.
func (f *probeFit) pictures() int { return f.train.Len() / f.opt.Views }

// order is the order of the rows in an epoch.
func (f *probeFit) order(epoch int) []int {
	order := data.Order(f.opt.Seed, uint64(epoch), f.pictures())
	if n := f.opt.Views; n > 1 {
		for i, picture := range order {
			order[i] = n*picture + data.View(f.opt.Seed, uint64(epoch), uint64(picture), n)
		}
	}
	return order
}
