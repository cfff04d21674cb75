package graph

import (
	"fmt"

	"gorgonia.org/tensor"
)

// Resize resizes maps x (B, FromH·FromW, C) to (B, H·W, C), bilinearly. Samples are where
// torch.nn.functional.interpolate has them with align_corners=False, without antialiasing.
func (b *Builder) Resize(x *Node, k Resize) *Node { return b.Apply(k, x) }

// Resize is the operation of Builder.Resize.
type Resize struct {
	allDiff
	noProducts
	FromH, FromW, H, W int
}

func (k Resize) String() string {
	return fmt.Sprintf("Resize{%dx%d to %dx%d}", k.FromH, k.FromW, k.H, k.W)
}

func (k Resize) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := k.check(in, k.FromH, k.FromW); err != nil {
		return nil, err
	}
	return tensor.Shape{in[0][0], k.H * k.W, in[0][2]}, nil
}

// check checks the sizes, and that the input is a map of h×w.
func (k Resize) check(in []tensor.Shape, h, w int) error {
	if err := ranks(in, 3); err != nil {
		return err
	}
	if min(k.FromH, k.FromW, k.H, k.W) < 1 {
		return fmt.Errorf("sizes must be at least 1")
	}
	if in[0][1] != h*w {
		return fmt.Errorf("input is %v, want (B, %d·%d, C)", in[0], h, w)
	}
	return nil
}

func (k Resize) Grad(g *Builder, _ []*Node, _, dy *Node) []*Node {
	return []*Node{g.Apply(ResizeGrad{Of: k}, dy)}
}

// ResizeGrad spreads dy (B, H·W, C) back over (B, FromH·FromW, C).
type ResizeGrad struct {
	noDiff
	noProducts
	Of Resize
}

func (k ResizeGrad) String() string { return "Grad of " + k.Of.String() }

func (k ResizeGrad) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := k.Of.check(in, k.Of.H, k.Of.W); err != nil {
		return nil, err
	}
	return tensor.Shape{in[0][0], k.Of.FromH * k.Of.FromW, in[0][2]}, nil
}

// Elements is the size of what is spread.
func (k ResizeGrad) Elements(in []tensor.Shape) int { return in[0].TotalSize() }
