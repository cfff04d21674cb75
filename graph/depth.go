package graph

import (
	"fmt"

	"gorgonia.org/tensor"
)

// Depth turns scores x (…, K) into depths (…, 1), as DINOv2's depth heads do. With one score
// it is relu(x) + Low. With several it is the mean of K depths between Low and High, weighted
// by the scores.
func (b *Builder) Depth(x *Node, k Depth) *Node { return b.Apply(k, x) }

// DepthWeights says how scores become the weights of depths.
type DepthWeights string

// The weights.
const (
	LinearWeights  DepthWeights = "linear"  // relu(x) + 0.1, divided by their sum
	SigmoidWeights DepthWeights = "sigmoid" // sigmoid(x), divided by their sum
	SoftmaxWeights DepthWeights = "softmax"
)

// Depth is the operation of Builder.Depth.
type Depth struct {
	allDiff
	noProducts
	Low, High float64
	Log       bool // the depths are spaced evenly in their logarithm
	Weights   DepthWeights
}

func (k Depth) String() string {
	return fmt.Sprintf("Depth{%g:%g log=%t %s}", k.Low, k.High, k.Log, k.Weights)
}

func (k Depth) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := ranks(in, 0); err != nil {
		return nil, err
	}
	bins := last(in[0]) > 1
	if bins && !(k.Low < k.High) || k.Log && !(k.Low > 0) {
		return nil, fmt.Errorf("has depths from %g to %g, want low below high, and above 0 for a logarithm", k.Low, k.High)
	}
	switch k.Weights {
	case LinearWeights, SigmoidWeights, SoftmaxWeights:
	default:
		if bins {
			return nil, fmt.Errorf("has weights %q, want %s, %s or %s", string(k.Weights), LinearWeights, SigmoidWeights, SoftmaxWeights)
		}
	}
	out := in[0].Clone()
	out[len(out)-1] = 1
	return out, nil
}

func (k Depth) Grad(g *Builder, in []*Node, _, dy *Node) []*Node {
	return []*Node{g.Apply(DepthGrad{Depth: k}, in[0], dy)}
}

// DepthGrad is dx from x and dy (…, 1).
type DepthGrad struct {
	noDiff
	noProducts
	Depth Depth
}

func (k DepthGrad) String() string { return k.Depth.String() + "Grad" }

func (DepthGrad) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := ranks(in, 0, 0); err != nil {
		return nil, err
	}
	return in[0].Clone(), nil
}
