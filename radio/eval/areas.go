package eval

import (
	"fmt"
	"math"
)

// Ignored is the label of pixels that do not count, in the masks of most data sets.
const Ignored = 255

// Areas counts the pixels of each class, over any number of masks.
type Areas struct {
	Ignored                          int     // the label of pixels that do not count
	Intersection, Prediction, Labels []int64 // of each class: pixels of both, of the prediction, of the labels
}

// NewAreas returns the empty count of a number of classes. Pixels with the label Ignored
// are left out.
func NewAreas(classes int) *Areas {
	return &Areas{Ignored: Ignored, Intersection: make([]int64, classes), Prediction: make([]int64, classes), Labels: make([]int64, classes)}
}

// Class is the type of a mask's pixels.
type Class interface {
	~uint8 | ~uint16 | ~int32 | ~int64 | ~int
}

// AddMask counts the pixels of a predicted mask and of its labels, which have the same size.
// After an error nothing of this mask is counted.
func AddMask[T Class](a *Areas, prediction, labels []T) error {
	if len(prediction) != len(labels) {
		return fmt.Errorf("the prediction has %d pixels, the mask has %d: resize the prediction to the size of the mask", len(prediction), len(labels))
	}
	classes := len(a.Labels)
	for i, v := range labels {
		l, p := int(v), int(prediction[i])
		if l == a.Ignored {
			continue
		}
		if l < 0 || l >= classes {
			return fmt.Errorf("the label of pixel %d is %d: must be 0 to %d, or %d for a pixel that does not count", i, l, classes-1, a.Ignored)
		}
		if p < 0 || p >= classes {
			return fmt.Errorf("the prediction of pixel %d is %d: must be 0 to %d", i, p, classes-1)
		}
	}
	for i, v := range labels {
		l, p := int(v), int(prediction[i])
		if l == a.Ignored {
			continue
		}
		a.Labels[l]++
		a.Prediction[p]++
		if l == p {
			a.Intersection[l]++
		}
	}
	return nil
}

// IoU returns intersection / union of each class. It is NaN for a class that is neither
// labelled nor predicted, and 0 for one that is predicted and never labelled.
func (a *Areas) IoU() []float64 {
	return a.each(func(i int) float64 {
		return ratio(a.Intersection[i], a.Prediction[i]+a.Labels[i]-a.Intersection[i])
	})
}

// MeanIoU returns the mIoU: the mean over classes that are labelled or predicted.
func (a *Areas) MeanIoU() float64 { return Mean(a.IoU()) }

// Dice returns 2·intersection / (prediction + label) of each class, or NaN as IoU does.
func (a *Areas) Dice() []float64 {
	return a.each(func(i int) float64 { return ratio(2*a.Intersection[i], a.Prediction[i]+a.Labels[i]) })
}

// Accuracies returns for each class the share of its pixels that were found, or NaN where it
// has none.
func (a *Areas) Accuracies() []float64 {
	return a.each(func(i int) float64 { return ratio(a.Intersection[i], a.Labels[i]) })
}

// PixelAccuracy returns the share of right pixels, or NaN without pixels.
func (a *Areas) PixelAccuracy() float64 {
	right, all := int64(0), int64(0)
	for i, n := range a.Labels {
		right += a.Intersection[i]
		all += n
	}
	if all == 0 {
		return math.NaN()
	}
	return float64(right) / float64(all)
}

func (a *Areas) each(f func(class int) float64) []float64 {
	out := make([]float64, len(a.Labels))
	for i := range out {
		out[i] = f(i)
	}
	return out
}
