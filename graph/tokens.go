package graph

import (
	"fmt"

	"gorgonia.org/tensor"
)

// MeanTokens is the mean of the tokens of x (B, T, D): (B, D).
func (b *Builder) MeanTokens(x *Node) *Node { return b.Apply(MeanTokens{}, x) }

// MeanTokens is the operation of Builder.MeanTokens.
type MeanTokens struct {
	allDiff
	noProducts
}

func (MeanTokens) String() string { return "MeanTokens" }

func (MeanTokens) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := ranks(in, 3); err != nil {
		return nil, err
	}
	return tensor.Shape{in[0][0], in[0][2]}, nil
}

func (MeanTokens) Grad(g *Builder, in []*Node, _, dy *Node) []*Node {
	tokens := in[0].Shape()[1]
	return []*Node{g.Apply(RepeatTokens{Tokens: tokens, Mean: true}, dy)}
}

// RepeatTokens makes of x (B, D) that many equal tokens for each batch entry: (B, T, D).
func (b *Builder) RepeatTokens(x *Node, tokens int) *Node {
	return b.Apply(RepeatTokens{Tokens: tokens}, x)
}

// RepeatTokens is the operation of Builder.RepeatTokens.
type RepeatTokens struct {
	allDiff
	noProducts
	Tokens int
	Mean   bool // divides by Tokens: the gradient of MeanTokens
}

func (k RepeatTokens) String() string {
	if k.Mean {
		return fmt.Sprintf("MeanTokensGrad{%d}", k.Tokens)
	}
	return fmt.Sprintf("RepeatTokens{%d}", k.Tokens)
}

func (k RepeatTokens) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := ranks(in, 2); err != nil {
		return nil, err
	}
	if k.Tokens < 1 {
		return nil, fmt.Errorf("of %v for %d tokens, want at least 1", in[0], k.Tokens)
	}
	return tensor.Shape{in[0][0], k.Tokens, in[0][1]}, nil
}

func (k RepeatTokens) Grad(g *Builder, _ []*Node, _, dy *Node) []*Node {
	d := g.MeanTokens(dy)
	if !k.Mean {
		d = g.Scale(d, float64(k.Tokens))
	}
	return []*Node{d}
}
