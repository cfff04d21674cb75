package conformance

import (
	"fmt"
	"math"

	"gorgonia.org/tensor"
)

// Error is the distance of a tensor from the truth.
type Error struct {
	Max float64 `json:"max"`
	RMS float64 `json:"rms"`
}

// Mark is what a tensor's error is compared with.
type Mark struct {
	Error
	// Estimated: not PyTorch's error on this tensor, which was not recorded, but
	// a bound derived from its errors nearby. See estimate.go.
	Estimated bool
}

// Tensor is the comparison of one tensor.
type Tensor struct {
	Bundle, Name string
	Ours         Error
	Torch        *Mark // nil where there is nothing to compare with
	// Ratio is Ours.RMS / Torch.RMS, but for errors that are too small to tell
	// from the rounding of the truth; see compare. 0 without a Torch.
	Ratio float64
	// weight of the ratio in the geometric mean, see compare.
	counted float64
}

// compare measures ours against truth, the float32 rounding of what was computed
// in float64.
//
// That rounding is an error of its own, floor = rms(ulp(truth))/√12. Two errors
// below it cannot be told apart, nor from zero, which a plain copy has:
//
//   - PyTorch's error counts as at least the floor, so that nobody is asked for
//     less than can be measured; where it is below and ours too, the ratio is 1;
//   - in the geometric mean our error too counts as at least the floor, so that a
//     ratio of zero is not worth infinitely many others.
func compare(bundle, name string, ours []float64, truth []float32, mark *Mark) (Tensor, error) {
	t := Tensor{Bundle: bundle, Name: name, Torch: mark}
	if len(ours) != len(truth) {
		return t, fmt.Errorf("has %d values, the truth %d", len(ours), len(truth))
	}
	var sum, rounding float64
	for i, want := range truth {
		if w := float64(want); math.IsNaN(w) || math.IsInf(w, 0) {
			return t, fmt.Errorf("the truth is %v at value %d: the bundle is damaged", want, i)
		}
		d := math.Abs(ours[i] - float64(want))
		if math.IsNaN(d) || math.IsInf(d, 0) {
			return t, fmt.Errorf("is %v at value %d, the truth is %v", ours[i], i, want)
		}
		t.Ours.Max = max(t.Ours.Max, d)
		sum += d * d
		u := ulp(want)
		rounding += u * u
	}
	n := float64(max(len(truth), 1))
	t.Ours.RMS = math.Sqrt(sum / n)
	if mark != nil {
		floor := math.Sqrt(rounding / n / 12)
		t.Ratio = t.Ours.RMS / max(mark.RMS, floor)
		if mark.RMS <= floor {
			t.Ratio = max(t.Ratio, 1)
		}
		t.counted = max(t.Ratio, floor/max(mark.RMS, floor))
	}
	return t, nil
}

// ulp is the distance between neighbouring float32 values at x.
func ulp(x float32) float64 {
	const smallest = -149 // exponent of the smallest subnormal number
	if x == 0 {
		return math.Ldexp(1, smallest)
	}
	_, exponent := math.Frexp(float64(x)) // |x| is in [½, 1)·2^exponent
	return math.Ldexp(1, max(exponent-24, smallest))
}

// wide is a tensor's values as float64.
func wide(d *tensor.Dense) ([]float64, error) {
	switch v := d.Data().(type) {
	case []float64:
		return v, nil
	case []float32:
		out := make([]float64, len(v))
		for i, x := range v {
			out[i] = float64(x)
		}
		return out, nil
	}
	return nil, fmt.Errorf("is of %v, wants float32 or float64", d.Dtype())
}
