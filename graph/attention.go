package graph

import (
	"fmt"

	"cradio/cpu"

	"gorgonia.org/tensor"
)

// Attention is multi-head self-attention. It maps qkv (B, T, 3D), the queries, keys
// and values, to (B, T, D). Each of the three has heads of width D/heads, which are
// merged in the output. The scale is (D/heads)^-0.5, and the softmax is over keys.
func (b *Builder) Attention(qkv *Node, heads int) *Node {
	return b.Apply(attention{heads: heads}, qkv)
}

type attention struct {
	allDiff
	heads int
}

func (k attention) String() string { return fmt.Sprintf("Attention{heads=%d}", k.heads) }

func (k attention) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := ranks(in, 3); err != nil {
		return nil, err
	}
	s := in[0]
	if k.heads < 1 || s[2]%(3*k.heads) != 0 {
		return nil, fmt.Errorf("qkv is %v: its last axis cannot be split into 3 × %d heads", s, k.heads)
	}
	return tensor.Shape{s[0], s[1], s[2] / 3}, nil
}

func (k attention) Scratch(in []tensor.Shape, threads int) int {
	return cpu.AttentionScratch(threads, in[0][1], in[0][2]/3, k.heads)
}

func (k attention) Bind(a *Args) (Runner, error) {
	return typed(k, a, bindAttention[float32], bindAttention[float64])
}

func bindAttention[T cpu.Float](k attention, a *Args) Runner {
	s := a.In[0].Shape()
	return &cpu.Attention[T]{
		Y: out[T](a), QKV: in[T](a, 0), Scratch: scratch[T](a),
		Batch: s[0], Tokens: s[1], Dim: s[2] / 3, Heads: k.heads,
	}
}

func (k attention) Grad(g *Builder, in []*Node, _, dy *Node) []*Node {
	return []*Node{g.Apply(attentionGrad{heads: k.heads}, in[0], dy)}
}

// attentionGrad is dqkv from qkv and dy; it computes the probabilities again.
type attentionGrad struct {
	noDiff
	heads int
}

func (k attentionGrad) String() string { return fmt.Sprintf("AttentionGrad{heads=%d}", k.heads) }

func (attentionGrad) Shape(in []tensor.Shape) (tensor.Shape, error) {
	return in[0].Clone(), ranks(in, 3, 3)
}

func (k attentionGrad) Scratch(in []tensor.Shape, threads int) int {
	return cpu.AttentionGradScratch(threads, in[0][1], in[0][2]/3, k.heads)
}

func (k attentionGrad) Bind(a *Args) (Runner, error) {
	return typed(k, a, bindAttentionGrad[float32], bindAttentionGrad[float64])
}

func bindAttentionGrad[T cpu.Float](k attentionGrad, a *Args) Runner {
	s := a.In[0].Shape()
	return &cpu.AttentionGrad[T]{
		DQKV: out[T](a), QKV: in[T](a, 0), DY: in[T](a, 1), Scratch: scratch[T](a),
		Batch: s[0], Tokens: s[1], Dim: s[2] / 3, Heads: k.heads,
	}
}
