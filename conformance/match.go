package conformance

import (
	"fmt"
	"math"
	"reflect"
	"slices"

	"cradio/loader"
	"cradio/radio"
)

// A bundle identifies its model by a config and a seed, or by a checkpoint. The bundle of a checkpoint
// is the one with the same architecture and the same weights. One tensor, the anchor, identifies
// the weights.

// anchor is the patch embedding, (D, 3·P·P), by its name on the hub.
const anchor = "radio_model.model.patch_generator.embedder.weight"

// sameModel reports whether two configurations, in any layouts, have the same architecture. It ignores
// fields that only some layouts have, and align_corners, which a bundle stores separately.
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

// closeness is how close the weights of two checkpoints are.
type closeness int

const (
	different closeness = iota
	rounded             // equal up to rounding to half precision
	equal
)

// original finds the bundle with the outputs of a checkpoint. It prefers a bundle with equal weights
// to one with the weights before rounding.
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
		return nil, false, fmt.Errorf("no bundle has the outputs of this model: add a bundle with its config, its seed and align_corners %v", b.model.AlignCorners)
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
			near = different // the bundle's outputs are not those of rounded weights
		}
		return near, nil
	}
	return different, nil
}

// compareAnchors compares two anchors.
func compareAnchors(got, want []float32) closeness {
	if slices.Equal(got, want) {
		return equal
	}
	if len(got) != len(want) || !halved(got) || halved(want) {
		return different
	}
	for i := range want {
		const bfloat16, float16 = 1.0 / 256, 0x1p-24 // the largest rounding errors: relative, and of the smallest numbers
		if !(math.Abs(float64(got[i]-want[i])) <= bfloat16*math.Abs(float64(want[i]))+float16) {
			return different
		}
	}
	return rounded
}

// halved reports whether all values are representable in half precision. The significand of float16 has
// 13 bits fewer than that of float32, that of bfloat16 16 fewer.
func halved(values []float32) bool {
	return !slices.ContainsFunc(values, func(v float32) bool { return math.Float32bits(v)&(1<<13-1) != 0 })
}
