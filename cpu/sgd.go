package cpu

import "cradio/cpu/internal/pool"

// SGD is a step of gradient descent as PyTorch's torch.optim.SGD makes it. In one pass, with
// r = Rate[0] + Rate[1] times Factor, and g = G·Clip[0]:
//
//	d = g + Decay·W
//	B = Momentum·B + d        d = B, with Nesterov d = d + Momentum·B
//	W = W - r·d
//
// It rounds as PyTorch does: see AdamW.
type SGD[T Float] struct {
	W, B     []T // written; B is nil without Momentum
	G        []T
	Rate     []T // two numbers
	Clip     []T // one, or nil for 1
	Momentum float64
	Decay    float64
	Factor   float64
	Nesterov bool

	now sgdStep[T]
}

// sgdStep are the numbers of one step; rate is negative.
type sgdStep[T Float] struct{ rate, clip, decay, momentum T }

// Check reports fields that contradict one another.
func (op *SGD[T]) Check() error {
	c := checking("SGD")
	n := len(op.W)
	if op.Momentum == 0 {
		c.length("B", len(op.B), 0)
	} else {
		c.length("B", len(op.B), n)
	}
	c.length("G", len(op.G), n)
	c.length("Rate", len(op.Rate), 2)
	if op.Clip != nil {
		c.length("Clip", len(op.Clip), 1)
	}
	return c.err
}

// Run makes the step. Where Clip is NaN nothing is written: see ClipFactor.
func (op *SGD[T]) Run(p *Pool) {
	if unusable(op.Clip) {
		return
	}
	op.now = sgdStep[T]{T(-rate(op.Rate, op.Factor)), one(op.Clip), T(op.Decay), T(op.Momentum)}
	p.Run(pool.Blocks(len(op.W), pool.Grain), op)
}

// Do makes the step of one piece.
func (op *SGD[T]) Do(_, i int) {
	lo, hi := pool.Span(i, pool.Grain, len(op.W))
	s := op.now
	w := op.W[lo:hi]
	g := op.G[lo:hi][:len(w)]
	if op.Momentum == 0 {
		for j, x := range w {
			d := fused(x, s.decay, T(g[j]*s.clip))
			w[j] = fused(d, s.rate, x)
		}
		return
	}
	b := op.B[lo:hi][:len(w)]
	for j, x := range w {
		d := fused(x, s.decay, T(g[j]*s.clip))
		v := T(b[j]*s.momentum) + d
		b[j] = v
		if op.Nesterov {
			v = fused(v, s.momentum, d)
		}
		w[j] = fused(v, s.rate, x)
	}
}
