package graph

import (
	"fmt"
	"slices"

	"gorgonia.org/tensor"
)

// Join puts tensors (…, Dᵢ) with the same leading axes beside each other along their last
// axis: (…, ΣDᵢ). The result for one tensor is that tensor.
func (b *Builder) Join(xs ...*Node) *Node {
	if len(xs) == 1 {
		return xs[0]
	}
	return b.Apply(Join{}, xs...)
}

// Join is the operation of Builder.Join.
type Join struct {
	allDiff
	noProducts
}

func (Join) String() string { return "Join" }

func (Join) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if len(in) == 0 || len(in[0]) == 0 {
		return nil, fmt.Errorf("has inputs %v, want tensors (…, D)", in)
	}
	out := in[0].Clone()
	lead := out[:len(out)-1]
	for _, s := range in[1:] {
		if len(s) != len(out) || !slices.Equal(s[:len(s)-1], lead) {
			return nil, fmt.Errorf("%v with %v: axes before the last differ", in[0], s)
		}
		out[len(out)-1] += last(s)
	}
	return out, nil
}

func (Join) Grad(g *Builder, in []*Node, _, dy *Node) []*Node {
	grads := make([]*Node, len(in))
	from := 0
	for i, x := range in {
		to := from + last(x.Shape())
		grads[i] = g.Columns(dy, from, to)
		from = to
	}
	return grads
}

// Columns is x (…, D) without what is outside of [from, to) along its last axis.
func (b *Builder) Columns(x *Node, from, to int) *Node {
	return b.Apply(Columns{From: from, To: to}, x)
}

// Columns is the operation of Builder.Columns.
type Columns struct {
	allDiff
	noProducts
	From, To int
}

func (k Columns) String() string { return fmt.Sprintf("Columns{%d:%d}", k.From, k.To) }

func (k Columns) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := ranks(in, 0); err != nil {
		return nil, err
	}
	if k.From < 0 || k.From >= k.To || k.To > last(in[0]) {
		return nil, fmt.Errorf("columns %d to %d of %v do not exist", k.From, k.To, in[0])
	}
	out := in[0].Clone()
	out[len(out)-1] = k.To - k.From
	return out, nil
}

func (k Columns) Grad(g *Builder, in []*Node, _, dy *Node) []*Node {
	return []*Node{g.Apply(ColumnsGrad{From: k.From, Of: last(in[0].Shape())}, dy)}
}

// ColumnsGrad puts its input into columns From on of Of, between zeros.
type ColumnsGrad struct {
	noDiff
	noProducts
	From, Of int
}

func (k ColumnsGrad) String() string { return fmt.Sprintf("ColumnsGrad{%d,%d}", k.From, k.Of) }

func (k ColumnsGrad) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := ranks(in, 0); err != nil {
		return nil, err
	}
	out := in[0].Clone()
	out[len(out)-1] = k.Of
	return out, nil
}
