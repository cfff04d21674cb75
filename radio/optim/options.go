package optim

import (
	"fmt"
	"math"
)

// Kind is the rule by which weights change.
type Kind string

// The rules; the empty string is AdamW.
const (
	AdamW Kind = "adamw" // decay apart from the gradient, as PyTorch's
	Adam  Kind = "adam"  // decay added to the gradient
	SGD   Kind = "sgd"
)

// Kinds lists the rules.
func Kinds() []Kind { return []Kind{AdamW, Adam, SGD} }

// Options are those of an optimiser. The zero value of each field but Rate is a sensible default.
type Options struct {
	Kind  Kind    `json:"kind,omitempty"`
	Rate  float64 `json:"rate"`            // the base rate; each step's is Rate × Schedule.Factor × the weight's factor
	Decay float64 `json:"decay,omitempty"` // of weights; see Group

	Beta1 float64 `json:"beta1,omitempty"` // of AdamW and Adam; 0 means 0.9
	Beta2 float64 `json:"beta2,omitempty"` // 0 means 0.999
	Eps   float64 `json:"eps,omitempty"`   // 0 means 1e-8

	Momentum float64 `json:"momentum,omitempty"` // of SGD
	Nesterov bool    `json:"nesterov,omitempty"` // of SGD, with Momentum

	// Clip bounds the norm of all gradients together: where it is larger, they are scaled down. 0
	// does not.
	Clip float64 `json:"clip,omitempty"`
	// Accumulate adds up the gradients of so many batches before a step, which then has their
	// mean. It equals one large batch to rounding, but for BatchNorm, whose statistics are those of
	// each small batch. 0 means 1.
	Accumulate int `json:"accumulate,omitempty"`
	// EMA keeps a running mean of the weights, mean = EMA·mean + (1 - EMA)·weight. 0 keeps none.
	EMA float64 `json:"ema,omitempty"`

	// LayerDecay multiplies the rate by itself for each layer between a weight and the head, as BEiT
	// and MAE do. 0 means 1.
	LayerDecay float64 `json:"layer_decay,omitempty"`
	// HeadFactor multiplies the rate of the head's weights. 0 means 1.
	HeadFactor float64 `json:"head_factor,omitempty"`
	// DecayAll also decays biases, norms and tokens.
	DecayAll bool `json:"decay_all,omitempty"`

	Schedule Schedule `json:"schedule"`
}

// Check returns an error for options that make no sense.
func (o Options) Check() error {
	within := func(name string, v, low, high float64) error {
		if !(v >= low && v < high) { // also NaN
			return fmt.Errorf("%s is %g: must be at least %g and below %g", name, v, low, high)
		}
		return nil
	}
	for _, err := range []error{
		within("the weight decay", o.Decay, 0, math.Inf(1)),
		within("beta 1", o.Beta1, 0, 1), within("beta 2", o.Beta2, 0, 1), within("eps", o.Eps, 0, math.Inf(1)),
		within("the momentum", o.Momentum, 0, 1), within("the norm to clip at", o.Clip, 0, math.Inf(1)),
		within("the factor of the running mean", o.EMA, 0, 1), within("the head's factor of the rate", o.HeadFactor, 0, math.Inf(1)),
	} {
		if err != nil {
			return err
		}
	}
	switch {
	case !(o.Rate > 0) || math.IsInf(o.Rate, 1):
		return fmt.Errorf("the rate is %g: must be positive and finite", o.Rate)
	case !(o.LayerDecay >= 0 && o.LayerDecay <= 1):
		return fmt.Errorf("the decay of the rate a layer is %g: must be above 0 and at most 1", o.LayerDecay)
	case o.Accumulate < 0:
		return fmt.Errorf("gradients of %d batches are added up: must be at least 1", o.Accumulate)
	}
	switch o.Kind {
	case "", AdamW, Adam:
		if o.Momentum != 0 || o.Nesterov {
			return fmt.Errorf("momentum is of %s; %s has betas", SGD, o.kind())
		}
	case SGD:
		if o.Beta1 != 0 || o.Beta2 != 0 || o.Eps != 0 {
			return fmt.Errorf("betas and eps are of %s; %s has a momentum", AdamW, SGD)
		}
		if o.Nesterov && o.Momentum == 0 {
			return fmt.Errorf("the step of Nesterov needs a momentum, such as 0.9")
		}
	default:
		return fmt.Errorf("the optimiser is %q, want one of %v", string(o.Kind), Kinds())
	}
	return o.Schedule.Check()
}

// RateAt is the rate at step t = 0, 1, …, before the factors of single weights.
func (o Options) RateAt(t int) float64 { return o.Rate * o.Schedule.Factor(t) }

func (o Options) kind() Kind {
	if o.Kind == "" {
		return AdamW
	}
	return o.Kind
}

// or is v, or where that is 0 its default.
func or(v, standard float64) float64 {
	if v == 0 {
		return standard
	}
	return v
}

func (o Options) beta1() float64 { return or(o.Beta1, 0.9) }
func (o Options) beta2() float64 { return or(o.Beta2, 0.999) }
func (o Options) eps() float64   { return or(o.Eps, 1e-8) }

// Batches is how many batches make a step.
func (o Options) Batches() int { return max(1, o.Accumulate) }
