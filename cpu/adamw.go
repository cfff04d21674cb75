package cpu

import (
	"math"
	"unsafe"

	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// AdamW is a step of Adam with decoupled decay, or with Coupled of plain Adam, as PyTorch's
// torch.optim.AdamW and Adam make it. In one pass, with r = Rate[0] + Rate[1] times Factor,
// t = Step[0], and g = G·Clip[0]:
//
//	M = β1·M + (1-β1)·g        V = β2·V + (1-β2)·g²
//	W = W·(1 - r·Decay) - r/(1-β1ᵗ) · M / (√V/√(1-β2ᵗ) + Eps)
//
// It rounds as PyTorch does: in the type of the elements after each operation, with fused
// multiply-adds where PyTorch's vectors have them, so that a run on from its state has its
// bits.
// Where Clip is NaN nothing is written: see ClipFactor.
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

	now   kernel.AdamWStep[T]
	table *kernel.Table
}

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
	if unusable(op.Clip) {
		return
	}
	t, r := float64(op.Step[0]), rate(op.Rate, op.Factor)
	op.now = kernel.AdamWStep[T]{
		Rest1: T(1 - op.Beta1), Beta2: T(op.Beta2), Rest2: T(1 - op.Beta2),
		Rate: T(-r / (1 - math.Pow(op.Beta1, t))), Root: T(math.Sqrt(1 - math.Pow(op.Beta2, t))),
		Eps: T(op.Eps), Keep: T(1 - r*op.Decay), Clip: one(op.Clip),
	}
	if op.Coupled {
		op.now.Keep, op.now.Decay = 1, T(op.Decay)
	}
	op.table = tableFor[T](p)
	p.Run(pool.Blocks(len(op.W), pool.Grain), op)
}

// Do makes the step of one piece.
func (op *AdamW[T]) Do(_, i int) {
	lo, hi := pool.Span(i, pool.Grain, len(op.W))
	if k := op.table; k != nil && k.AdamW != nil {
		at := func(x []T) unsafe.Pointer { return kernel.At(x, lo) }
		k.AdamW(at(op.W), at(op.M), at(op.V), at(op.G), hi-lo, unsafe.Pointer(&op.now))
		return
	}
	s := op.now
	w := op.W[lo:hi]
	m, v, g := op.M[lo:hi][:len(w)], op.V[lo:hi][:len(w)], op.G[lo:hi][:len(w)]
	for j, x := range w {
		d := fused(x, s.Decay, T(g[j]*s.Clip))
		mean := fused(d-m[j], s.Rest1, m[j])
		square := fused(T(s.Rest2*d), d, T(v[j]*s.Beta2))
		m[j], v[j] = mean, square
		w[j] = T(x*s.Keep) + T(s.Rate*mean)/(T(T(math.Sqrt(float64(square)))/s.Root)+s.Eps)
	}
}

// fused is a·b + c, rounded once. (Of float32, in one case of some hundred million twice.)
func fused[T Float](a, b, c T) T { return T(math.FMA(float64(a), float64(b), float64(c))) }

// rate is that of a step: the sum of two numbers, times a factor.
func rate[T Float](r []T, factor float64) float64 { return (float64(r[0]) + float64(r[1])) * factor }

// unusable says that the factor of the gradients is NaN: they are not finite.
func unusable[T Float](clip []T) bool { return clip != nil && clip[0] != clip[0] }

// one is the number in x, 1 where there is none.
func one[T Float](x []T) T {
	if x == nil {
		return 1
	}
	return x[0]
}
