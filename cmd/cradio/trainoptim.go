package main

import (
	"cmp"
	"math"
	"slices"

	"cradio/radio/optim"

	"github.com/spf13/cobra"
)

// optimFlags are the options of train that describe how weights change.
type optimFlags struct {
	optimizer  string
	rate       float64
	decay      float64
	decayAll   bool
	momentum   float64
	nesterov   bool
	betas      []float64
	eps        float64
	clip       float64
	ema        float64
	accumulate int
	layerDecay float64
	headFactor float64

	schedule   string
	warmup     float64
	warmupFrom float64
	lowest     float64
	power      float64
	stepEpochs float64
	stepFactor float64
}

// The defaults of AdamW's and Adam's numbers, those of optim.Options.
var standardBetas = []float64{0.9, 0.999}

const standardEps = 1e-8

func (f *optimFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.optimizer, "optimizer", string(optim.AdamW), "adamw, adam or sgd")
	flags.Float64Var(&f.rate, "rate", 0, "learning rate (default 0.001; 0.0001 if the model is trained)")
	flags.Float64Var(&f.decay, "decay", 0, "weight decay (default 0; 0.05 if the model is trained)")
	flags.BoolVar(&f.decayAll, "decay-all", false, "decay biases, norms and tokens too")
	flags.Float64Var(&f.momentum, "momentum", 0.9, "momentum of sgd")
	flags.BoolVar(&f.nesterov, "nesterov", false, "Nesterov's momentum, of sgd")
	flags.Float64SliceVar(&f.betas, "betas", standardBetas, "decay rates of the moments of adamw and adam")
	flags.Float64Var(&f.eps, "eps", standardEps, "what adamw and adam add to the root of the second moment")
	flags.StringVar(&f.schedule, "schedule", string(optim.Cosine), "how the rate changes: constant, cosine, linear, poly, step, one-cycle")
	flags.Float64Var(&f.warmup, "warmup", 0.05, "part of the steps in which the rate rises; one-cycle has its own")
	flags.Float64Var(&f.warmupFrom, "warmup-from", 0, "factor of the rate at the first step of the warm-up (default 1 / its steps)")
	flags.Float64Var(&f.lowest, "lowest", 0, "factor of the rate at the end of cosine")
	flags.Float64Var(&f.power, "power", 1, "exponent of poly")
	flags.Float64Var(&f.stepEpochs, "step-epochs", 0, "epochs after which step multiplies the rate by --step-factor, again and again (default a third of --epochs)")
	flags.Float64Var(&f.stepFactor, "step-factor", 0.1, "factor of the rate of step")
	flags.Float64Var(&f.clip, "clip", 0, "norm to which gradients are clipped (default none; 1 if the model is trained)")
	flags.Float64Var(&f.ema, "ema", 0, "running mean of the weights, such as 0.999: it is what is evaluated and written")
	flags.IntVar(&f.accumulate, "accumulate", 1, "batches whose gradients are added up for a step; BatchNorm sees each alone")
	flags.Float64Var(&f.layerDecay, "layer-decay", 0, "factor of the rate for each block below the head (default 1; 0.75 with --blocks)")
	flags.Float64Var(&f.headFactor, "head-rate", 0, "factor of the head's rate (default 1; 10 if the model is trained)")
	complete(cmd, "optimizer", string(optim.AdamW), string(optim.Adam), string(optim.SGD))
	complete(cmd, "schedule", string(optim.Constant), string(optim.Cosine), string(optim.Linear), string(optim.Poly), string(optim.Step), string(optim.OneCycle))
}

// ownedBy are the flags that belong to one value of another flag.
var ownedBy = []struct {
	flag, of string
	values   []string
}{
	{"momentum", "optimizer", []string{string(optim.SGD)}},
	{"nesterov", "optimizer", []string{string(optim.SGD)}},
	{"betas", "optimizer", []string{string(optim.AdamW), string(optim.Adam)}},
	{"eps", "optimizer", []string{string(optim.AdamW), string(optim.Adam)}},
	{"lowest", "schedule", []string{string(optim.Cosine)}},
	{"power", "schedule", []string{string(optim.Poly)}},
	{"step-epochs", "schedule", []string{string(optim.Step)}},
	{"step-factor", "schedule", []string{string(optim.Step)}},
}

