package head

import (
	"fmt"

	"cradio/radio"
	"cradio/radio/head/internal/spec"
)

// What describes a head.
type (
	// Spec describes a head: what head.json holds.
	Spec = spec.Spec
	// Kind is what a head computes, and how.
	Kind = spec.Kind
	// Norm is a BatchNorm.
	Norm = spec.Norm
	// Bins says how a Depth head's outputs become depths.
	Bins = spec.Bins
	// DepthWeights says how the scores of a Depth head become the weights of depths.
	DepthWeights = spec.DepthWeights
	// Labels are the names of classes by their number.
	Labels = spec.Labels
	// Picture is how pictures become the pixels that the head was trained on.
	Picture = spec.Picture
	// Alpha is what becomes of transparent pictures.
	Alpha = spec.Alpha
	// Processor is an image.Processor; in JSON it is a preprocessor_config.json.
	Processor = spec.Processor
	// Backbone identifies the model whose features a head knows.
	Backbone = spec.Backbone
)

// The kinds. Those for a picture read one vector, all sources joined, or for Attentive tokens. The
// others read tokens on the grid of patches: one source, or several levels.
const (
	Linear     = spec.Linear     // head
	MLP        = spec.MLP        // fc1, GELU, fc2
	Attentive  = spec.Attentive  // pool, timm's AttentionPoolLatent, then head
	Segment    = spec.Segment    // bn and a 1×1 convolution, mmseg's and NVlabs'
	Fused      = spec.Fused      // SegFormer's all-MLP fusion of levels
	Upsampling = spec.Upsampling // 3×3 convolutions, each with twice the resolution after it
	Depth      = spec.Depth      // DINOv2's and DINOv3's linear head, depths from bins or plain
)

// How the scores of a Depth head become the weights of depths.
const (
	LinearWeights  = spec.LinearWeights
	SigmoidWeights = spec.SigmoidWeights
	SoftmaxWeights = spec.SoftmaxWeights
)

// What becomes of transparent pictures.
const (
	OnWhite   = spec.OnWhite
	AlphaDrop = spec.AlphaDrop
)

// Kinds lists the kinds.
func Kinds() []Kind { return spec.Kinds() }

// checkSize refuses a size of pictures that there is not.
func checkSize(s *Spec) error {
	if s.Picture == nil {
		return nil
	}
	if _, err := radio.ParseSize(s.Picture.Size); err != nil {
		return fmt.Errorf("picture.%w", err)
	}
	return nil
}
