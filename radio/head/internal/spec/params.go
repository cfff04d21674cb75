package spec

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// Param is a tensor of a head, as the torch.nn.Module has it.
type Param struct {
	Name   string
	Shape  []int // in the file; a convolution's is (Out, In, k, k)
	Buffer bool  // no optimiser changes it

	init initial // its first value
}

// initial is how the first values of a tensor are drawn.
type initial struct {
	kind  initialKind
	value float64 // a constant, a deviation or a bound
}

type initialKind int

const (
	constant  initialKind = iota
	normal                // N(0, value²)
	truncated             // normal within two deviations
	uniform               // from -value to value
)

// Flat is the shape in graphs: a convolution is a Linear on what it sees, (Out, In·k·k).
func (p Param) Flat() []int {
	if len(p.Shape) == 4 {
		return []int{p.Shape[0], p.Shape[1] * p.Shape[2] * p.Shape[3]}
	}
	return p.Shape
}

// Size is the number of elements.
func (p Param) Size() int {
	n := 1
	for _, d := range p.Shape {
		n *= d
	}
	return n
}

// Draw returns first values.
func (p Param) Draw(rng *rand.Rand) []float32 {
	data := make([]float32, p.Size())
	for i := range data {
		switch v := p.init.value; p.init.kind {
		case constant:
			data[i] = float32(v)
		case normal:
			data[i] = float32(v * rng.NormFloat64())
		case truncated:
			x := rng.NormFloat64()
			for math.Abs(x) > 2 {
				x = rng.NormFloat64()
			}
			data[i] = float32(v * x)
		case uniform:
			data[i] = float32(v * (2*rng.Float64() - 1))
		}
	}
	return data
}

// Params lists the tensors of a head, in the order in which their first values are drawn.
func (s *Spec) Params() []Param {
	b := &paramList{}
	width := s.Width()
	switch s.Kind {
	case Linear:
		b.norm("norm", width, s.Norm)
		b.classifier("head", width, s.Outputs)
	case MLP:
		b.norm("norm", width, s.Norm)
		b.linear("fc1", width, s.Hidden[0])
		b.linear("fc2", s.Hidden[0], s.Outputs)
	case Attentive:
		b.add("pool.latent", initial{truncated, 1 / math.Sqrt(float64(width))}, 1, 1, width)
		b.linear("pool.q", width, width)
		b.linear("pool.kv", width, 2*width)
		b.linear("pool.proj", width, width)
		b.add("pool.norm.weight", initial{value: 1}, width)
		b.add("pool.norm.bias", initial{}, width)
		b.linear("pool.mlp.fc1", width, s.PoolWidth())
		b.linear("pool.mlp.fc2", s.PoolWidth(), width)
		b.classifier("head", width, s.Outputs)
	case Segment:
		b.norm("bn", width, s.OwnNorm())
		b.convClassifier("conv_seg", width, s.Outputs, 0)
	case Fused:
		e := s.Hidden[0]
		for i, w := range s.Widths {
			b.linear(fmt.Sprintf("linear.%d", i), w, e)
		}
		b.conv("fuse", len(s.Widths)*e, e, 1, true)
		b.norm("bn", e, s.OwnNorm())
		b.convClassifier("conv_seg", e, s.Outputs, 0)
	case Upsampling:
		in := width
		for i, out := range s.Hidden {
			b.conv(fmt.Sprintf("stage.%d.conv", i), in, out, 3, false)
			b.norm(fmt.Sprintf("stage.%d.bn", i), out, s.OwnNorm())
			in = out
		}
		b.convClassifier("conv_seg", in, s.Outputs, 0)
	case Depth:
		b.norm("bn", width, s.Norm)
		bias := 0.0
		if s.Outputs == 1 {
			bias = (s.Bins.High - s.Bins.Low) / 2 // where relu has a slope
		}
		b.convClassifier("conv_depth", width, s.Outputs, bias)
	}
	return b.list
}

// PoolWidth is the width of the MLP of an Attentive head.
func (s *Spec) PoolWidth() int {
	if len(s.Hidden) == 1 {
		return s.Hidden[0]
	}
	return 4 * s.Width()
}

// OwnNorm is that of kinds that always have one: BatchNorm2d with its defaults, unless the Spec has
// another.
func (s *Spec) OwnNorm() *Norm {
	if s.Norm != nil {
		return s.Norm
	}
	return &Norm{Affine: true}
}

// paramList makes lists of tensors.
type paramList struct{ list []Param }

func (b *paramList) add(name string, first initial, shape ...int) {
	b.list = append(b.list, Param{Name: name, Shape: shape, init: first})
}

// linear is a torch.nn.Linear with its default first values.
func (b *paramList) linear(name string, in, out int) {
	bound := initial{uniform, 1 / math.Sqrt(float64(in))}
	b.add(name+".weight", bound, out, in)
	b.add(name+".bias", bound, out)
}

// classifier is the last Linear, with the first values of linear probes: N(0, 0.01²), bias 0.
func (b *paramList) classifier(name string, in, out int) {
	b.add(name+".weight", initial{normal, 0.01}, out, in)
	b.add(name+".bias", initial{}, out)
}

// convClassifier is classifier as a 1×1 convolution, as mmseg's decode heads begin too.
func (b *paramList) convClassifier(name string, in, out int, bias float64) {
	b.add(name+".weight", initial{normal, 0.01}, out, in, 1, 1)
	b.add(name+".bias", initial{value: bias}, out)
}

// conv is a torch.nn.Conv2d with the first values of mmcv's ConvModule: Kaiming's for ReLU.
func (b *paramList) conv(name string, in, out, kernel int, bias bool) {
	b.add(name+".weight", initial{normal, math.Sqrt(2 / float64(in*kernel*kernel))}, out, in, kernel, kernel)
	if bias {
		b.add(name+".bias", initial{}, out)
	}
}

// norm is a torch.nn.BatchNorm1d or 2d; a nil Norm is none.
func (b *paramList) norm(name string, dim int, n *Norm) {
	if n == nil {
		return
	}
	if n.Affine {
		b.add(name+".weight", initial{value: 1}, dim)
		b.add(name+".bias", initial{}, dim)
	}
	b.list = append(b.list,
		Param{Name: name + ".running_mean", Shape: []int{dim}, Buffer: true},
		Param{Name: name + ".running_var", Shape: []int{dim}, init: initial{value: 1}, Buffer: true},
	)
}
