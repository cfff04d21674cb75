package graph

import (
	"fmt"
	"slices"

	"gorgonia.org/tensor"
)

// AttentionWeights is how much each token counts for some tokens, the rows, in the
// Attention of the same qkv (B, T, 3D): softmax(q·kᵀ/√(D/heads)), (B, heads, R, T). Nothing
// of size T×T is made. It is for looking at, and has no derivative.
func (b *Builder) AttentionWeights(qkv *Node, heads int, rows []int) *Node {
	return b.Apply(AttentionWeights{Heads: heads, Rows: slices.Clone(rows)}, qkv)
}

// AttentionWeights is the operation of Builder.AttentionWeights.
type AttentionWeights struct {
	allDiff
	Heads int
	Rows  []int // the tokens
}

func (k AttentionWeights) String() string {
	return fmt.Sprintf("AttentionWeights{heads=%d rows=%v}", k.Heads, k.Rows)
}

func (k AttentionWeights) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if _, err := (Attention{Heads: k.Heads}).Shape(in); err != nil {
		return nil, err
	}
	if len(k.Rows) == 0 {
		return nil, fmt.Errorf("has no rows: give at least one token")
	}
	s := in[0]
	for _, r := range k.Rows {
		if r < 0 || r >= s[1] {
			return nil, fmt.Errorf("token %d does not exist: there are %d, 0 to %d", r, s[1], s[1]-1)
		}
	}
	return tensor.Shape{s[0], k.Heads, len(k.Rows), s[1]}, nil
}

// FLOPs counts q·kᵀ of R rows: 2·B·R·T·D.
func (k AttentionWeights) FLOPs(in []tensor.Shape) float64 {
	return 2 * float64(in[0].TotalSize()/3) * float64(len(k.Rows))
}

// Grad refuses: the sum of softmax's outputs is fixed, and nobody trains on them here.
func (k AttentionWeights) Grad(g *Builder, _ []*Node, _, _ *Node) []*Node {
	g.Fail("AttentionWeights has no derivative: leave the weights out of the loss")
	return nil
}
