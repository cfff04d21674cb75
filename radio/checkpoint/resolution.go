package checkpoint

import "math"

// maxImageTokens bounds the patches of an image: 8192×8192 pixels in patches of 16.
const maxImageTokens = 1 << 18

// Step is what height and width must be multiples of: the patch size, times
// ViTDet's window where there is one.
func (c Config) Step() int { return c.Patch * max(c.Window, 1) }

// NearestSize is the supported size nearest to height×width, rounding half to
// even as RADIO's get_nearest_supported_resolution does.
func (c Config) NearestSize(height, width int) (h, w int) {
	step := c.Step()
	near := func(v int) int {
		return max(step, int(math.RoundToEven(float64(v)/float64(step)))*step)
	}
	return near(height), near(width)
}

// CheckSize says whether an image of height×width pixels can be encoded. If not the error
// is a *SizeError, which knows a size near it that can.
func (c Config) CheckSize(height, width int) error {
	step := c.Step()
	if height < 1 || width < 1 || height%step != 0 || width%step != 0 {
		return c.sizeError(height, width)
	}
	if c.tooLarge(height, width) {
		return c.sizeError(height, width)
	}
	return nil
}

// tooLarge says whether an image has more patches than can be encoded at once.
func (c Config) tooLarge(height, width int) bool {
	return height > maxPixels || width > maxPixels || c.Tokens(height, width) > maxImageTokens
}

// Tokens is the number of patches of an image of height×width.
func (c Config) Tokens(height, width int) int { return height / c.Patch * (width / c.Patch) }
