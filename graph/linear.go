package graph

import (
	"fmt"

	"gorgonia.org/tensor"
)

// Linear is x·wᵀ + b: x (…, In), w (Out, In), b (Out) or nil, to (…, Out).
func (b *Builder) Linear(x, w, bias *Node) *Node {
	if bias == nil {
		return b.Apply(Linear{}, x, w)
	}
	return b.Apply(Linear{Bias: true}, x, w, bias)
}

// Linear is the operation of Builder.Linear. Fusion may append an epilogue:
//
//	y = residual + scale · gelu(x·wᵀ + b)
//
// Its operands follow the bias: see Operands.
type Linear struct {
	allDiff
	Bias     bool
	GELU     bool
	Scale    bool // (Out)
	Residual bool // of the shape of the output
}

func (k Linear) String() string {
	s := "Linear"
	for _, part := range []struct {
		on   bool
		name string
	}{{k.GELU, "GELU"}, {k.Scale, "Mul"}, {k.Residual, "Add"}} {
		if part.on {
			s += "+" + part.name
		}
	}
	if !k.Bias {
		s += "{bias=false}"
	}
	return s
}

// Operands returns the positions of bias, scale and residual among the inputs, -1 for
// those that are not there, and the number of inputs.
func (k Linear) Operands() (bias, scale, residual, n int) {
	n = 2
	next := func(on bool) int {
		if !on {
			return -1
		}
		n++
		return n - 1
	}
	return next(k.Bias), next(k.Scale), next(k.Residual), n
}

func (k Linear) Shape(in []tensor.Shape) (tensor.Shape, error) {
	bias, scale, residual, n := k.Operands()
	if len(in) != n {
		return nil, fmt.Errorf("has %d inputs, want %d", len(in), n)
	}
	x, w := in[0], in[1]
	if len(x) < 2 || len(w) != 2 {
		return nil, fmt.Errorf("input is %v and weight %v, want (…, In) and (Out, In)", x, w)
	}
	if last(x) != w[1] {
		return nil, fmt.Errorf("input is %v and weight %v: the last axes differ", x, w)
	}
	out := x.Clone()
	out[len(out)-1] = w[0]
	for _, i := range []int{bias, scale} {
		if i >= 0 && !in[i].Eq(tensor.Shape{w[0]}) {
			return nil, fmt.Errorf("weight is %v and operand %d %v, want (%d)", w, i, in[i], w[0])
		}
	}
	if residual >= 0 && !in[residual].Eq(out) {
		return nil, fmt.Errorf("output is %v and residual %v", out, in[residual])
	}
	return out, nil
}

// FLOPs counts 2·rows·In·Out.
func (Linear) FLOPs(in []tensor.Shape) float64 {
	return 2 * float64(rows(in[0])) * float64(in[1].TotalSize())
}

func (k Linear) Grad(g *Builder, in []*Node, _, dy *Node) []*Node {
	grads := []*Node{
		g.Apply(LinearGradInput{}, dy, in[1]),
		g.Apply(LinearGradWeight{}, dy, in[0]),
	}
	if k.Bias {
		grads = append(grads, g.sumTo(dy, in[2]))
	}
	return grads
}

// LinearGradInput is dx = dy·w.
type LinearGradInput struct{ noDiff }

func (LinearGradInput) String() string { return "LinearGradInput" }

func (LinearGradInput) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := ranks(in, 0, 2); err != nil {
		return nil, err
	}
	out := in[0].Clone()
	out[len(out)-1] = in[1][1]
	return out, nil
}

// FLOPs counts 2·rows·In·Out.
func (LinearGradInput) FLOPs(in []tensor.Shape) float64 { return Linear{}.FLOPs(in) }

// LinearGradWeight is dw = dyᵀ·x.
type LinearGradWeight struct{ noDiff }

func (LinearGradWeight) String() string { return "LinearGradWeight" }

func (LinearGradWeight) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := ranks(in, 0, 0); err != nil {
		return nil, err
	}
	return tensor.Shape{last(in[0]), last(in[1])}, nil
}

// FLOPs counts 2·rows·In·Out.
func (LinearGradWeight) FLOPs(in []tensor.Shape) float64 {
	return 2 * float64(in[0].TotalSize()) * float64(last(in[1]))
}
