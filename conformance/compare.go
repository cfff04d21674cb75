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
	By Peer
	// Estimated: not the peer's error on this tensor, which was not recorded, but
	// a bound derived from its errors nearby. See estimate.go.
	Estimated bool
}

// Tensor is the comparison of one tensor.
type Tensor struct {
	Bundle, Name string
	Ours         Error
	Mark         *Mark // nil where there is nothing to compare with
	// Floor is the rms error of the truth's own rounding to float32.
	Floor float64
	// LastPlace is the rms error of a tensor of which one value, the largest, is
	// off by one unit in the last place.
	LastPlace float64
	// Ratio is Ours.RMS to Mark.RMS; see compare for a Mark without any error.
	// 0 without a Mark.
	Ratio float64
	// counted is what goes into the geometric mean, see compare.
	counted float64
}

// compare measures ours against truth, the float32 rounding of what was computed
// in float64. The rounding of the truth is an error of its own, the floor of
// rms(ulp(truth))/√12: where the peer has no error at all, as with a table that is
// only copied, ours may be as large as that, and the ratio is then 1. In the
// geometric mean both errors count as at least the floor: a ratio of zero is not
// worth infinitely many others.
func compare(bundle, name string, ours []float64, truth []float32, mark *Mark) (Tensor, error) {
	t := Tensor{Bundle: bundle, Name: name, Mark: mark}
	if len(ours) != len(truth) {
		return t, fmt.Errorf("has %d values, the truth %d", len(ours), len(truth))
	}
	var sum, rounding, coarsest float64
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
		coarsest = max(coarsest, u)
	}
	n := float64(max(len(truth), 1))
	t.Ours.RMS = math.Sqrt(sum / n)
	t.Floor, t.LastPlace = math.Sqrt(rounding/n/12), coarsest/math.Sqrt(n)
	if mark == nil {
		return t, nil
	}
	least := max(t.Floor, math.SmallestNonzeroFloat64)
	if mark.RMS > 0 {
		t.Ratio = t.Ours.RMS / mark.RMS
	} else {
		t.Ratio = max(t.Ours.RMS/least, 1)
	}
	t.counted = max(t.Ours.RMS, least) / max(mark.RMS, least)
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
