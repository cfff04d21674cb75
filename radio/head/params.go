package head

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gorgonia.org/tensor"
)

// param is a tensor of a head, as the torch.nn.Module has it.
type param struct {
	name   string
	shape  []int   // in the file; a convolution's is (Out, In, k, k)
	init   initial // its first value
	buffer bool    // no optimiser changes it
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

// flat is the shape in graphs: a convolution is a Linear on what it sees, (Out, In·k·k).
func (p param) flat() tensor.Shape {
	if len(p.shape) == 4 {
		return tensor.Shape{p.shape[0], p.shape[1] * p.shape[2] * p.shape[3]}
	}
	return tensor.Shape(p.shape)
}

// size is the number of elements.
func (p param) size() int { return tensor.Shape(p.shape).TotalSize() }

// draw returns first values.
func (p param) draw(rng *rand.Rand) []float32 {
	data := make([]float32, p.size())
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

// params lists the tensors of a head, in the order in which their first values are drawn.
func (s *Spec) params() []param {
	b := &paramList{}
	width := s.width()
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
		b.linear("pool.mlp.fc1", width, s.attentiveHidden())
		b.linear("pool.mlp.fc2", s.attentiveHidden(), width)
		b.classifier("head", width, s.Outputs)
	case Segment:
		b.norm("bn", width, s.segmentNorm())
		b.convClassifier("conv_seg", width, s.Outputs, 0)
	case Fused:
		e := s.Hidden[0]
		for i, w := range s.Widths {
			b.linear(fmt.Sprintf("linear.%d", i), w, e)
		}
		b.conv("fuse", len(s.Widths)*e, e, 1, true)
		b.norm("bn", e, s.hiddenNorm())
		b.convClassifier("conv_seg", e, s.Outputs, 0)
	case Upsampling:
		in := width
		for i, out := range s.Hidden {
			b.conv(fmt.Sprintf("stage.%d.conv", i), in, out, 3, false)
			b.norm(fmt.Sprintf("stage.%d.bn", i), out, s.hiddenNorm())
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

// attentiveHidden is the width of the MLP of an Attentive head.
func (s *Spec) attentiveHidden() int {
	if len(s.Hidden) == 1 {
		return s.Hidden[0]
	}
	return 4 * s.width()
}

// segmentNorm is the norm before the 1×1 convolution: BatchNorm2d, unless the Spec has another.
func (s *Spec) segmentNorm() *Norm { return s.hiddenNorm() }

// hiddenNorm is BatchNorm2d with its defaults, unless the Spec has another.
func (s *Spec) hiddenNorm() *Norm {
	if s.Norm != nil {
		return s.Norm
	}
	return &Norm{Affine: true}
}

// paramList makes lists of tensors.
type paramList struct{ list []param }

func (b *paramList) add(name string, first initial, shape ...int) {
	b.list = append(b.list, param{name: name, shape: shape, init: first})
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
		param{name: name + ".running_mean", shape: []int{dim}, buffer: true},
		param{name: name + ".running_var", shape: []int{dim}, init: initial{value: 1}, buffer: true},
	)
}
