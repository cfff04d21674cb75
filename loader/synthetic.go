package loader

import (
	"fmt"
	"math"
	"math/bits"
	"strings"
)

// Synthetic computes every tensor from the tensor's name: "synth v1", as conformance/README.md defines it, bit for bit.
// The numbers have a plausible size for each kind of parameter, and no meaning.
type Synthetic struct{ seed string }

// NewSynthetic returns a source of synthetic weights. Each seed gives different weights.
func NewSynthetic(seed string) *Synthetic { return &Synthetic{seed} }

// Names returns nil: the source has every tensor.
func (s *Synthetic) Names() []string { return nil }

// Lookup always returns false.
func (s *Synthetic) Lookup(string) (Info, bool) { return Info{}, false }

// Int64 always returns ErrMissing: synth v1 defines no integers.
func (s *Synthetic) Int64(name string, _ ...int) ([]int64, error) {
	return nil, &Error{File: s.String(), Item: tensorItem(name), Found: "there are no synthetic integers",
		Do: "take them from the model's config.json", Err: ErrMissing}
}

// Check implements Source.
func (s *Synthetic) Check(name string, shape ...int) error {
	n, err := elements(shape)
	if err != nil {
		return locate(err, s.String(), tensorItem(name), "")
	}
	if known := conditioner(name); known != nil && n != len(known) {
		return &Error{File: s.String(), Item: tensorItem(name), Want: "shape " + shapeText(shape), Found: "(3, 1, 1)",
			Do: "check the model's config"}
	}
	return nil
}

// Release does nothing: the caller owns the tensors.
func (s *Synthetic) Release(string) {}

// Close does nothing.
func (s *Synthetic) Close() error { return nil }

// String describes the weights, for messages.
func (s *Synthetic) String() string { return fmt.Sprintf("synthetic weights (seed %q)", s.seed) }

// OpenAI CLIP's pixel statistics, what every C-RADIO model's input conditioner holds.
var (
	clipMean = [3]float32{0.48145466, 0.4578275, 0.40821073}
	clipStd  = [3]float32{0.26862954, 0.26130258, 0.27577711}
)

// Float32 implements Source. It computes the tensor on every call.
func (s *Synthetic) Float32(name string, shape ...int) ([]float32, error) {
	return s.Float32Into(nil, name, shape...)
}

// Float32Into implements Source.
func (s *Synthetic) Float32Into(dst []float32, name string, shape ...int) ([]float32, error) {
	if err := s.Check(name, shape...); err != nil {
		return nil, err
	}
	if known := conditioner(name); known != nil {
		return known, nil
	}
	centre, amplitude := distribution(name, leafOf(name), shape)
	n, _ := elements(shape)
	out := room(dst, n)
	h := fnv1a64(s.seed + name)
	parallel(n, func(lo, hi int) { fill(out[lo:hi], h, lo, centre, amplitude) })
	if len(shape) == 1 && n > 0 && (strings.HasSuffix(name, "blocks.1.mlp.fc2.bias") || strings.HasSuffix(name, "resblocks.1.mlp.c_proj.bias")) {
		out[n/3] = 40 // one outlier channel, as in trained ViTs
	}
	return out, nil
}

// leafOf is the last part of a name.
func leafOf(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

func conditioner(name string) []float32 {
	switch {
	case strings.HasSuffix(name, "norm_mean"):
		return append([]float32(nil), clipMean[:]...)
	case strings.HasSuffix(name, "norm_std"):
		return append([]float32(nil), clipStd[:]...)
	}
	return nil
}

// distribution returns the centre and half-width of a tensor's values; see the table in conformance/README.md.
func distribution(name, leaf string, shape []int) (centre, amplitude float64) {
	switch leaf {
	case "pos_embed":
		return 0, 0.5
	case "token":
		return 0, 1
	case "grandma":
		return 0.3, 0.15
	case "alphas":
		return 1, 0.5
	case "means", "mean":
		return 0, 0.2
	case "bias", "in_proj_bias":
		return 0, 0.1
	case "positional_embedding": // from here on of text towers
		return 0, 0.25
	case "logit_scale":
		return math.Log(100), 0
	case "logit_bias":
		return -12.5, 0
	}
	if strings.HasSuffix(name, "token_embedding.weight") {
		return 0, 0.5
	}
	if len(shape) < 2 {
		return 1, 0.2 // LayerNorm's weight
	}
	gain := 1.0
	if strings.Contains(name, ".qkv.") || leaf == "in_proj_weight" {
		gain = 1.5 // for peaked attention
	}
	return 0, gain * math.Sqrt(3/float64(shape[len(shape)-1]))
}

// fill computes elements first, first+1, … of a tensor: splitmix64 from the state h, its top 24 bits as v in [-1, 1).
func fill(out []float32, h uint64, first int, centre, amplitude float64) {
	const gamma = 0x9E3779B97F4A7C15
	state := h + uint64(first)*gamma
	for i := range out {
		state += gamma
		z := state
		z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
		z = (z ^ z>>27) * 0x94D049BB133111EB
		z ^= z >> 31
		v := float64(int64(z>>40))*0x1p-23 - 1
		// The conversion keeps the product from being fused into the sum, which would round once instead of twice.
		out[i] = float32(centre + float64(amplitude*v))
	}
}

func fnv1a64(s string) uint64 {
	h := uint64(0xCBF29CE484222325)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 0x100000001B3
	}
	return h
}

// elements returns the product of shape. It is an error if a dimension is negative or 8-byte elements would not fit in memory.
func elements(shape []int) (int, error) {
	n := uint64(1)
	for _, d := range shape {
		high, low := bits.Mul64(n, uint64(d))
		if d < 0 || high != 0 || low > math.MaxInt/8 {
			return 0, &Error{Want: "a shape that fits in memory", Found: shapeText(shape), Do: "check the model's config"}
		}
		n = low
	}
	return int(n), nil
}
