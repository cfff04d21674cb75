package graph

import (
	"fmt"

	"cradio/cpu"

	"gorgonia.org/tensor"
)

// Linear is x·wᵀ + b: x (…, In), w (Out, In), b (Out) or nil, to (…, Out).
func (b *Builder) Linear(x, w, bias *Node) *Node {
	if bias == nil {
		return b.Apply(linear{}, x, w)
	}
	return b.Apply(linear{bias: true}, x, w, bias)
}

// linear is the plain operation; fuse adds an epilogue to it.
type linear struct {
	allDiff
	bias bool
	epilogue
}

// epilogue is what fuse appends to a linear, computed while its output is in
// cache: y = residual + scale·gelu(x·wᵀ + b). Its operands follow the bias.
type epilogue struct{ gelu, scale, residual bool }

func (k linear) String() string {
	s := "Linear"
	for _, part := range []struct {
		on   bool
		name string
	}{{k.gelu, "GELU"}, {k.scale, "Mul"}, {k.residual, "Add"}} {
		if part.on {
			s += "+" + part.name
		}
	}
	if !k.bias {
		s += "{bias=false}"
	}
	return s
}

// operands gives the positions of bias, scale and residual among the inputs,
// -1 for those that are not there, and the number of inputs.
func (k linear) operands() (bias, scale, residual, n int) {
	n = 2
	next := func(on bool) int {
		if !on {
			return -1
		}
		n++
		return n - 1
	}
	return next(k.bias), next(k.scale), next(k.residual), n
}

func (k linear) Shape(in []tensor.Shape) (tensor.Shape, error) {
	bias, scale, residual, n := k.operands()
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

func (k linear) Bind(a *Args) (Runner, error) {
	return typed(k, a, bindLinear[float32], bindLinear[float64])
}

func bindLinear[T cpu.Float](k linear, a *Args) Runner {
	bias, scale, residual, _ := k.operands()
	optional := func(i int) []T {
		if i < 0 {
			return nil
		}
		return in[T](a, i)
	}
	return &cpu.Linear[T]{
		Y: out[T](a), X: in[T](a, 0), W: matrix[T](a, 1), Rows: rows(a.In[0].Shape()), Tokens: tokens(a.In[0].Shape()),
		Bias: optional(bias), GELU: k.gelu, Scale: optional(scale), Residual: optional(residual),
	}
}

// tokens is how many rows of x (B, T, D) belong together: those of an image, which has
// one in x (B, D).
func tokens(x tensor.Shape) int {
	if len(x) < 3 {
		return 1
	}
	return x[len(x)-2]
}

// Packs: the weight.
func (linear) Packs() int { return 1 }

// InPlace: the output may take the memory of the residual.
func (k linear) InPlace() int {
	_, _, residual, _ := k.operands()
	return residual
}

func (k linear) Grad(g *Builder, in []*Node, _, dy *Node) []*Node {
	grads := []*Node{
		g.Apply(linearGradInput{}, dy, in[1]),
		g.Apply(linearGradWeight{}, dy, in[0]),
	}
	if k.bias {
		grads = append(grads, g.sumTo(dy, in[2]))
	}
	return grads
}

// linearGradInput is dx = dy·w.
type linearGradInput struct{ noDiff }

func (linearGradInput) String() string { return "LinearGradInput" }

func (linearGradInput) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := ranks(in, 0, 2); err != nil {
		return nil, err
	}
	out := in[0].Clone()
	out[len(out)-1] = in[1][1]
	return out, nil
}

func (linearGradInput) Scratch(in []tensor.Shape, _ int) int {
	return cpu.MatMulScratch(rows(in[0]), in[1][1], in[1][0], false, false)
}

func (k linearGradInput) Bind(a *Args) (Runner, error) {
	return typed(k, a, bindLinearGradInput[float32], bindLinearGradInput[float64])
}

func bindLinearGradInput[T cpu.Float](_ linearGradInput, a *Args) Runner {
	w := a.In[1].Shape()
	return &cpu.MatMul[T]{
		C: out[T](a), A: in[T](a, 0), B: in[T](a, 1), Scratch: scratch[T](a),
		M: rows(a.In[0].Shape()), N: w[1], K: w[0], Tokens: tokens(a.In[0].Shape()),
	}
}

// linearGradWeight is dw = dyᵀ·x.
type linearGradWeight struct{ noDiff }

func (linearGradWeight) String() string { return "LinearGradWeight" }

func (linearGradWeight) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := ranks(in, 0, 0); err != nil {
		return nil, err
	}
	return tensor.Shape{last(in[0]), last(in[1])}, nil
}

func (linearGradWeight) Scratch(in []tensor.Shape, _ int) int {
	return cpu.MatMulScratch(last(in[0]), last(in[1]), rows(in[0]), true, false)
}

func (k linearGradWeight) Bind(a *Args) (Runner, error) {
	return typed(k, a, bindLinearGradWeight[float32], bindLinearGradWeight[float64])
}

func bindLinearGradWeight[T cpu.Float](_ linearGradWeight, a *Args) Runner {
	dy, x := a.In[0].Shape(), a.In[1].Shape()
	return &cpu.MatMul[T]{
		C: out[T](a), A: in[T](a, 0), B: in[T](a, 1), Scratch: scratch[T](a), TransA: true,
		M: last(dy), N: last(x), K: rows(dy),
	}
}
