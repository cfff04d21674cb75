package graph

import (
	"fmt"

	"cradio/cpu"

	"gorgonia.org/tensor"
)

// Normalize is (x - mean) / std per channel: x (B, C, H, W), mean and std of C
// elements. Mean and std are buffers: they have no gradient.
func (b *Builder) Normalize(x, mean, std *Node) *Node { return b.Apply(normalize{}, x, mean, std) }

// Patches cuts x (B, C, H, W) into squares of size×size pixels, each a row:
// "b c (py yy) (px xx) -> b (py px) (c yy xx)".
func (b *Builder) Patches(x *Node, size int) *Node { return b.Apply(patches{size: size}, x) }

// ToNCHW turns x (B, h·w, C) into planes (B, C, h, w).
func (b *Builder) ToNCHW(x *Node, h, w int) *Node { return b.Apply(toPlanes{h: h, w: w}, x) }

type normalize struct{}

func (normalize) String() string { return "Normalize" }

func (normalize) Diff(int) []bool { return []bool{true, false, false} }

func (normalize) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := ranks(in, 4, 0, 0); err != nil {
		return nil, err
	}
	if c := in[0][1]; in[1].TotalSize() != c || in[2].TotalSize() != c {
		return nil, fmt.Errorf("input is %v, mean %v and std %v: the channels differ", in[0], in[1], in[2])
	}
	return in[0].Clone(), nil
}

func (k normalize) Bind(a *Args) (Runner, error) {
	return typed(k, a, bindNormalize[float32], bindNormalize[float64])
}

func bindNormalize[T cpu.Float](_ normalize, a *Args) Runner {
	s := a.In[0].Shape()
	return &cpu.Normalize[T]{
		Y: out[T](a), X: in[T](a, 0), Mean: in[T](a, 1), Std: in[T](a, 2),
		Batch: s[0], Channels: s[1], Plane: s[2] * s[3],
	}
}

func (normalize) Grad(g *Builder, in []*Node, _, dy *Node) []*Node {
	return []*Node{g.Apply(normalizeGrad{}, dy, in[2]), nil, nil}
}

type normalizeGrad struct{ noDiff }

func (normalizeGrad) String() string { return "NormalizeGrad" }

func (normalizeGrad) Shape(in []tensor.Shape) (tensor.Shape, error) {
	return in[0].Clone(), ranks(in, 4, 0)
}

func (k normalizeGrad) Bind(a *Args) (Runner, error) {
	return typed(k, a, bindNormalizeGrad[float32], bindNormalizeGrad[float64])
}

func bindNormalizeGrad[T cpu.Float](_ normalizeGrad, a *Args) Runner {
	s := a.In[0].Shape()
	return &cpu.NormalizeGrad[T]{
		DX: out[T](a), DY: in[T](a, 0), Std: in[T](a, 1),
		Batch: s[0], Channels: s[1], Plane: s[2] * s[3],
	}
}

// patches is the plain operation; fuse puts a normalize before it, whose operands
// follow the image.
type patches struct {
	allDiff
	size      int
	normalize bool
}

func (k patches) String() string {
	if k.normalize {
		return fmt.Sprintf("Normalize+Patches{%d}", k.size)
	}
	return fmt.Sprintf("Patches{%d}", k.size)
}

func (k patches) Shape(in []tensor.Shape) (tensor.Shape, error) {
	want := []int{4}
	if k.normalize {
		want = []int{4, 0, 0}
	}
	if err := ranks(in, want...); err != nil {
		return nil, err
	}
	s := in[0]
	if k.size < 1 || s[2]%k.size != 0 || s[3]%k.size != 0 {
		return nil, fmt.Errorf("input is %v: height and width must be multiples of %d", s, k.size)
	}
	return tensor.Shape{s[0], s[2] / k.size * (s[3] / k.size), s[1] * k.size * k.size}, nil
}

func (k patches) Bind(a *Args) (Runner, error) {
	return typed(k, a, bindPatches[float32], bindPatches[float64])
}

func bindPatches[T cpu.Float](k patches, a *Args) Runner { return patchesOp[T](k, a) }

func patchesOp[T cpu.Float](k patches, a *Args) *cpu.Patches[T] {
	s := a.In[0].Shape()
	op := &cpu.Patches[T]{Y: out[T](a), X: in[T](a, 0), Batch: s[0], Channels: s[1], H: s[2], W: s[3], Size: k.size}
	if k.normalize {
		op.Mean, op.Std = in[T](a, 1), in[T](a, 2)
	}
	return op
}

func (k patches) Grad(g *Builder, in []*Node, _, dy *Node) []*Node {
	return []*Node{g.Apply(unpatch{image: in[0].Shape(), size: k.size}, dy)}
}

// unpatch puts patches back into an image.
type unpatch struct {
	noDiff
	image tensor.Shape
	size  int
}

func (k unpatch) String() string { return fmt.Sprintf("Unpatch{%d,%v}", k.size, k.image) }

func (k unpatch) Shape(in []tensor.Shape) (tensor.Shape, error) {
	return k.image.Clone(), ranks(in, 3)
}

func (k unpatch) Bind(a *Args) (Runner, error) {
	return typed(k, a, bindUnpatch[float32], bindUnpatch[float64])
}

func bindUnpatch[T cpu.Float](k unpatch, a *Args) Runner {
	s := k.image
	return &cpu.Patches[T]{
		Y: in[T](a, 0), X: out[T](a), Inverse: true,
		Batch: s[0], Channels: s[1], H: s[2], W: s[3], Size: k.size,
	}
}

type toPlanes struct {
	allDiff
	h, w int
}

func (k toPlanes) String() string { return fmt.Sprintf("ToNCHW{%dx%d}", k.h, k.w) }

func (k toPlanes) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := ranks(in, 3); err != nil {
		return nil, err
	}
	if in[0][1] != k.h*k.w {
		return nil, fmt.Errorf("input is %v, want %d×%d tokens", in[0], k.h, k.w)
	}
	return tensor.Shape{in[0][0], in[0][2], k.h, k.w}, nil
}

func (k toPlanes) Bind(a *Args) (Runner, error) {
	return typed(k, a, bindToPlanes[float32], bindToPlanes[float64])
}

func bindToPlanes[T cpu.Float](_ toPlanes, a *Args) Runner {
	s := a.In[0].Shape()
	return &cpu.Transpose[T]{Y: out[T](a), X: in[T](a, 0), Batch: s[0], Rows: s[1], Cols: s[2]}
}

func (k toPlanes) Grad(g *Builder, _ []*Node, _, dy *Node) []*Node {
	return []*Node{g.Apply(fromPlanes{}, dy)}
}

// fromPlanes turns (B, C, h, w) into (B, h·w, C).
type fromPlanes struct{ noDiff }

func (fromPlanes) String() string { return "FromNCHW" }

func (fromPlanes) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := ranks(in, 4); err != nil {
		return nil, err
	}
	s := in[0]
	return tensor.Shape{s[0], s[2] * s[3], s[1]}, nil
}

func (k fromPlanes) Bind(a *Args) (Runner, error) {
	return typed(k, a, bindFromPlanes[float32], bindFromPlanes[float64])
}

func bindFromPlanes[T cpu.Float](_ fromPlanes, a *Args) Runner {
	s := a.In[0].Shape()
	return &cpu.Transpose[T]{Y: out[T](a), X: in[T](a, 0), Batch: s[0], Rows: s[1], Cols: s[2] * s[3]}
}
