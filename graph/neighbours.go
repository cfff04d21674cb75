package graph

import (
	"fmt"

	"gorgonia.org/tensor"
)

// Neighbours joins each token of an h×w grid x (B, h·w, C) with the eight around it, in the
// order of a 3×3 convolution's weight: (B, h·w, C·3·3), "b (y x) c -> b (y x) (c ky kx)".
// Beyond the edge are zeros. A Linear on it is that convolution, with padding 1.
func (b *Builder) Neighbours(x *Node, h, w int) *Node { return b.Apply(Neighbours{H: h, W: w}, x) }

// Neighbours is the operation of Builder.Neighbours.
type Neighbours struct {
	allDiff
	noProducts
	H, W int
}

func (k Neighbours) String() string { return fmt.Sprintf("Neighbours{%dx%d}", k.H, k.W) }

func (k Neighbours) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := ranks(in, 3); err != nil {
		return nil, err
	}
	if k.H < 1 || k.W < 1 || in[0][1] != k.H*k.W {
		return nil, fmt.Errorf("input is %v, want %d×%d tokens", in[0], k.H, k.W)
	}
	return tensor.Shape{in[0][0], in[0][1], 9 * in[0][2]}, nil
}

func (k Neighbours) Grad(g *Builder, _ []*Node, _, dy *Node) []*Node {
	return []*Node{g.Apply(NeighboursGrad{H: k.H, W: k.W}, dy)}
}

// NeighboursGrad adds up what each token gave to the nine around it: (B, h·w, C).
type NeighboursGrad struct {
	noDiff
	noProducts
	H, W int
}

func (k NeighboursGrad) String() string { return fmt.Sprintf("NeighboursGrad{%dx%d}", k.H, k.W) }

func (k NeighboursGrad) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := ranks(in, 3); err != nil {
		return nil, err
	}
	if in[0][1] != k.H*k.W || in[0][2]%9 != 0 {
		return nil, fmt.Errorf("input is %v, want %d×%d tokens of 9 neighbours", in[0], k.H, k.W)
	}
	return tensor.Shape{in[0][0], in[0][1], in[0][2] / 9}, nil
}
