package conformance

import (
	"fmt"
	"math"
	"reflect"
	"slices"

	"cradio/loader"
	"cradio/radio"
)

// A bundle says whose outputs it holds by a config and a seed, or by the checkpoint
// that it was made with. A checkpoint's own bundle is found by what it holds: the same
// architecture, and the same weights, told by one tensor.

// anchor is that tensor, by the hub's name: the patches' embedding, (D, 3·P·P).
const anchor = "radio_model.model.patch_generator.embedder.weight"

// sameModel says whether two configurations, of whatever layouts, are of one
// architecture. What one layout says and another does not is left out, and so is how
// the position table is resized, which a bundle says apart.
func sameModel(a, b *radio.Config) bool {
	if a == nil || b == nil {
		return false
	}
	x, y := *a, *b
	for _, c := range []*radio.Config{&x, &y} {
		c.Model, c.Version, c.Teachers, c.At, c.Ignored = "", "", nil, "", nil
		c.MaxResolution, c.PreferredResolution = 0, [2]int{}
		c.AlignCorners, c.AlignFrom = false, ""
		c.LayerScaleFill, c.SpectralEps = 0, 0
		c.SummaryIdxs, c.Adaptors = slices.Clip(c.SummaryIdxs), slices.Clip(c.Adaptors)
		if len(c.Adaptors) == 0 {
			c.Adaptors = nil
		}
	}
	return reflect.DeepEqual(x, y)
}

// closeness says how far one checkpoint's weights are another's.
type closeness int

const (
	different closeness = iota
	rounded             // the same but for rounding to half precision
	equal
)

// original finds the bundle with the outputs of a checkpoint: of the very weights
// before one of the weights as they were before rounding.
func (r *run) original(b *Bundle) (ref *Bundle, isRounded bool, err error) {
	var nearest closeness
	for _, c := range r.Bundles {
		near, err := r.near(b, c)
		if err != nil {
			return nil, false, err
		}
		if near > nearest {
			ref, nearest = c, near
		}
	}
	if ref == nil {
		return nil, false, fmt.Errorf("no bundle has the outputs of this model: the folder wants one with its config, its seed and align_corners %v", b.model.AlignCorners)
	}
	return ref, nearest == rounded, nil
}

// near compares a checkpoint with the model of a bundle.
func (r *run) near(b, c *Bundle) (closeness, error) {
	switch {
	case c.err != nil || c.rows || !c.synthetic() || c.kind != forward && c.kind != native || c.alignCorners() != b.model.AlignCorners:
		return different, nil
	case c.kind == forward && !sameModel(b.model, c.model):
		return different, nil
	case c.checkpoint == "":
		want, err := loader.NewSynthetic(c.facts.Seed).Float32(anchor, b.model.Width, len(b.anchor)/b.model.Width)
		return compareAnchors(b.anchor, want), err
	}
	for _, o := range r.Bundles {
		if o.kind != weights || o.path != c.checkpoint || !sameModel(b.model, o.model) {
			continue
		}
		near := compareAnchors(b.anchor, o.anchor)
		if c.kind == native && near == rounded {
			near = different // what PyTorch made of the weights says nothing of rounded ones
		}
		return near, nil
	}
	return different, nil
}

// compareAnchors compares weights with those that they may be.
func compareAnchors(got, want []float32) closeness {
	if slices.Equal(got, want) {
		return equal
	}
	if len(got) != len(want) || !halved(got) || halved(want) {
		return different
	}
	for i := range want {
		const bfloat16, float16 = 1.0 / 256, 0x1p-24 // the largest roundings: relative, and of the smallest numbers
		if !(math.Abs(float64(got[i]-want[i])) <= bfloat16*math.Abs(float64(want[i]))+float16) {
			return different
		}
	}
	return rounded
}

// halved says whether every value is one of half precision: of float16, which has 13
// bits of significand fewer than float32, or of bfloat16, which has 16 fewer.
func halved(values []float32) bool {
	return !slices.ContainsFunc(values, func(v float32) bool { return math.Float32bits(v)&(1<<13-1) != 0 })
}
