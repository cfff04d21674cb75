package graph

import (
	"fmt"

	"gorgonia.org/tensor"
)

// Normalize is (x - mean) / std per channel. x is (B, C, H, W); mean and std have C
// elements. Mean and std are buffers: they have no gradient.
func (b *Builder) Normalize(x, mean, std *Node) *Node { return b.Apply(Normalize{}, x, mean, std) }

// Patches splits x (B, C, H, W) into patches of size×size pixels, one in each row:
// "b c (py yy) (px xx) -> b (py px) (c yy xx)".
func (b *Builder) Patches(x *Node, size int) *Node { return b.Apply(Patches{Size: size}, x) }

// FromNCHW transposes x (B, C, h, w) to (B, h·w, C).
func (b *Builder) FromNCHW(x *Node) *Node { return b.Apply(FromNCHW{}, x) }

// ToNCHW transposes x (B, h·w, C) to (B, C, h, w).
func (b *Builder) ToNCHW(x *Node, h, w int) *Node { return b.Apply(ToNCHW{H: h, W: w}, x) }

// Normalize is the operation of Builder.Normalize.
type Normalize struct{ noProducts }

func (Normalize) String() string { return "Normalize" }

func (Normalize) Diff(int) []bool { return []bool{true, false, false} }

func (Normalize) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := ranks(in, 4, 0, 0); err != nil {
		return nil, err
	}
	if c := in[0][1]; in[1].TotalSize() != c || in[2].TotalSize() != c {
		return nil, fmt.Errorf("input is %v, mean %v and std %v: the channels differ", in[0], in[1], in[2])
	}
	return in[0].Clone(), nil
}

func (Normalize) Grad(g *Builder, in []*Node, _, dy *Node) []*Node {
	return []*Node{g.Apply(NormalizeGrad{}, dy, in[2]), nil, nil}
}

// NormalizeGrad is dx from dy and std.
type NormalizeGrad struct {
	noDiff
	noProducts
}

func (NormalizeGrad) String() string { return "NormalizeGrad" }

func (NormalizeGrad) Shape(in []tensor.Shape) (tensor.Shape, error) {
	return in[0].Clone(), ranks(in, 4, 0)
}

// Patches is the operation of Builder.Patches. Fusion may put a Normalize before it, whose
// mean and std follow the image.
type Patches struct {
	allDiff
	noProducts
	Size      int // of a patch, pixels
	Normalize bool
}

func (k Patches) String() string {
	if k.Normalize {
		return fmt.Sprintf("Normalize+Patches{%d}", k.Size)
	}
	return fmt.Sprintf("Patches{%d}", k.Size)
}

func (k Patches) Shape(in []tensor.Shape) (tensor.Shape, error) {
	want := []int{4}
	if k.Normalize {
		want = []int{4, 0, 0}
	}
	if err := ranks(in, want...); err != nil {
		return nil, err
	}
	s := in[0]
	if k.Size < 1 || s[2]%k.Size != 0 || s[3]%k.Size != 0 {
		return nil, fmt.Errorf("input is %v: height and width must be multiples of %d", s, k.Size)
	}
	return tensor.Shape{s[0], s[2] / k.Size * (s[3] / k.Size), s[1] * k.Size * k.Size}, nil
}

func (k Patches) Grad(g *Builder, in []*Node, _, dy *Node) []*Node {
	return []*Node{g.Apply(Unpatch{Image: in[0].Shape(), Size: k.Size}, dy)}
}

// Unpatch puts patches back into an image.
type Unpatch struct {
	noDiff
	noProducts
	Image tensor.Shape // (B, C, H, W)
	Size  int
}

func (k Unpatch) String() string { return fmt.Sprintf("Unpatch{%d,%v}", k.Size, k.Image) }

func (k Unpatch) Shape(in []tensor.Shape) (tensor.Shape, error) {
	return k.Image.Clone(), ranks(in, 3)
}

// ToNCHW is the operation of Builder.ToNCHW.
type ToNCHW struct {
	allDiff
	noProducts
	H, W int
}

func (k ToNCHW) String() string { return fmt.Sprintf("ToNCHW{%dx%d}", k.H, k.W) }

func (k ToNCHW) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := ranks(in, 3); err != nil {
		return nil, err
	}
	if in[0][1] != k.H*k.W {
		return nil, fmt.Errorf("input is %v, want %d×%d tokens", in[0], k.H, k.W)
	}
	return tensor.Shape{in[0][0], in[0][2], k.H, k.W}, nil
}

func (k ToNCHW) Grad(g *Builder, _ []*Node, _, dy *Node) []*Node {
	return []*Node{g.FromNCHW(dy)}
}

// FromNCHW is the operation of Builder.FromNCHW.
type FromNCHW struct {
	allDiff
	noProducts
}

func (FromNCHW) String() string { return "FromNCHW" }

func (FromNCHW) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := ranks(in, 4); err != nil {
		return nil, err
	}
	s := in[0]
	return tensor.Shape{s[0], s[2] * s[3], s[1]}, nil
}

func (FromNCHW) Grad(g *Builder, in []*Node, _, dy *Node) []*Node {
	s := in[0].Shape()
	return []*Node{g.ToNCHW(dy, s[2], s[3])}
}
