package graph

import (
	"fmt"

	"gorgonia.org/tensor"
)

// CrossAttention lets queries q (B, Q, D), or (1, Q, D) for all of a batch, attend to keys
// and values kv (B, T, 2D): the result is (B, Q, D). Heads, their scale and the softmax over
// keys are as in Attention. With one learned query it pools tokens.
func (b *Builder) CrossAttention(q, kv *Node, heads int) *Node {
	return b.Apply(CrossAttention{Heads: heads}, q, kv)
}

// CrossAttention is the operation of Builder.CrossAttention.
type CrossAttention struct {
	allDiff
	Heads int
}

func (k CrossAttention) String() string { return fmt.Sprintf("CrossAttention{heads=%d}", k.Heads) }

func (k CrossAttention) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := ranks(in, 3, 3); err != nil {
		return nil, err
	}
	q, kv := in[0], in[1]
	if k.Heads < 1 || q[2]%k.Heads != 0 {
		return nil, fmt.Errorf("q is %v: its last axis cannot be split into %d heads", q, k.Heads)
	}
	if kv[2] != 2*q[2] || q[0] != 1 && q[0] != kv[0] {
		return nil, fmt.Errorf("q is %v and kv %v, want (B, Q, D) or (1, Q, D), and (B, T, 2D)", q, kv)
	}
	return tensor.Shape{kv[0], q[1], q[2]}, nil
}

// FLOPs counts two products, q·kᵀ and the sum over v: 4·B·Q·T·D.
func (CrossAttention) FLOPs(in []tensor.Shape) float64 { return 2 * crossProduct(in[0], in[1]) }

// crossProduct counts one product of all heads: 2·B·Q·T·D.
func crossProduct(q, kv tensor.Shape) float64 {
	return 2 * float64(kv.TotalSize()/2) * float64(q[1])
}

func (k CrossAttention) Grad(g *Builder, in []*Node, _, dy *Node) []*Node {
	return []*Node{
		g.Apply(CrossAttentionGradQ{Heads: k.Heads}, in[0], in[1], dy),
		g.Apply(CrossAttentionGradKV{Heads: k.Heads}, in[0], in[1], dy),
	}
}

// CrossAttentionGradQ is dq from q, kv and dy; it computes the probabilities again.
type CrossAttentionGradQ struct {
	noDiff
	Heads int
}

func (k CrossAttentionGradQ) String() string {
	return fmt.Sprintf("CrossAttentionGradQ{heads=%d}", k.Heads)
}

func (CrossAttentionGradQ) Shape(in []tensor.Shape) (tensor.Shape, error) {
	return in[0].Clone(), ranks(in, 3, 3, 3)
}

// FLOPs counts three products: q·kᵀ again, dy·vᵀ and the sum over k.
func (CrossAttentionGradQ) FLOPs(in []tensor.Shape) float64 { return 3 * crossProduct(in[0], in[1]) }

// CrossAttentionGradKV is dkv from q, kv and dy; it computes the probabilities again.
type CrossAttentionGradKV struct {
	noDiff
	Heads int
}

func (k CrossAttentionGradKV) String() string {
	return fmt.Sprintf("CrossAttentionGradKV{heads=%d}", k.Heads)
}

func (CrossAttentionGradKV) Shape(in []tensor.Shape) (tensor.Shape, error) {
	return in[1].Clone(), ranks(in, 3, 3, 3)
}

// FLOPs counts four products: q·kᵀ again, dy·vᵀ, and the two of dk and dv.
func (CrossAttentionGradKV) FLOPs(in []tensor.Shape) float64 { return 4 * crossProduct(in[0], in[1]) }
