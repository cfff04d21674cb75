package conformance

import (
	"fmt"
	"math"

	"cradio/conformance/internal/metadata"

	"gorgonia.org/tensor"
)

// Error is the error of a tensor: its distance from the reference.
type Error = metadata.Error

// Baseline is the peer's error, which ours is compared with.
type Baseline struct {
	Error
	By Peer
	// Estimated means that the peer's error on this tensor was not recorded. The baseline is
	// then a bound derived from related tensors. See estimate.go.
	Estimated bool
	// Chance means that both errors are nearly single draws, those of a few rows of a gradient in
	// a precision that rounds: the limit is MaxFewTokens.
	Chance bool
}

// limit is that of our error divided by the peer's.
func (b *Baseline) limit() float64 {
	if b.Chance {
		return max(MaxFewTokens, b.By.maxRatio())
	}
	return b.By.maxRatio()
}

// Tensor is the comparison of one tensor.
type Tensor struct {
	Bundle, Name string
	Tokens       int // rows along the last axis; 1 for a vector
	Values       int
	Ours         Error
	Baseline     *Baseline // nil if there is nothing to compare with
	// Floor is the RMS error of rounding the reference to float32.
	Floor float64
	// LastPlace is the RMS error if only the largest value is off by one unit in the last
	// place.
	LastPlace float64
	// Ratio is Ours.RMS / Baseline.RMS. It is 0 without a Baseline. For a Baseline of 0, see
	// compare.
	Ratio float64
	// Fast is the comparison on the fast path, or nil if the bundle did not run on it.
	Fast *Fast
	// counted is the ratio in the geometric mean; see compare.
	counted float64
}

// compare measures the error of ours. truth is the reference, computed in float64 and rounded to
// float32. This rounding has an error of its own, the floor: rms(ulp(truth))/√12.
//
// If the peer has no error, as for a table that is only copied, ours may be as large as the floor;
// the ratio is then 1. In the geometric mean, both errors count as at least the floor, so that
// one ratio of 0 does not outweigh all others.
func compare(bundle, name string, ours []float64, truth []float32, baseline *Baseline) (Tensor, error) {
	t := Tensor{Bundle: bundle, Name: name, Values: len(truth), Baseline: baseline}
	if len(ours) != len(truth) {
		return t, fmt.Errorf("has %d values, want %d as in the reference", len(ours), len(truth))
	}
	var sum, rounding, coarsest float64
	for i, want := range truth {
		if w := float64(want); math.IsNaN(w) || math.IsInf(w, 0) {
			return t, fmt.Errorf("the reference is %v at value %d: the bundle is damaged", want, i)
		}
		d := math.Abs(ours[i] - float64(want))
		if math.IsNaN(d) || math.IsInf(d, 0) {
			return t, fmt.Errorf("is %v at value %d, want %v", ours[i], i, want)
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
	if baseline == nil {
		return t, nil
	}
	least := max(t.Floor, math.SmallestNonzeroFloat64)
	if baseline.RMS > 0 {
		t.Ratio = t.Ours.RMS / baseline.RMS
	} else {
		t.Ratio = max(t.Ours.RMS/least, 1)
	}
	t.counted = max(t.Ours.RMS, least) / max(baseline.RMS, least)
	return t, nil
}

// ulp returns the distance between neighbouring float32 values at x.
func ulp(x float32) float64 {
	const smallest = -149 // exponent of the smallest subnormal number
	if x == 0 {
		return math.Ldexp(1, smallest)
	}
	_, exponent := math.Frexp(float64(x)) // |x| is in [½, 1)·2^exponent
	return math.Ldexp(1, max(exponent-24, smallest))
}

// float64s returns a tensor's values as float64.
func float64s(d *tensor.Dense) ([]float64, error) {
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
	return nil, fmt.Errorf("has type %v, want float32 or float64", d.Dtype())
}
