package eval

import (
	"context"
	"fmt"

	"cradio/cpu"
	"cradio/radio/image"
)

// Map has numbers on a grid: the scores of classes, or depths.
type Map struct {
	H, W, Channels int
	Values         []float32 // (H, W, Channels)
}

// check returns an error unless m has as many numbers as its sizes say.
func (m Map) check() error {
	if m.H < 1 || m.W < 1 || m.Channels < 1 || len(m.Values) != m.H*m.W*m.Channels {
		return fmt.Errorf("the prediction has %d numbers on a grid of %d x %d with %d channels", len(m.Values), m.H, m.W, m.Channels)
	}
	return nil
}

// Resize returns m on another grid, bilinearly, as torch's interpolate with align_corners False does.
func (m Map) Resize(h, w int, opt Options) (Map, error) {
	if err := m.check(); err != nil {
		return Map{}, err
	}
	if m.H == h && m.W == w {
		return m, nil
	}
	op := cpu.Resize[float32]{X: m.Values, Batch: 1, Dim: m.Channels, Bilinear: cpu.Bilinear{FromH: m.H, FromW: m.W, H: h, W: w}}
	if h > 0 && w > 0 {
		op.Y = make([]float32, h*w*m.Channels)
	}
	if err := op.Check(); err != nil {
		return Map{}, err
	}
	op.Run(opt.pool())
	return Map{h, w, m.Channels, op.Y}, nil
}

// Classes returns the class with the highest score at each place, the lowest of equal ones.
func (m Map) Classes() []int {
	out := make([]int, m.H*m.W)
	for i := range out {
		row := m.Values[i*m.Channels:][:m.Channels]
		for c, v := range row {
			if v > row[out[i]] {
				out[i] = c
			}
		}
	}
	return out
}

// Slide is how a picture is predicted: whole, or window by window. mmsegmentation takes windows of
// 512 pixels every 341.
type Slide struct {
	Window, Stride int // pixels of a side; 0 predicts the picture whole
}

// Check returns an error for windows that leave gaps.
func (s Slide) Check() error {
	switch {
	case s.Window == 0 && s.Stride == 0:
		return nil
	case s.Window < 1 || s.Stride < 1:
		return fmt.Errorf("windows of %d pixels every %d: both must be at least 1", s.Window, s.Stride)
	case s.Stride > s.Window:
		return fmt.Errorf("windows of %d pixels every %d leave gaps: the stride must be at most the window", s.Window, s.Stride)
	}
	return nil
}

// Window is a part of a picture: H rows from Top on, W columns from Left on.
type Window struct{ Top, Left, H, W int }

// Windows returns the windows of a picture, as mmsegmentation lays them: those that would reach beyond
// an edge end there. A picture smaller than a window is its own.
func (s Slide) Windows(h, w int) []Window {
	if s.Window == 0 {
		return []Window{{0, 0, h, w}}
	}
	var all []Window
	for _, y := range s.along(h) {
		for _, x := range s.along(w) {
			all = append(all, Window{y, x, min(s.Window, h), min(s.Window, w)})
		}
	}
	return all
}

// along is where windows begin on a side of n pixels.
func (s Slide) along(n int) (starts []int) {
	for i := range max(n-s.Window+s.Stride-1, 0)/s.Stride + 1 {
		starts = append(starts, max(min(i*s.Stride, n-s.Window), 0))
	}
	return starts
}

// Predict predicts a picture of any size: (H, W, Channels) numbers, of which predict gives those of a
// window, on any grid. They are resized to the pixels of the window. Where windows overlap, the mean
// of their numbers counts: for classes, that of their logits.
//
// The memory is that of H·W·Channels numbers, and of a window's.
func (s Slide) Predict(ctx context.Context, img *image.RGB, predict func(ctx context.Context, window *image.RGB) (Map, error), opt Options) (Map, error) {
	if err := s.Check(); err != nil {
		return Map{}, err
	}
	if img == nil || img.H < 1 || img.W < 1 || len(img.Pix) != 3*img.H*img.W {
		return Map{}, fmt.Errorf("the picture has no pixels, or not 3 bytes each")
	}
	windows := s.Windows(img.H, img.W)
	var sum Map
	var counts []float32
	for i, w := range windows {
		if err := ctx.Err(); err != nil {
			return Map{}, err
		}
		m, err := predict(ctx, w.of(img))
		if err != nil {
			return Map{}, err
		}
		if m, err = m.Resize(w.H, w.W, opt); err != nil {
			return Map{}, err
		}
		if len(windows) == 1 {
			return m, nil
		}
		if i == 0 {
			sum = Map{img.H, img.W, m.Channels, make([]float32, img.H*img.W*m.Channels)}
			counts = make([]float32, img.H*img.W)
		}
		if m.Channels != sum.Channels {
			return Map{}, fmt.Errorf("window %d has %d channels, the first has %d", i, m.Channels, sum.Channels)
		}
		w.add(sum, m, counts)
		if opt.Progress != nil {
			opt.Progress(i+1, len(windows))
		}
	}
	for i, n := range counts {
		for c := range sum.Channels {
			sum.Values[i*sum.Channels+c] /= n
		}
	}
	return sum, nil
}

// of returns the pixels of the window; the whole picture is not copied.
func (w Window) of(img *image.RGB) *image.RGB {
	if w.H == img.H && w.W == img.W {
		return img
	}
	out := &image.RGB{H: w.H, W: w.W, Pix: make([]uint8, 0, 3*w.H*w.W)}
	for y := w.Top; y < w.Top+w.H; y++ {
		out.Pix = append(out.Pix, img.Pix[3*(y*img.W+w.Left):][:3*w.W]...)
	}
	return out
}

// add adds the numbers of the window to those of the picture.
func (w Window) add(sum, m Map, counts []float32) {
	for y := range w.H {
		first := (w.Top+y)*sum.W + w.Left
		to := sum.Values[first*sum.Channels:][:w.W*sum.Channels]
		for i, v := range m.Values[y*w.W*sum.Channels:][:len(to)] {
			to[i] += v
		}
		for x := range w.W {
			counts[first+x]++
		}
	}
}
