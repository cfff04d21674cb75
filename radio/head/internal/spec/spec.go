package spec

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"cradio/radio/checkpoint"
)

// Kind is what a head computes, and how.
type Kind string

// The kinds. Those for a picture read one vector, all sources joined, or for Attentive tokens. The
// others read tokens on the grid of patches: one source, or several levels of one width.
const (
	Linear     Kind = "linear"     // head
	MLP        Kind = "mlp"        // fc1, GELU, fc2
	Attentive  Kind = "attentive"  // pool, timm's AttentionPoolLatent, then head
	Segment    Kind = "segment"    // bn and a 1×1 convolution, mmseg's and NVlabs'
	Fused      Kind = "fused"      // SegFormer's all-MLP fusion of levels
	Upsampling Kind = "upsampling" // 3×3 convolutions, each with twice the resolution after it
	Depth      Kind = "depth"      // DINOv2's and DINOv3's linear head, depths from bins or plain
)

// Kinds lists the kinds.
func Kinds() []Kind { return []Kind{Linear, MLP, Attentive, Segment, Fused, Upsampling, Depth} }

// Spec describes a head: what head.json holds.
type Spec struct {
	Kind Kind `json:"kind"`
	// Input lists what the head reads from the backbone, and Widths the width of each; see
	// checkpoint.Source.
	Input  []checkpoint.Source `json:"input"`
	Widths []int               `json:"widths"`
	// Outputs is the number of classes, or of bins of depth.
	Outputs int `json:"outputs"`
	// Hidden are the widths of hidden layers: one of an MLP, a Fused or an Attentive head's MLP, where
	// 0 is four times its width; one for each stage of Upsampling.
	Hidden []int `json:"hidden,omitempty"`
	// Heads is the number of attention heads of Attentive.
	Heads int `json:"num_heads,omitempty"`
	// Norm standardises the input of Linear, MLP, Segment and Depth, or is that of the other kinds'
	// own norms. Where it is nil there is none, or the default.
	Norm *Norm `json:"norm,omitempty"`
	// Dropout is the part of the features, or hidden units, that training drops; of maps whole
	// channels. With DropoutFirst it comes before the norm, as in DINOv3, else after it, as in mmseg.
	Dropout      float64 `json:"dropout,omitempty"`
	DropoutFirst bool    `json:"dropout_first,omitempty"`
	// Bins describes Depth.
	Bins *Bins `json:"depth,omitempty"`

	// Labels are the names of the classes, in order; none, or Outputs of them.
	Labels Labels `json:"id2label,omitempty"`
	// MultiLabel says that a picture may have several classes: each output is a logit of its own.
	MultiLabel bool `json:"multi_label,omitempty"`
	// Ignore is the label of pixels that count nowhere, in masks.
	Ignore *int `json:"ignore_index,omitempty"`
	// Picture is how pictures become pixels.
	Picture *Picture `json:"picture,omitempty"`
	// Backbone is the model whose features the head knows.
	Backbone *Backbone `json:"backbone,omitempty"`
	// Metrics are those reached, such as "top1".
	Metrics map[string]float64 `json:"metrics,omitempty"`
}

// Norm is a BatchNorm.
type Norm struct {
	// Affine says whether there are weight and bias. Fixed statistics are given once, from
	// the features, and training leaves them: the input is standardised.
	Affine bool `json:"affine,omitempty"`
	Fixed  bool `json:"fixed,omitempty"`
	// Eps and Momentum are PyTorch's defaults where they are 0: 1e-5 and 0.1.
	Eps      float64 `json:"eps,omitempty"`
	Momentum float64 `json:"momentum,omitempty"`
}

// Options are eps and momentum, with PyTorch's defaults.
func (n *Norm) Options() (eps, momentum float64) { return cmp.Or(n.Eps, 1e-5), cmp.Or(n.Momentum, 0.1) }

// Bins says how a Depth head's outputs become depths: see graph.Depth. With one output it is relu(x) +
// Low.
type Bins struct {
	Low      float64      `json:"low"`
	High     float64      `json:"high"`
	Log      bool         `json:"log,omitempty"`
	Weights  DepthWeights `json:"weights,omitempty"`
	Upsample int          `json:"upsample,omitempty"` // of the grid, bilinearly; 0 is 1
}

