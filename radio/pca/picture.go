package pca

import (
	"math"
	"slices"

	"cradio/radio/image"
)

// spread are the parts of the tokens that lie below black and above white, so
// that a few outliers do not take all the contrast.
const low, high = 0.01, 0.99

// Colours makes a picture of the first three components, a pixel a token, from
// (T, K) scores on a grid of rows×cols tokens. Each component fills the range
// of its colour, but for 1 % of the tokens at either end; a component that does
// not vary, or is not there, is grey.
func (c *Components) Colours(rows, cols int) *image.RGB {
	out := &image.RGB{Pix: make([]uint8, 3*rows*cols), H: rows, W: cols}
	tokens, k := c.Scores.Dims()
	for channel := range 3 {
		scores := make([]float64, tokens)
		if channel < k {
			for i := range scores {
				scores[i] = c.Scores.At(i, channel)
			}
		}
		sorted := slices.Sorted(slices.Values(scores))
		bottom, top := quantile(sorted, low), quantile(sorted, high)
		for i, v := range scores[:min(tokens, rows*cols)] {
			level := 0.5
			if top > bottom {
				level = min(max((v-bottom)/(top-bottom), 0), 1)
			}
			out.Pix[3*i+channel] = uint8(math.Round(255 * level))
		}
	}
	return out
}

// quantile is the p quantile of sorted values, linear between two of them.
func quantile(sorted []float64, p float64) float64 {
	at := p * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}

// Beside puts right next to left, with a white gap between them, on white where
// one is less high.
func Beside(left, right *image.RGB, gap int) *image.RGB {
	out := &image.RGB{H: max(left.H, right.H), W: left.W + gap + right.W}
	out.Pix = slices.Repeat([]uint8{255}, 3*out.H*out.W)
	for _, part := range []struct {
		img *image.RGB
		x   int
	}{{left, 0}, {right, left.W + gap}} {
		for y := range part.img.H {
			copy(out.Pix[3*(y*out.W+part.x):], part.img.Pix[3*y*part.img.W:3*(y+1)*part.img.W])
		}
	}
	return out
}
