package conformance

import (
	"fmt"

	"cradio/loader"
	"cradio/radio"
)

// nativePrefix is the prefix of PyTorch's float32 outputs, such as "float32/summary". Old bundles for
// transformers' RadioModel hold these instead of reference tensors and errors. The reference is
// then our own float64 run of the checkpoint, and PyTorch's error is its distance from that. If
// this distance is too large, the two computed different models, which is a failure.
const nativePrefix = "float32/"

// nativeSeed is added to the seed of a bundle, before the names of tensors.
const nativeSeed = "native."

// nativeAnchor is the anchor by its name in RadioModel.
const nativeAnchor = "embeddings.patch_projection.weight"

// maxRounding is the limit of PyTorch's float32 error, relative to the size of the tensor: twice the
// error in the largest models. The smallest possible mistake, a LayerNorm with another common
// epsilon, has a larger error.
const maxRounding = 0x1p-19

// bfloat16Factor is the ratio of the roundings of bfloat16 and float32. PyTorch's errors under autocast
// are 5,000 to 45,000 times its errors in float32.
const bfloat16Factor = 0x1p16

// matchNative finds the checkpoints of bundles with nativePrefix.
func (s *Suite) matchNative() {
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
			b.err = fmt.Errorf("%s: no checkpoint in the folder has the weights of its seed %q: add the checkpoint from which it was made", b.path, b.facts.Seed)
		}
	}
}

// compareNative compares a checkpoint with a bundle with nativePrefix.
func (r *run) compareNative(d *data, m *radio.Model) error {
	return r.runOwn(d, m, nativePrefix, func(name string, truth []float32) (*Baseline, error) {
		recorded, _, err := d.float32s(nativePrefix + name)
		if err != nil {
			return nil, err
		}
		return r.nativeBaseline(name, recorded, truth)
	})
}

// nativeBaseline returns the error of PyTorch's recorded tensor against our float64 run.
func (r *run) nativeBaseline(name string, recorded, truth []float32) (*Baseline, error) {
	values := make([]float64, len(recorded))
	for i, v := range recorded {
		values[i] = float64(v)
	}
	torch, err := compare("", name, values, truth, nil)
	if err != nil {
		return nil, fmt.Errorf("PyTorch's tensor %w", err)
	}
	if most := maxRounding * rms(truth); torch.Ours.RMS > most {
		return nil, fmt.Errorf("the rms distance between PyTorch in float32 and our float64 run is %.3g, want at most %.3g from rounding: these are two different models", torch.Ours.RMS, most)
	}
	switch r.opt.DType {
	case radio.Int8:
		return nil, nil
	case radio.BFloat16:
		e := Error{Max: torch.Ours.Max * bfloat16Factor, RMS: torch.Ours.RMS * bfloat16Factor}
		return &Baseline{Error: e, By: PyTorch, Estimated: true}, nil
	case radio.TF32:
		e := Error{Max: torch.Ours.Max * bfloat16Factor * tf32Share, RMS: torch.Ours.RMS * bfloat16Factor * tf32Share}
		return &Baseline{Error: e, By: PyTorch, Estimated: true}, nil
	default:
		return &Baseline{Error: torch.Ours, By: PyTorch}, nil
	}
}
