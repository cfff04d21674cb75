package checkpoint

import (
	"fmt"
	"math"
)

// SizeError is the error of an image whose height and width a model does not take as they
// are. All numbers are pixels but MaxPatches.
type SizeError struct {
	Height, Width               int // of the image
	Step                        int // what height and width must be multiples of
	NearestHeight, NearestWidth int // a size near it that the model takes
	// MaxPatches is how many patches can be encoded at once, where the image has more; 0
	// where it is no multiple of Step.
	MaxPatches, Patch int
}

func (e *SizeError) Error() string {
	if e.MaxPatches > 0 {
		return fmt.Sprintf("image is %d×%d: too large; at most %d patches of %d×%d pixels can be encoded at once",
			e.Height, e.Width, e.MaxPatches, e.Patch, e.Patch)
	}
	return fmt.Sprintf("image is %d×%d: height and width must be multiples of %d; the nearest supported size is %d×%d",
		e.Height, e.Width, e.Step, e.NearestHeight, e.NearestWidth)
}

// sizeError is the error of a size that CheckSize refuses.
func (c Config) sizeError(height, width int) *SizeError {
	e := &SizeError{Height: height, Width: width, Step: c.Step(), Patch: c.Patch}
	if height > 0 && width > 0 && height%e.Step == 0 && width%e.Step == 0 {
		e.MaxPatches = maxImageTokens
	}
	e.NearestHeight, e.NearestWidth = c.NearestSize(min(height, maxPixels), min(width, maxPixels))
	if c.tooLarge(e.NearestHeight, e.NearestWidth) { // of the same shape, rounded down
		h, w := float64(e.NearestHeight), float64(e.NearestWidth)
		f := math.Sqrt(float64(maxImageTokens*c.Patch*c.Patch) / (h * w))
		down := func(v float64, most int) int { return max(min(int(v*min(f, 1)), most)/e.Step, 1) * e.Step }
		e.NearestHeight = down(h, maxPixels)
		e.NearestWidth = down(w, min(maxPixels, maxImageTokens*c.Patch/e.NearestHeight*c.Patch))
	}
	return e
}
