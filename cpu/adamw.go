package cpu

import (
	"math"

	"cradio/cpu/internal/pool"
)

// AdamW is a step of Adam with decoupled decay, or with Coupled of plain Adam, as PyTorch's
// torch.optim.AdamW and Adam make it. In one pass, with r = Rate[0] + Rate[1] times Factor,
// t = Step[0], and g = G·Clip[0]:
//
//	M = β1·M + (1-β1)·g        V = β2·V + (1-β2)·g²
//	W = W·(1 - r·Decay) - r/(1-β1ᵗ) · M / (√V/√(1-β2ᵗ) + Eps)
//
// It is computed in float64, and rounded where it is stored.
type AdamW[T Float] struct {
	W, M, V      []T // written
	G            []T
	Rate         []T // two numbers
	Step         []T // one, from 1
	Clip         []T // one, or nil for 1
	Beta1, Beta2 float64
	Eps, Decay   float64
	Factor       float64
	Coupled      bool

	now adamStep
}

// adamStep are the numbers of one step.
type adamStep struct{ beta1, rest1, beta2, rest2, rate, root, eps, keep, coupled, clip float64 }

// Check reports fields that contradict one another.
func (op *AdamW[T]) Check() error {
	c := checking("AdamW")
	n := len(op.W)
	c.length("M", len(op.M), n)
	c.length("V", len(op.V), n)
	c.length("G", len(op.G), n)
	c.length("Rate", len(op.Rate), 2)
	c.length("Step", len(op.Step), 1)
	if op.Clip != nil {
		c.length("Clip", len(op.Clip), 1)
	}
	return c.err
}

// Run makes the step.
func (op *AdamW[T]) Run(p *Pool) {
	t, r := float64(op.Step[0]), rate(op.Rate, op.Factor)
	op.now = adamStep{
		beta1: op.Beta1, rest1: 1 - op.Beta1, beta2: op.Beta2, rest2: 1 - op.Beta2,
		rate: r / (1 - math.Pow(op.Beta1, t)), root: 1 / math.Sqrt(1-math.Pow(op.Beta2, t)),
		eps: op.Eps, keep: 1 - r*op.Decay, clip: one(op.Clip),
	}
	if op.Coupled {
		op.now.keep, op.now.coupled = 1, op.Decay
	}
	p.Run(pool.Blocks(len(op.W), pool.Grain), op)
}

// Do makes the step of one piece.
func (op *AdamW[T]) Do(_, i int) {
	lo, hi := pool.Span(i, pool.Grain, len(op.W))
	s := op.now
	w := op.W[lo:hi]
	m, v, g := op.M[lo:hi][:len(w)], op.V[lo:hi][:len(w)], op.G[lo:hi][:len(w)]
	for j, old := range w {
		x := float64(old)
		d := float64(g[j])*s.clip + s.coupled*x
		mean := s.beta1*float64(m[j]) + s.rest1*d
		square := s.beta2*float64(v[j]) + s.rest2*d*d
		m[j], v[j] = T(mean), T(square)
		w[j] = T(x*s.keep - s.rate*mean/(math.Sqrt(square)*s.root+s.eps))
	}
}

// rate is that of a step: the sum of two numbers, times a factor.
func rate[T Float](r []T, factor float64) float64 { return (float64(r[0]) + float64(r[1])) * factor }

// one is the number in x, 1 where there is none.
func one[T Float](x []T) float64 {
	if x == nil {
		return 1
	}
	return float64(x[0])
}