// check returns an error for flags that cannot be combined.
func (f *optimFlags) check(cmd *cobra.Command) error {
	changed := cmd.Flags().Changed
	for _, o := range ownedBy {
		if value := cmd.Flags().Lookup(o.of).Value.String(); changed(o.flag) && !slices.Contains(o.values, value) {
			return usage(cmd, "--%s is of --%s %s", o.flag, o.of, o.values[0])
		}
	}
	cycle := f.schedule == string(optim.OneCycle)
	switch {
	case f.warmup < 0 || f.warmup >= 1:
		return usage(cmd, "--warmup %g: must be at least 0 and below 1", f.warmup)
	case cycle && (changed("warmup") || changed("warmup-from")):
		return usage(cmd, "--warmup: --schedule %s has a warm-up of its own", f.schedule)
	case len(f.betas) != 2:
		return usage(cmd, "--betas %v: want two numbers, such as 0.9,0.999", f.betas)
	case !(f.betas[0] > 0 && f.betas[1] > 0) || !(f.eps > 0):
		return usage(cmd, "--betas %v, --eps %g: must be above 0", f.betas, f.eps)
	case changed("power") && !(f.power > 0), changed("step-factor") && !(f.stepFactor > 0):
		return usage(cmd, "--power %g, --step-factor %g: must be above 0", f.power, f.stepFactor)
	case changed("step-epochs") && !(f.stepEpochs > 0):
		return usage(cmd, "--step-epochs %g: must be above 0", f.stepEpochs)
	case f.accumulate < 1:
		return usage(cmd, "--accumulate %d: must be at least 1", f.accumulate)
	}
	return nil
}

// options are what the flags ask for. trained says that the model is trained, and layers that blocks of it
// are; epoch is the number of steps of an epoch, which need not be whole.
func (f *optimFlags) options(cmd *cobra.Command, trained, layers bool, epochs, epoch float64) optim.Options {
	changed := cmd.Flags().Changed
	pick := func(name string, given, frozen, otherwise float64) float64 {
		switch {
		case changed(name):
			return given
		case trained:
			return otherwise
		}
		return frozen
	}
	byLayer := 0.0
	if layers {
		byLayer = 0.75
	}
	o := optim.Options{
		Kind: optim.Kind(f.optimizer), Rate: pick("rate", f.rate, 1e-3, 1e-4), Decay: pick("decay", f.decay, 0, 0.05), DecayAll: f.decayAll,
		Clip: pick("clip", f.clip, 0, 1), EMA: f.ema, Accumulate: f.accumulate,
		LayerDecay: pick("layer-decay", f.layerDecay, 0, byLayer), HeadFactor: pick("head-rate", f.headFactor, 0, 10),
		Schedule: optim.Schedule{Curve: optim.Curve(f.schedule), From: f.warmupFrom},
	}
	if o.Kind == optim.SGD {
		o.Momentum, o.Nesterov = f.momentum, f.nesterov
	}
	// What is as by default is left out, so that a run goes on whether it was asked for or not.
	if !slices.Equal(f.betas, standardBetas) {
		o.Beta1, o.Beta2 = f.betas[0], f.betas[1]
	}
	if f.eps != standardEps {
		o.Eps = f.eps
	}
	s := &o.Schedule
	switch s.Curve {
	case optim.Cosine:
		s.Low = f.lowest
	case optim.Poly:
		if f.power != 1 {
			s.Power = f.power
		}
	case optim.Step:
		s.Every = max(1, int(math.Round(cmp.Or(f.stepEpochs, epochs/3)*epoch)))
		s.Gamma = f.stepFactor
	}
	if s.Curve != optim.OneCycle {
		s.Warmup = int(f.warmup * epochs * epoch)
	}
	return o
}
