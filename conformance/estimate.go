package conformance

import (
	"math"
	"strconv"
	"strings"

	"cradio/radio"
)

// baseline returns the error that a tensor of a bundle is compared with: the peer's error if the
// manifest has it, else an estimate, else nil. There are no estimates for int8, since its errors
// do not accumulate like rounding errors.
func (r *run) baseline(b *Bundle, name string, truth []float32) *Baseline {
	by := peer(r.opt.DType)
	if e, ok := b.errors(r.opt.DType)[name]; ok {
		return &Baseline{Error: e, By: by, Estimated: r.opt.DType == radio.TF32}
	}
	if by != PyTorch {
		return nil
	}
	rel := r.estimate(b, name)
	if rel == nil {
		return nil
	}
	size := rms(truth)
	return &Baseline{Error: Error{Max: rel.Max * size, RMS: rel.RMS * size}, By: by, Estimated: true}
}

// estimate returns an estimate of PyTorch's error from related tensors, relative to the size of the
// tensor, or nil. Rounding errors accumulate along the residual stream, so later tensors have
// larger errors. The estimate is the largest relative error
//
//   - for a tensor of a forward pass: of the tensors of its bundle whose error is recorded
//     (summary and features, in full/);
//   - for an output of forward_intermediates: of the outputs of blocks, and with a final norm
//     also of final, in the bundles of the same model.
func (r *run) estimate(b *Bundle, name string) *Error {
	switch b.kind {
	case forward:
		return b.relative(r.opt.DType, func(string) bool { return true })
	case intermediates:
		at, _, _ := strings.Cut(name, "/")
		i, err := strconv.Atoi(at)
		if err != nil || i < 0 || i >= len(b.facts.Calls) {
			return nil
		}
		wanted := isBlock
		if b.facts.Calls[i].Norm {
			wanted = func(name string) bool { return name == "final" || isBlock(name) }
		}
		var most *Error
		for _, o := range r.Bundles {
			if o.kind == forward && o.facts.ViTDet == nil && sameModel(o.model, b.model) {
				most = larger(most, o.relative(r.opt.DType, wanted))
			}
		}
		return most
	}
	return nil
}

// isBlock reports whether a name is the output of a block.
func isBlock(name string) bool {
	rest, ok := strings.CutPrefix(name, "block.")
	return ok && !strings.Contains(rest, ".")
}

// relative returns PyTorch's largest recorded error of the wanted tensors, relative to the root mean
// square of the tensor, or nil.
func (b *Bundle) relative(dtype radio.DType, wanted func(name string) bool) *Error {
	if b.entry == nil {
		return nil
	}
	var most *Error
	for name, e := range b.errors(dtype) {
		size := b.entry.TorchError.RMSOfTruth[name]
		if size > 0 && wanted(name) {
			most = larger(most, &Error{Max: e.Max / size, RMS: e.RMS / size})
		}
	}
	return most
}

// larger returns the larger Max and the larger RMS. Either argument may be nil.
func larger(a, b *Error) *Error {
	if a == nil {
		return b
	}
	if b == nil {
		return a
	}
	return &Error{Max: max(a.Max, b.Max), RMS: max(a.RMS, b.RMS)}
}

func rms(values []float32) float64 {
	var sum float64
	for _, v := range values {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum / float64(max(len(values), 1)))
}
