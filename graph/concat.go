package graph

import (
	"fmt"

	"gorgonia.org/tensor"
)

// Prefix adds the same tokens (P, D) before those of each batch entry of x
// (B, T, D). The result is (B, P+T, D).
func (b *Builder) Prefix(tokens, x *Node) *Node { return b.Apply(Concat{Broadcast: true}, tokens, x) }

// Concat joins x (B, S, D) and y (B, T, D) to (B, S+T, D). y may also be B·G
// groups of T/G tokens, as Groups makes them.
func (b *Builder) Concat(x, y *Node) *Node { return b.Apply(Concat{}, x, y) }

// Concat is the operation of Builder.Concat and Prefix. Fusion may add a third input, a
// table (T, D), which is added to the second.
type Concat struct {
	allDiff
	noProducts
	Broadcast bool // the first input is (P, D), the same for each batch entry
	Sum       bool // there is a table
}

func (k Concat) String() string {
	switch {
	case k.Sum:
		return "Add+Prefix"
	case k.Broadcast:
		return "Prefix"
	}
	return "Concat"
}

// Sizes returns the batch, the tokens of the two inputs in each batch entry, and the width.
func (k Concat) Sizes(in []tensor.Shape) (batch, first, second, dim int) {
	x, y := in[0], in[1]
	batch = y[0]
	if !k.Broadcast {
		batch = x[0]
	}
	return batch, x[len(x)-2], y[0] * y[1] / batch, y[2]
}

func (k Concat) Shape(in []tensor.Shape) (tensor.Shape, error) {
	axes := 3
	if k.Broadcast {
		axes = 2
	}
	want := []int{axes, 3}
	if k.Sum {
		want = append(want, 0)
	}
	if err := ranks(in, want...); err != nil {
		return nil, err
	}
	batch, first, second, dim := k.Sizes(in)
	if last(in[0]) != dim || batch*second != in[1][0]*in[1][1] {
		return nil, fmt.Errorf("%v with %v: widths or batches differ", in[0], in[1])
	}
	return tensor.Shape{batch, first + second, dim}, nil
}

func (k Concat) Grad(g *Builder, in []*Node, _, dy *Node) []*Node {
	_, first, _, _ := k.Sizes([]tensor.Shape{in[0].Shape(), in[1].Shape()})
	d := g.Slice(dy, 0, first)
	if k.Broadcast {
		d = g.sumTo(d, in[0])
	}
	return []*Node{d, g.Groups(dy, first, in[1].Shape()[1])}
}
