package graph

import (
	"fmt"

	"gorgonia.org/tensor"
)

// Attention is multi-head self-attention. It maps qkv (B, T, 3D), the queries, keys
// and values, to (B, T, D). Each of the three has heads of width D/heads, which are
// merged in the output. The scale is (D/heads)^-0.5, and the softmax is over keys.
func (b *Builder) Attention(qkv *Node, heads int) *Node {
	return b.Apply(Attention{Heads: heads}, qkv)
}

// CausalAttention is Attention in which a token attends to itself and the tokens before it.
func (b *Builder) CausalAttention(qkv *Node, heads int) *Node {
	return b.Apply(Attention{Heads: heads, Causal: true}, qkv)
}

// Attention is the operation of Builder.Attention and CausalAttention.
type Attention struct {
	allDiff
	Heads  int
	Causal bool
}

func (k Attention) String() string { return "Attention" + k.attributes() }

func (k Attention) attributes() string {
	if k.Causal {
		return fmt.Sprintf("{heads=%d, causal}", k.Heads)
	}
	return fmt.Sprintf("{heads=%d}", k.Heads)
}

func (k Attention) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := ranks(in, 3); err != nil {
		return nil, err
	}
	s := in[0]
	if k.Heads < 1 || s[2]%(3*k.Heads) != 0 {
		return nil, fmt.Errorf("qkv is %v: its last axis cannot be split into 3 × %d heads", s, k.Heads)
	}
	return tensor.Shape{s[0], s[1], s[2] / 3}, nil
}

// FLOPs counts two products, q·kᵀ and the sum over v: 4·B·T²·D.
func (Attention) FLOPs(in []tensor.Shape) float64 { return 2 * attentionProduct(in[0]) }

// attentionProduct counts one product of all heads of qkv (B, T, 3D): 2·B·T²·D.
func attentionProduct(qkv tensor.Shape) float64 {
	return 2 * float64(qkv.TotalSize()/3) * float64(qkv[1])
}

func (k Attention) Grad(g *Builder, in []*Node, _, dy *Node) []*Node {
	return []*Node{g.Apply(AttentionGrad{Heads: k.Heads, Causal: k.Causal}, in[0], dy)}
}

// AttentionGrad is dqkv from qkv and dy; it computes the probabilities again.
type AttentionGrad struct {
	noDiff
	Heads  int
	Causal bool
}

func (k AttentionGrad) String() string {
	return "AttentionGrad" + Attention{Heads: k.Heads, Causal: k.Causal}.attributes()
}

func (AttentionGrad) Shape(in []tensor.Shape) (tensor.Shape, error) {
	return in[0].Clone(), ranks(in, 3, 3)
}

// FLOPs counts nine products: the two of Attention again, twice over, and five of the
// derivative.
func (AttentionGrad) FLOPs(in []tensor.Shape) float64 { return 9 * attentionProduct(in[0]) }