// Factor is Upsample, or 1.
func (b *Bins) Factor() int { return cmp.Or(b.Upsample, 1) }

// DepthWeights says how scores become the weights of depths; empty is LinearWeights. See
// graph.DepthWeights.
type DepthWeights string

// The weights.
const (
	LinearWeights  DepthWeights = "linear"
	SigmoidWeights DepthWeights = "sigmoid"
	SoftmaxWeights DepthWeights = "softmax"
)

// Dense says whether the head gives something for each patch, not for the picture.
func (k Kind) Dense() bool { return k != Linear && k != MLP && k != Attentive }

// limits of sizes, far above any that are used: what exceeds them is a mistake.
const (
	maxWidth   = 1 << 20
	maxSources = 256
	maxParams  = 1 << 31
)

// Check refuses a description that no head can have, by the name of the field.
func (s *Spec) Check() error {
	if !slices.Contains(Kinds(), s.Kind) {
		return fmt.Errorf("kind is %q, want one of %v", string(s.Kind), Kinds())
	}
	for _, check := range []func() error{s.checkInput, s.checkSizes, s.checkNorm, s.checkDepth, s.checkLabels} {
		if err := check(); err != nil {
			return err
		}
	}
	if s.Picture != nil {
		if err := s.Picture.check(); err != nil {
			return err
		}
	}
	if s.Backbone != nil {
		if err := s.Backbone.check(); err != nil {
			return err
		}
	}
	for name, v := range s.Metrics {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("metrics.%s is %v, want a number", name, v)
		}
	}
	return s.checkParams()
}

func (s *Spec) checkInput() error {
	if len(s.Input) == 0 || len(s.Input) > maxSources {
		return fmt.Errorf("input has %d sources, want 1 to %d", len(s.Input), maxSources)
	}
	if len(s.Widths) != len(s.Input) {
		return fmt.Errorf("widths has %d numbers, want one for each of the %d sources of input", len(s.Widths), len(s.Input))
	}
	tokens := 0
	for i, source := range s.Input {
		if err := source.Check(); err != nil {
			return fmt.Errorf("input: %w", err)
		}
		if slices.Contains(s.Input[:i], source) {
			return fmt.Errorf("input has %s twice", source)
		}
		if w := s.Widths[i]; w < 1 || w > maxWidth {
			return fmt.Errorf("widths has %d for %s, want 1 to %d", w, source, maxWidth)
		}
		if source.Tokens() {
			tokens++
		}
	}
	vectors := len(s.Input) - tokens
	switch s.Kind {
	case Linear, MLP:
		if tokens > 0 {
			return fmt.Errorf("input of a %s head has tokens, want vectors: use mean for features", s.Kind)
		}
	case Attentive, Upsampling:
		if tokens != 1 || vectors > 0 {
			return fmt.Errorf("input of a %s head is %v, want features or one block", s.Kind, s.Input)
		}
	case Segment, Fused:
		if vectors > 0 {
			return fmt.Errorf("input of a %s head has vectors, want features and blocks alone", s.Kind)
		}
	case Depth:
		if tokens == 0 || vectors != 0 && vectors != tokens {
			return fmt.Errorf("input of a depth head is %v, want features and blocks, and after them none or as many vectors", s.Input)
		}
		if vectors > 0 && (slices.ContainsFunc(s.Input[:tokens], func(x checkpoint.Source) bool { return !x.Tokens() })) {
			return fmt.Errorf("input of a depth head is %v, want the features and blocks before the vectors", s.Input)
		}
	}
	return nil
}

