package cpu

import (
	"unsafe"

	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

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

	now   kernel.SGDStep[T]
	table *kernel.Table
}

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
	op.now = kernel.SGDStep[T]{Rate: T(-rate(op.Rate, op.Factor)), Clip: one(op.Clip), Decay: T(op.Decay), Momentum: T(op.Momentum)}
	op.table = tableFor[T](p)
	p.Run(pool.Blocks(len(op.W), pool.Grain), op)
}

// Do makes the step of one piece.
func (op *SGD[T]) Do(_, i int) {
	lo, hi := pool.Span(i, pool.Grain, len(op.W))
	if k := op.table; k != nil && k.SGD[op.kind()] != nil {
		k.SGD[op.kind()](kernel.At(op.W, lo), kernel.At(op.B, lo), kernel.At(op.G, lo), hi-lo, unsafe.Pointer(&op.now))
		return
	}
	s := op.now
	w := op.W[lo:hi]
	g := op.G[lo:hi][:len(w)]
	if op.Momentum == 0 {
		for j, x := range w {
			d := fused(x, s.Decay, T(g[j]*s.Clip))
			w[j] = fused(d, s.Rate, x)
		}
		return
	}
	b := op.B[lo:hi][:len(w)]
	for j, x := range w {
		d := fused(x, s.Decay, T(g[j]*s.Clip))
		v := T(b[j]*s.Momentum) + d
		b[j] = v
		if op.Nesterov {
			v = fused(v, s.Momentum, d)
		}
		w[j] = fused(v, s.Rate, x)
	}
}

// kind is the index of kernel.Table.SGD.
func (op *SGD[T]) kind() int {
	switch {
	case op.Momentum == 0:
		return 0
	case op.Nesterov:
		return 2
	}
	return 1
}
