package checkpoint

import (
	"fmt"
	"math"
)

// maxImageTokens bounds the patches of an image: 8192×8192 pixels in patches of 16.
const maxImageTokens = 1 << 18

// Step returns the number that divides the height and width of every supported image: the
// patch size, multiplied by the ViTDet window if there is one.
func (c *Config) Step() int { return c.Patch * max(c.Window, 1) }

// NearestSize returns the supported size nearest to height×width. Halves are rounded to
// even, as in RADIO's get_nearest_supported_resolution.
func (c *Config) NearestSize(height, width int) (h, w int) {
	step := c.Step()
	near := func(v int) int {
		return max(step, int(math.RoundToEven(float64(v)/float64(step)))*step)
	}
	return near(height), near(width)
}

// CheckSize returns an error if an image of height×width cannot be encoded. The error names
// the nearest supported size.
func (c *Config) CheckSize(height, width int) error {
	step := c.Step()
	if height > 0 && width > 0 && height%step == 0 && width%step == 0 {
		if height > maxPixels || width > maxPixels || c.Tokens(height, width) > maxImageTokens {
			return fmt.Errorf("image is %d×%d: too large; at most %d patches of %d×%d pixels can be encoded at once",
				height, width, maxImageTokens, c.Patch, c.Patch)
		}
		return nil
	}
	h, w := c.NearestSize(height, width)
	return fmt.Errorf("image is %d×%d: height and width must be multiples of %d; the nearest supported size is %d×%d", height, width, step, h, w)
}

// Tokens returns the number of patches of an image of height×width.
func (c *Config) Tokens(height, width int) int { return height / c.Patch * (width / c.Patch) }
