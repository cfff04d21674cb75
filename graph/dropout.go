package graph

import (
	"fmt"

	"gorgonia.org/tensor"
)

// Dropout is x · mask / (1 - p): mask is 0 for what is dropped, with probability p, and 1 for what is
// kept. It has the axes of x, each of x's size or of 1: for x (B, T, D), (B, T, D) drops elements,
// (B, 1, D) channels (torch's Dropout2d) and (B, 1, 1) pictures (drop path).
func (b *Builder) Dropout(x, mask *Node, p float64) *Node { return b.Apply(Dropout{P: p}, x, mask) }

// Dropout is the operation of Builder.Dropout.
type Dropout struct {
	noProducts
	P float64
}

func (k Dropout) String() string { return fmt.Sprintf("Dropout{%v}", k.P) }

func (k Dropout) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := ranks(in, 0, len(in[0])); err != nil {
		return nil, err
	}
	if !(k.P >= 0 && k.P < 1) {
		return nil, fmt.Errorf("the probability must be at least 0 and below 1")
	}
	for i, d := range in[1] {
		if d != 1 && d != in[0][i] {
			return nil, fmt.Errorf("input is %v and mask %v: each axis of the mask must be that of the input, or 1", in[0], in[1])
		}
	}
	return in[0].Clone(), nil
}

func (Dropout) Diff(int) []bool { return []bool{true, false} }

func (k Dropout) Grad(g *Builder, in []*Node, _, dy *Node) []*Node {
	return []*Node{g.Dropout(dy, in[1], k.P), nil}
}
