package eval

import (
	"fmt"
	"math"
)

// Depth adds up the errors of depth maps, over any number of them.
type Depth struct {
	// Min and Max, metres, are the range that counts: pixels whose target is outside are left
	// out, and predictions are clipped to it. 0 means no limit. NYU: 0.001 to 10, KITTI: 0.001 to 80.
	Min, Max float64

	pixels                                     int64
	relative, squareRelative, square, absolute float64
	log, squareLog, log10                      float64
	withinOnce, withinSquared, withinCubed     int64
}

// DepthErrors are the usual figures, over all pixels that were added.
type DepthErrors struct {
	Pixels  int64   `json:"pixels"`
	AbsRel  float64 `json:"abs_rel"`  // mean of |a − t| / t
	SqRel   float64 `json:"sq_rel"`   // mean of (a − t)² / t
	RMSE    float64 `json:"rmse"`     // metres
	RMSELog float64 `json:"rmse_log"` // of natural logarithms
	Log10   float64 `json:"log10"`    // mean of |log10 a − log10 t|
	MAE     float64 `json:"mae"`      // metres
	SILog   float64 `json:"silog"`    // 100 times the standard deviation of log t − log a
	Delta1  float64 `json:"a1"`       // the share of pixels with max(a/t, t/a) < 1.25
	Delta2  float64 `json:"a2"`       // … < 1.25²
	Delta3  float64 `json:"a3"`       // … < 1.25³
}

// Add adds a map. prediction, target and valid have one element a pixel. Only pixels that
// are valid count, and only those whose target is a positive finite number. valid may be nil.
// After an error nothing of this map is counted.
func (d *Depth) Add(prediction, target []float32, valid []bool) error {
	if len(prediction) != len(target) || valid != nil && len(valid) != len(target) {
		return fmt.Errorf("the prediction has %d pixels, the target has %d and the mask has %d: resize the prediction to the size of the target", len(prediction), len(target), len(valid))
	}
	sum := *d
	for i, v := range target {
		t, a := float64(v), float64(prediction[i])
		if valid != nil && !valid[i] || !d.counts(t) {
			continue
		}
		if a = d.clip(a); !(a > 0) || math.IsInf(a, 1) {
			return fmt.Errorf("the prediction of pixel %d is %g: must be a positive finite number; set Min to clip it", i, a)
		}
		sum.pixel(a, t)
	}
	*d = sum
	return nil
}

// Join adds what was added to other.
func (d *Depth) Join(other *Depth) {
	d.pixels += other.pixels
	d.relative += other.relative
	d.squareRelative += other.squareRelative
	d.square += other.square
	d.absolute += other.absolute
	d.log += other.log
	d.squareLog += other.squareLog
	d.log10 += other.log10
	d.withinOnce += other.withinOnce
	d.withinSquared += other.withinSquared
	d.withinCubed += other.withinCubed
}

func (d *Depth) counts(t float64) bool {
	return t > 0 && !math.IsInf(t, 1) && t >= d.Min && (d.Max == 0 || t <= d.Max)
}

func (d *Depth) clip(a float64) float64 {
	if d.Max > 0 {
		a = min(a, d.Max)
	}
	if d.Min > 0 {
		a = max(a, d.Min)
	}
	return a
}

func (d *Depth) pixel(a, t float64) {
	e, l := a-t, math.Log(t)-math.Log(a)
	d.pixels++
	d.relative += math.Abs(e) / t
	d.squareRelative += e * e / t
	d.square += e * e
	d.absolute += math.Abs(e)
	d.log += l
	d.squareLog += l * l
	d.log10 += math.Abs(l) / math.Ln10
	r := max(a/t, t/a)
	if r < 1.25 {
		d.withinOnce++
	}
	if r < 1.25*1.25 {
		d.withinSquared++
	}
	if r < 1.25*1.25*1.25 {
		d.withinCubed++
	}
}

// Errors returns the figures. Without pixels they are NaN.
func (d *Depth) Errors() DepthErrors {
	n := float64(d.pixels)
	return DepthErrors{
		Pixels: d.pixels, AbsRel: d.relative / n, SqRel: d.squareRelative / n, RMSE: math.Sqrt(d.square / n), MAE: d.absolute / n,
		RMSELog: math.Sqrt(d.squareLog / n), Log10: d.log10 / n, SILog: 100 * math.Sqrt(max(d.squareLog/n-d.log/n*(d.log/n), 0)),
		Delta1: ratio(d.withinOnce, d.pixels), Delta2: ratio(d.withinSquared, d.pixels), Delta3: ratio(d.withinCubed, d.pixels),
	}
}
