package conformance

import (
	"math"
	"strconv"
	"strings"

	"cradio/radio"
)

// mark is what the error of a bundle's tensor is compared with: the peer's own
// where the manifest has it, else an estimate, else nil. Nothing is estimated in
// int8, whose errors grow along the model otherwise than those of a rounding.
func (r *run) mark(b *Bundle, name string, truth []float32) *Mark {
	by := peer(r.opt.DType)
	if e, ok := b.errors(r.opt.DType)[name]; ok {
		return &Mark{Error: e, By: by}
	}
	if by != PyTorch {
		return nil
	}
	rel := r.estimate(b, name)
	if rel == nil {
		return nil
	}
	size := rms(truth)
	return &Mark{Error: Error{Max: rel.Max * size, RMS: rel.RMS * size}, By: by, Estimated: true}
}

// estimate is PyTorch's error relative to the size of the tensor, judged by the
// tensors nearby, or nil. Rounding errors add up along the residual stream, so
// that what comes later has the larger ones:
//
//   - a tensor of a forward pass is held to the largest relative error among the
//     tensors of its bundle that have one: summary and features, in full/;
//   - an output of forward_intermediates to the largest among the blocks' outputs,
//     or with a final norm among final, in the bundles of the same model.
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

// isBlock says whether a name is a block's output.
func isBlock(name string) bool {
	rest, ok := strings.CutPrefix(name, "block.")
	return ok && !strings.Contains(rest, ".")
}

// relative is the largest of PyTorch's recorded errors among the wanted tensors,
// each relative to the root mean square of the tensor, or nil.
func (b *Bundle) relative(dtype radio.DType, wanted func(name string) bool) *Error {
	if b.marks == nil {
		return nil
	}
	var most *Error
	for name, e := range b.errors(dtype) {
		size := b.marks.TorchError.RMSOfTruth[name]
		if size > 0 && wanted(name) {
			most = larger(most, &Error{Max: e.Max / size, RMS: e.RMS / size})
		}
	}
	return most
}

// larger takes the larger of each; either may be nil.
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
