package optim

import (
	"fmt"
	"math"
)

// Curve is how the rate changes after the warm-up.
type Curve string

// The schedules; the empty string is Constant.
const (
	Constant Curve = "constant"
	Cosine   Curve = "cosine"    // half a cosine from 1 to Low at Total
	Linear   Curve = "linear"    // from 1 to 0 at Total
	Poly     Curve = "poly"      // (1 - part of the way to Total)^Power
	Step     Curve = "step"      // times Gamma after Every steps, and again
	OneCycle Curve = "one-cycle" // PyTorch's OneCycleLR: up for 30 % of the steps, then down, both by half a cosine
)

// Curves lists the schedules.
func Curves() []Curve { return []Curve{Constant, Cosine, Linear, Poly, Step, OneCycle} }

// Schedule gives the factor of the base rate at each step. The zero value is the factor 1.
type Schedule struct {
	Curve Curve `json:"curve,omitempty"`
	// Total is the number of steps, at which the curve ends. Constant and Step need none.
	Total int `json:"total,omitempty"`
	// Warmup is over how many steps the factor rises to 1, before the curve. OneCycle has
	// its own.
	Warmup int `json:"warmup,omitempty"`
	// From is the factor of the first step of the warm-up; it reaches 1 at step Warmup - 1, as in
	// mmsegmentation. 0 means 1/Warmup.
	From float64 `json:"from,omitempty"`
	// FromZero warms up as Hugging Face does: step t has t/Warmup. The first step changes nothing.
	FromZero bool `json:"from_zero,omitempty"`

	Low   float64 `json:"low,omitempty"`   // of Cosine: the last factor
	Power float64 `json:"power,omitempty"` // of Poly; 0 means 1
	Every int     `json:"every,omitempty"` // of Step
	Gamma float64 `json:"gamma,omitempty"` // of Step; 0 means 0.1
}

// Factors of OneCycle, PyTorch's defaults: the part of the steps that rise, the first factor as a
// divisor, and what the first is divided by for the last.
const (
	cycleRise  = 0.3
	cycleFirst = 25
	cycleLast  = 1e4
)

// Check returns an error for a schedule that makes no sense.
func (s Schedule) Check() error {
	switch {
	case s.Warmup < 0 || s.Total < 0:
		return fmt.Errorf("the schedule has %d steps and a warm-up of %d: must not be negative", s.Total, s.Warmup)
	case s.From < 0 || s.From > 1 || math.IsNaN(s.From):
		return fmt.Errorf("the warm-up starts at %g of the rate: must be 0 to 1", s.From)
	case s.From > 0 && s.FromZero:
		return fmt.Errorf("the warm-up starts at %g and at 0; choose one", s.From)
	case s.Low < 0 || s.Low > 1 || math.IsNaN(s.Low):
		return fmt.Errorf("the last factor of the rate is %g: must be 0 to 1", s.Low)
	case s.Power < 0 || s.Gamma < 0 || math.IsNaN(s.Power+s.Gamma) || math.IsInf(s.Power+s.Gamma, 1):
		return fmt.Errorf("the schedule has power %g and gamma %g: must be positive and finite", s.Power, s.Gamma)
	}
	switch s.Curve {
	case "", Constant:
		return nil
	case Step:
		if s.Every < 1 {
			return fmt.Errorf("schedule %s: every %d steps: must be at least 1", s.Curve, s.Every)
		}
		return nil
	case OneCycle:
		if s.Warmup > 0 {
			return fmt.Errorf("schedule %s has a warm-up of its own; leave out the warm-up of %d steps", s.Curve, s.Warmup)
		}
		if s.Total < 4 { // with fewer, the rise has no step
			return fmt.Errorf("schedule %s has %d steps: must be at least 4", s.Curve, s.Total)
		}
		return nil
	case Cosine, Linear, Poly:
		if s.Total <= s.Warmup {
			return fmt.Errorf("schedule %s has %d steps, of which the warm-up takes %d; make the warm-up shorter", s.Curve, s.Total, s.Warmup)
		}
		return nil
	}
	return fmt.Errorf("schedule is %q, want one of %v", string(s.Curve), Curves())
}

// Factor is what the base rate is multiplied by at step t = 0, 1, … . Beyond Total it stays at
// its last value.
func (s Schedule) Factor(t int) float64 {
	if s.Curve == OneCycle {
		return s.cycle(t)
	}
	if t < s.Warmup {
		return s.warm(t)
	}
	if s.Curve == Step {
		return math.Pow(s.gamma(), float64((t-s.Warmup)/s.Every))
	}
	x := min(1, float64(t-s.Warmup)/float64(max(1, s.Total-s.Warmup))) // the part of the way to the end
	switch s.Curve {
	case Cosine:
		return s.Low + (1-s.Low)*halfCosine(x)
	case Linear:
		return 1 - x
	case Poly:
		return math.Pow(1-x, s.power())
	}
	return 1
}

func (s Schedule) warm(t int) float64 {
	switch {
	case s.FromZero:
		return float64(t) / float64(s.Warmup)
	case s.Warmup == 1:
		return 1
	case s.From == 0:
		return float64(t+1) / float64(s.Warmup)
	}
	return s.From + (1-s.From)*float64(t)/float64(s.Warmup-1)
}

func (s Schedule) cycle(t int) float64 {
	t = min(t, s.Total-1)
	top := cycleRise*float64(s.Total) - 1 // not a whole number, as in PyTorch
	from, to, x := 1/float64(cycleFirst), 1.0, float64(t)/top
	if float64(t) > top {
		from, to, x = 1, 1/(cycleFirst*cycleLast), (float64(t)-top)/(float64(s.Total-1)-top)
	}
	return to + (from-to)*halfCosine(x)
}

// halfCosine falls from 1 at 0 to 0 at 1.
func halfCosine(x float64) float64 { return (1 + math.Cos(math.Pi*x)) / 2 }

func (s Schedule) power() float64 {
	if s.Power == 0 {
		return 1
	}
	return s.Power
}

func (s Schedule) gamma() float64 {
	if s.Gamma == 0 {
		return 0.1
	}
	return s.Gamma
}
