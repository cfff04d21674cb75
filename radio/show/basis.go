package show

import (
	"cmp"
	"fmt"
	"slices"
)

// Basis maps tokens to colours. Each of three principal components is scaled to the range of
// one colour. If several images share a basis, equal features have equal colours in all of
// them.
type Basis struct {
	Mean   []float32 // (D)
	Axes   []float32 // (K, D), K at most 3: red, green, blue
	Shares []float32 // (K), the fraction of the variance along each axis, 0 to 1
	// Low and High (K) are the scores that map to 0 and to 1 of the colour.
	Low, High []float32
	// Front selects the tokens of the foreground. The components are computed from these
	// only, and other tokens have no colour. nil selects all tokens.
	Front *Front
}

// Front separates foreground and background by a first principal component.
type Front struct {
	Mean, Axis []float32 // (D)
	Threshold  float32
	Above      bool // the foreground has the scores above the threshold
}

// BasisOptions are the options of Fit. The zero value does what upstream does:
// get_robust_pca of examples/visualize_features.py.
type BasisOptions struct {
	Skip int // number of leading components to skip
	// Deviations limits the range of a colour: it spans the scores within this many median
	// absolute deviations of the median. 0 means 2.
	Deviations float64
	// Front computes the components from the foreground only. Empty uses all tokens.
	Front Side
	// FrontAt is the threshold of the foreground, from 0, the lowest score of the first
	// component, to 1, the highest. 0 uses Otsu's threshold.
	FrontAt float64
}

// Side selects which scores of the first component are the foreground.
type Side string

// The sides. Auto selects the side with the smaller fraction of its tokens at the edges of the
// images, since the subject of an image is seldom cut off there.
const (
	Low  Side = "low"
	High Side = "high"
	Auto Side = "auto"
)

// Tokens are the features of an image.
type Tokens struct {
	Features   []float32 // (rows·cols, D), row by row
	Rows, Cols int
	Leave      []bool // tokens to exclude from the basis; nil excludes none
}

// maxAxes is the number of components that have a colour.
const maxAxes = 3

// Fit computes the basis of images.
func Fit(images []Tokens, width int, opt BasisOptions) (*Basis, error) {
	leave := make([][]bool, len(images))
	for i, t := range images {
		if t.Rows < 1 || t.Cols < 1 || len(t.Features) != t.Rows*t.Cols*width || t.Leave != nil && len(t.Leave) != t.Rows*t.Cols {
			return nil, fmt.Errorf("components: image %d has %d values, want %d×%d tokens of %d", i, len(t.Features), t.Rows, t.Cols, width)
		}
		leave[i] = t.Leave
	}
	if opt.Skip < 0 || opt.Skip >= width {
		return nil, fmt.Errorf("components: skip is %d, must be 0 to %d, of %d components", opt.Skip, width-1, width)
	}
	b := &Basis{}
	if opt.Front != "" {
		var err error
		if b.Front, leave, err = front(images, width, opt); err != nil {
			return nil, err
		}
	}
	c, err := components(images, leave, width, min(opt.Skip+maxAxes, width))
	if err != nil {
		return nil, err
	}
	b.Mean = float32s(c.Mean)
	b.Shares = float32s(c.Shares[opt.Skip:])
	for j := opt.Skip; j < len(c.Shares); j++ {
		for i := range width {
			b.Axes = append(b.Axes, float32(c.Axes.At(i, j)))
		}
	}
	for j := range b.Shares {
		var scores []float64
		for i, t := range images {
			for k, v := range along(t.Features, b.Mean, b.Axes[j*width:][:width]) {
				if leave[i] == nil || !leave[i][k] {
					scores = append(scores, v)
				}
			}
		}
		low, high := span(scores, cmp.Or(opt.Deviations, 2))
		b.Low, b.High = append(b.Low, float32(low)), append(b.High, float32(high))
	}
	return b, nil
}

func components(images []Tokens, leave [][]bool, width, k int) (*Components, error) {
	s, err := NewScatter(width)
	if err != nil {
		return nil, err
	}
	for i, t := range images {
		if err := s.Add(t.Features, leave[i]); err != nil {
			return nil, err
		}
	}
	return s.Components(k)
}

// along returns (x - mean)·axis for each token.
func along(features, mean, axis []float32) []float64 {
	scores := make([]float64, len(features)/len(mean))
	for t := range scores {
		for i, v := range features[t*len(mean):][:len(mean)] {
			scores[t] += (float64(v) - float64(mean[i])) * float64(axis[i])
		}
	}
	return scores
}

// Scores returns (x - mean)·axis for each token: (T, K).
func (b *Basis) Scores(features []float32) []float64 {
	k, width := len(b.Shares), len(b.Mean)
	out := make([]float64, len(features)/width*k)
	for j := range k {
		for t, v := range along(features, b.Mean, b.Axes[j*width:][:width]) {
			out[t*k+j] = v
		}
	}
	return out
}

// Foreground reports for each token whether it is in the foreground. Without Front, all are.
func (b *Basis) Foreground(features []float32) []bool {
	in := make([]bool, len(features)/len(b.Mean))
	if b.Front == nil {
		return slices.Repeat([]bool{true}, len(in))
	}
	for t, v := range along(features, b.Front.Mean, b.Front.Axis) {
		in[t] = b.Front.inside(v)
	}
	return in
}

func (f *Front) inside(score float64) bool { return (score > float64(f.Threshold)) == f.Above }

func float32s(values []float64) []float32 {
	out := make([]float32, len(values))
	for i, v := range values {
		out[i] = float32(v)
	}
	return out
}
