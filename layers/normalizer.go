package layers

import (
	"fmt"

	"cradio/graph"

	"gorgonia.org/tensor"
)

// FeatureNormalizer standardises features: (x - mean)·txᵀ.
type FeatureNormalizer struct {
	Mean *graph.Weight // (D)
	Tx   *graph.Weight // (D, D)
}

// NewFeatureNormalizer loads mean and tx.
func NewFeatureNormalizer(w *Weights, dim int) *FeatureNormalizer {
	return &FeatureNormalizer{Mean: w.Tensor("mean", dim), Tx: w.Tensor("tx", dim, dim)}
}

// Forward maps x (…, D) to the same shape. A nil normaliser returns x.
func (n *FeatureNormalizer) Forward(g *graph.Builder, x *graph.Node) *graph.Node {
	if n == nil {
		return x
	}
	y := g.At("centred").Sub(x, g.Weight(n.Mean))
	return g.Linear(y, g.Weight(n.Tx), nil)
}

// IntermediateNormalizer standardises the patch tokens of each block's output.
type IntermediateNormalizer struct {
	Alphas   *graph.Weight // (blocks)
	Rotation *graph.Weight // (D, D), or (blocks, D, D)
	Means    *graph.Weight // (blocks, D)
	Prefix   int           // tokens that are not changed
}

// NewIntermediateNormalizer loads alphas, rotation and means.
func NewIntermediateNormalizer(w *Weights, blocks, dim, prefix int, rotationPerBlock bool) *IntermediateNormalizer {
	n := &IntermediateNormalizer{
		Alphas: w.Tensor("alphas", blocks), Means: w.Tensor("means", blocks, dim), Prefix: prefix,
	}
	if rotationPerBlock {
		n.Rotation = w.Tensor("rotation", blocks, dim, dim)
	} else {
		n.Rotation = w.Tensor("rotation", dim, dim)
	}
	return n
}

// Forward maps a block's output x (B, T, D) to the same shape. Patches become
// (patch - means[block])·rotationᵀ. If there is a rotation for each block, it uses
// that of block `rotation`. Prefix tokens do not change.
func (n *IntermediateNormalizer) Forward(g *graph.Builder, x *graph.Node, tokens, block, rotation int) *graph.Node {
	mean, err := n.Means.Index(block)
	if err != nil {
		g.Fail("%w", err)
		return nil
	}
	rot := n.Rotation
	if len(rot.Shape()) == 3 {
		if rot, err = rot.Index(rotation); err != nil {
			g.Fail("%w", err)
			return nil
		}
	}
	prefix, patches := split(g, x, n.Prefix, tokens)
	y := g.At("centred").Sub(patches, g.Weight(mean))
	y = g.At("rotated").Linear(y, g.Weight(rot), nil)
	return join(g, prefix, y)
}

// Alpha returns the factor of a block.
func (n *IntermediateNormalizer) Alpha(block int) (float64, error) {
	if block < 0 || block >= n.Alphas.Shape()[0] {
		return 0, fmt.Errorf("%s has no entry %d", n.Alphas.Name, block)
	}
	alphas, err := n.Alphas.Value()
	if err != nil {
		return 0, err
	}
	if alphas.Dtype() == tensor.Float64 {
		return alphas.Float64s()[block], nil
	}
	return float64(alphas.Float32s()[block]), nil
}

// Scale multiplies the patches of x (B, T, D) by alpha. Prefix tokens do not change.
func (n *IntermediateNormalizer) Scale(g *graph.Builder, x *graph.Node, tokens int, alpha float64) *graph.Node {
	prefix, patches := split(g, x, n.Prefix, tokens)
	return join(g, prefix, g.At("scaled").Scale(patches, alpha))
}

// split splits tokens x (B, T, D) into prefix and patches. head is nil if there is no prefix.
func split(g *graph.Builder, x *graph.Node, prefix, tokens int) (head, tail *graph.Node) {
	if prefix > 0 {
		head = g.At("prefix").Slice(x, 0, prefix)
	}
	return head, g.At("patches").Slice(x, prefix, tokens)
}

// join undoes split.
func join(g *graph.Builder, head, tail *graph.Node) *graph.Node {
	if head == nil {
		return tail
	}
	return g.Concat(head, tail)
}