func (s *Spec) checkSizes() error {
	if s.Outputs < 1 || s.Outputs > maxWidth {
		return fmt.Errorf("outputs is %d, want 1 to %d", s.Outputs, maxWidth)
	}
	hidden := map[Kind][2]int{MLP: {1, 1}, Attentive: {0, 1}, Fused: {1, 1}, Upsampling: {1, 6}}[s.Kind]
	if n := len(s.Hidden); n < hidden[0] || n > hidden[1] {
		return fmt.Errorf("hidden has %d widths, want %d to %d for a %s head", n, hidden[0], hidden[1], s.Kind)
	}
	for _, w := range s.Hidden {
		if w < 1 || w > maxWidth {
			return fmt.Errorf("hidden has %d, want 1 to %d", w, maxWidth)
		}
	}
	switch {
	case s.Kind != Attentive && s.Heads != 0:
		return fmt.Errorf("num_heads is %d, but a %s head has no attention", s.Heads, s.Kind)
	case s.Kind == Attentive && (s.Heads < 1 || s.Widths[0]%s.Heads != 0):
		return fmt.Errorf("num_heads is %d, want a divisor of the width %d", s.Heads, s.Widths[0])
	}
	if !(s.Dropout >= 0 && s.Dropout < 1) {
		return fmt.Errorf("dropout is %v, want 0 up to 1", s.Dropout)
	}
	if s.DropoutFirst && s.Kind != Segment {
		return fmt.Errorf("dropout_first is only for segment heads")
	}
	if s.Dropout > 0 && slices.Contains([]Kind{Attentive, Upsampling, Depth}, s.Kind) {
		return fmt.Errorf("dropout is %v, but a %s head has none", s.Dropout, s.Kind)
	}
	return nil
}

func (s *Spec) checkNorm() error {
	if s.Kind == Attentive && s.Norm != nil {
		return fmt.Errorf("norm: an attentive head has a LayerNorm of its own, and no other")
	}
	if s.Norm == nil {
		return nil
	}
	if n := s.Norm; !(n.Eps >= 0 && n.Eps < 1) || !(n.Momentum >= 0 && n.Momentum <= 1) {
		return fmt.Errorf("norm has eps %v and momentum %v, want 0 up to 1", n.Eps, n.Momentum)
	}
	if s.Norm.Fixed && slices.Contains([]Kind{Fused, Upsampling}, s.Kind) {
		return fmt.Errorf("norm.fixed: the norms of a %s head are between its layers, and learn", s.Kind)
	}
	return nil
}

func (s *Spec) checkDepth() error {
	if s.Kind != Depth {
		if s.Bins != nil {
			return fmt.Errorf("depth is only for heads of kind depth")
		}
		return nil
	}
	b := s.Bins
	if b == nil {
		return fmt.Errorf("depth is missing: want the range of depths")
	}
	if !(b.Low >= 0 && b.Low < b.High && b.High < math.MaxFloat32) || b.Log && b.Low == 0 {
		return fmt.Errorf("depth has low %v and high %v, want 0 or more, and high above low; above 0 for log", b.Low, b.High)
	}
	if w := b.Weights; w != "" && w != LinearWeights && w != SigmoidWeights && w != SoftmaxWeights {
		return fmt.Errorf("depth.weights is %q, want linear, sigmoid or softmax", string(w))
	}
	if b.Upsample < 0 || b.Upsample > 16 {
		return fmt.Errorf("depth.upsample is %d, want 1 to 16", b.Upsample)
	}
	return nil
}

func (s *Spec) checkLabels() error {
	if n := len(s.Labels); n > 0 && (n != s.Outputs || s.Kind == Depth) {
		return fmt.Errorf("id2label has %d names, want %d, one for each output, and none of a depth head", n, s.Outputs)
	}
	if s.MultiLabel && s.Kind.Dense() {
		return fmt.Errorf("multi_label is for heads that answer for the whole picture, not for %s", s.Kind)
	}
	return nil
}

// checkParams bounds the memory that a file can ask for.
func (s *Spec) checkParams() error {
	total := 0.0
	for _, p := range s.Params() {
		n := 1.0
		for _, d := range p.Shape {
			n *= float64(d)
		}
		total += n
	}
	if total > maxParams {
		return fmt.Errorf("the head would have %.3g parameters, want at most %d", total, maxParams)
	}
	return nil
}

// Width is the width of the head's input: all sources joined.
func (s *Spec) Width() (n int) {
	for _, w := range s.Widths {
		n += w
	}
	return n
}
