package conformance

import (
	"fmt"

	"cradio/loader"
	"cradio/radio"
)

// A bundle of the first form for transformers' RadioModel has no truth and no marks,
// but what PyTorch made of a checkpoint in float32, "float32/summary". The truth is
// then our own float64 run of that checkpoint, and PyTorch's error its distance from
// it. That is a comparison only as long as both compute one model, which the size of
// this error tells.
const nativePrefix = "float32/"

// nativeSeed stands between a bundle's seed and the name of a tensor of its model.
const nativeSeed = "native."

// nativeAnchor is the anchor by the name of RadioModel's module.
const nativeAnchor = "embeddings.patch_projection.weight"

// maxRounding is the most that PyTorch's float32 may be off, relative to the size of
// the tensor: twice what it is in the largest models. A LayerNorm with another epsilon
// of those in use, the smallest mistake, is off by more.
const maxRounding = 0x1p-19

// narrower is how much coarser bfloat16 is than float32. Under autocast PyTorch's
// errors are 5,000 to 45,000 times its errors in float32.
const narrower = 0x1p16

// pairNative finds the checkpoints that bundles of the first form were made with.
func (s *Suite) pairNative() {
	for _, b := range s.Bundles {
		if b.kind != native || b.err != nil {
			continue
		}
		for _, c := range s.Bundles {
			if c.kind != weights || c.anchor == nil {
				continue
			}
			want, err := loader.NewSynthetic(b.facts.Seed+nativeSeed).Float32(nativeAnchor, c.model.Width, len(c.anchor)/c.model.Width)
			if err == nil && compareAnchors(c.anchor, want) == equal {
				b.checkpoint = c.path
				break
			}
		}
		if b.checkpoint == "" {
			b.err = fmt.Errorf("%s: no checkpoint in the folder holds the weights of its seed %q: the checkpoint that it was made with belongs beside it", b.path, b.facts.Seed)
		}
	}
}

// compareNative compares a checkpoint with a bundle of the first form.
func (r *run) compareNative(d *data, m *radio.Model) error {
	return r.runOwn(d, m, nativePrefix, func(name string, truth []float32) (*Mark, error) {
		recorded, _, err := d.float32s(nativePrefix + name)
		if err != nil {
			return nil, err
		}
		return r.nativeMark(name, recorded, truth)
	})
}

// nativeMark measures PyTorch's recorded tensor against our float64 run.
func (r *run) nativeMark(name string, recorded, truth []float32) (*Mark, error) {
	values := make([]float64, len(recorded))
	for i, v := range recorded {
		values[i] = float64(v)
	}
	torch, err := compare("", name, values, truth, nil)
	if err != nil {
		return nil, fmt.Errorf("PyTorch's %w", err)
	}
	if most := maxRounding * rms(truth); torch.Ours.RMS > most {
		return nil, fmt.Errorf("PyTorch's in float32 is %.3g from our float64 run of the checkpoint, and rounding makes at most %.3g: these are two models", torch.Ours.RMS, most)
	}
	switch r.opt.DType {
	case radio.Int8:
		return nil, nil
	case radio.BFloat16:
		e := Error{Max: torch.Ours.Max * narrower, RMS: torch.Ours.RMS * narrower}
		return &Mark{Error: e, By: PyTorch, Estimated: true}, nil
	default:
		return &Mark{Error: torch.Ours, By: PyTorch}, nil
	}
}
