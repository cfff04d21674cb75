package graph

import (
	"fmt"

	"cradio/cpu"

	"gorgonia.org/tensor"
)

// Prefix adds the same tokens (P, D) before those of each batch entry of x
// (B, T, D). The result is (B, P+T, D).
func (b *Builder) Prefix(tokens, x *Node) *Node { return b.Apply(concat{broadcast: true}, tokens, x) }

// Concat joins x (B, S, D) and y (B, T, D) to (B, S+T, D). y may also be B·G
// groups of T/G tokens, as Groups makes them.
func (b *Builder) Concat(x, y *Node) *Node { return b.Apply(concat{}, x, y) }

// concat is the plain operation; fuse may add a table (T, D) to y, which follows it.
type concat struct {
	allDiff
	broadcast, sum bool
}

func (k concat) String() string {
	switch {
	case k.sum:
		return "Add+Prefix"
	case k.broadcast:
		return "Prefix"
	}
	return "Concat"
}

// sizes are the batch, the tokens of the two inputs in each entry, and the width.
func (k concat) sizes(in []tensor.Shape) (batch, first, second, dim int) {
	x, y := in[0], in[1]
	batch = y[0]
	if !k.broadcast {
		batch = x[0]
	}
	return batch, x[len(x)-2], y[0] * y[1] / batch, y[2]
}

func (k concat) Shape(in []tensor.Shape) (tensor.Shape, error) {
	axes := 3
	if k.broadcast {
		axes = 2
	}
	want := []int{axes, 3}
	if k.sum {
		want = append(want, 0)
	}
	if err := ranks(in, want...); err != nil {
		return nil, err
	}
	batch, first, second, dim := k.sizes(in)
	if last(in[0]) != dim || batch*second != in[1][0]*in[1][1] {
		return nil, fmt.Errorf("%v with %v: widths or batches differ", in[0], in[1])
	}
	return tensor.Shape{batch, first + second, dim}, nil
}

func (k concat) Bind(a *Args) (Runner, error) {
	return typed(k, a, bindConcat[float32], bindConcat[float64])
}

func bindConcat[T cpu.Float](k concat, a *Args) Runner {
	batch, first, second, dim := k.sizes([]tensor.Shape{a.In[0].Shape(), a.In[1].Shape()})
	op := &cpu.Concat[T]{
		Y: out[T](a), A: in[T](a, 0), B: in[T](a, 1), BroadcastA: k.broadcast,
		Batch: batch, ARows: first, BRows: second, Dim: dim,
	}
	if k.sum {
		op.Sum = in[T](a, 2)
	}
	return op
}

func (k concat) Grad(g *Builder, in []*Node, _, dy *Node) []*Node {
	_, first, _, _ := k.sizes([]tensor.Shape{in[0].Shape(), in[1].Shape()})
	d := g.Slice(dy, 0, first)
	if k.broadcast {
		d = g.sumTo(d, in[0])
	}
	return []*Node{d, g.Groups(dy, first, in[1].Shape()[1])}
}
