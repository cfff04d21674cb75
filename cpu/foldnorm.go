package cpu

import (
	"math"

	"cradio/cpu/internal/pool"
)

// FoldNorm folds a BatchNorm at inference into the Linear that follows it: with
// s = Scale/√(Var + Eps),
//
//	weight = W·diag(s)    bias = Bias + W·(Shift - Mean·s)
//
// in float64, each element rounded once. It computes what is not nil of OutWeight and OutBias.
type FoldNorm[T Float] struct {
	OutWeight []T // (Out, C), or nil
	OutBias   []T // (Out), or nil
	W         []T // (Out, C)
	Bias      []T // (Out), or nil
	Mean, Var []T // (C); Mean may be nil without OutBias
	Scale     []T // (C), or nil for 1
	Shift     []T // (C), or nil for 0
	Out, C    int
	Eps       float64
}

// Check reports fields that contradict one another.
func (op *FoldNorm[T]) Check() error {
	c := checking("FoldNorm")
	c.length("W", len(op.W), op.Out, op.C)
	c.length("Var", len(op.Var), op.C)
	for name, x := range map[string][]T{"Scale": op.Scale, "Shift": op.Shift, "Mean": op.Mean} {
		if x != nil || name == "Mean" && op.OutBias != nil {
			c.length(name, len(x), op.C)
		}
	}
	if op.OutWeight != nil {
		c.length("OutWeight", len(op.OutWeight), op.Out, op.C)
	}
	if op.OutBias != nil {
		c.length("OutBias", len(op.OutBias), op.Out)
	}
	if op.Bias != nil {
		c.length("Bias", len(op.Bias), op.Out)
	}
	return c.err
}

// Run computes the two.
func (op *FoldNorm[T]) Run(p *Pool) { p.Run(pool.Blocks(op.Out, pool.PerTask(op.C)), op) }

// Do computes some rows.
func (op *FoldNorm[T]) Do(_, i int) {
	lo, hi := pool.Span(i, pool.PerTask(op.C), op.Out)
	for r := lo; r < hi; r++ {
		w := op.W[r*op.C:][:op.C]
		sum := 0.0
		if op.Bias != nil {
			sum = float64(op.Bias[r])
		}
		for c, v := range w {
			s := 1 / math.Sqrt(float64(op.Var[c])+op.Eps)
			if op.Scale != nil {
				s *= float64(op.Scale[c])
			}
			if op.OutWeight != nil {
				op.OutWeight[r*op.C+c] = T(float64(v) * s)
			}
			if op.OutBias != nil {
				shift := -float64(op.Mean[c]) * s
				if op.Shift != nil {
					shift += float64(op.Shift[c])
				}
				sum += float64(v) * shift
			}
		}
		if op.OutBias != nil {
			op.OutBias[r] = T(sum)
		}
	}
}
