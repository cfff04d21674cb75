package graph

import (
	"fmt"
	"slices"

	"cradio/cpu"

	"gorgonia.org/tensor"
)

// AttentionWeights is how much each token counts for some tokens, the rows, in the
// Attention of the same qkv (B, T, 3D): softmax(q·kᵀ/√(D/heads)), (B, heads, R, T). Nothing
// of size T×T is made. It is for looking at, and has no derivative.
func (b *Builder) AttentionWeights(qkv *Node, heads int, rows []int) *Node {
	return b.Apply(attentionWeights{heads: heads, rows: slices.Clone(rows)}, qkv)
}

type attentionWeights struct {
	allDiff
	heads int
	rows  []int
}

func (k attentionWeights) String() string {
	return fmt.Sprintf("AttentionWeights{heads=%d rows=%v}", k.heads, k.rows)
}

func (k attentionWeights) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if _, err := (attention{heads: k.heads}).Shape(in); err != nil {
		return nil, err
	}
	if len(k.rows) == 0 {
		return nil, fmt.Errorf("has no rows: give at least one token")
	}
	s := in[0]
	for _, r := range k.rows {
		if r < 0 || r >= s[1] {
			return nil, fmt.Errorf("token %d does not exist: there are %d, 0 to %d", r, s[1], s[1]-1)
		}
	}
	return tensor.Shape{s[0], k.heads, len(k.rows), s[1]}, nil
}

func (k attentionWeights) Bind(a *Args) (Runner, error) {
	return typed(k, a, bindAttentionWeights[float32], bindAttentionWeights[float64])
}

func bindAttentionWeights[T cpu.Float](k attentionWeights, a *Args) Runner {
	s := a.In[0].Shape()
	return &cpu.AttentionWeights[T]{
		Y: out[T](a), QKV: in[T](a, 0), Rows: k.rows,
		Batch: s[0], Tokens: s[1], Dim: s[2] / 3, Heads: k.heads,
	}
}

// Grad refuses: the sum of softmax's outputs is fixed, and nobody trains on them here.
func (k attentionWeights) Grad(g *Builder, _ []*Node, _, _ *Node) []*Node {
	g.Fail("AttentionWeights has no derivative: leave the weights out of the loss")
	return nil
}
