package augment

import (
	"fmt"
	"math"

	"cradio/radio/data"
	"cradio/radio/image"
)

// Box is a part of a picture, pixels. The zero value is the whole picture.
type Box struct{ Top, Left, Height, Width int }

// Params are the numbers of one augmentation. They are applied in the order of the fields. The
// zero value leaves a picture as it is.
type Params struct {
	Crop   Box
	Size   [2]int // height and width to resize to; zero keeps that of Crop
	Flip   bool   // left and right change places
	Jitter []Jitter
}

// Check returns an error if the numbers do not fit a picture of h×w pixels.
func (p Params) Check(h, w int) error {
	b := p.box(h, w)
	switch {
	case b.Top < 0 || b.Left < 0 || b.Height < 1 || b.Width < 1 || b.Height > h-b.Top || b.Width > w-b.Left:
		return fmt.Errorf("augment: the crop of %d×%d pixels (height×width) at row %d, column %d is not inside a picture of %d×%d", b.Height, b.Width, b.Top, b.Left, h, w)
	case p.Size != [2]int{} && (p.Size[0] < 1 || p.Size[1] < 1 || int64(p.Size[0]) > image.DefaultMaxPixels/int64(p.Size[1])):
		return fmt.Errorf("augment: the size is %d×%d pixels (height×width): must be at least 1×1, and at most %d in all", p.Size[0], p.Size[1], image.DefaultMaxPixels)
	}
	for _, j := range p.Jitter {
		if err := j.check(); err != nil {
			return err
		}
	}
	return nil
}

// box is the crop of a picture of h×w pixels.
func (p Params) box(h, w int) Box {
	if p.Crop == (Box{}) {
		return Box{Height: h, Width: w}
	}
	return p.Crop
}

// Apply returns the augmented picture (bicubic). A transparent picture is composited on white first.
// img is not changed.
func (p Params) Apply(img *image.RGB) (*image.RGB, error) {
	if err := p.Check(img.H, img.W); err != nil {
		return nil, err
	}
	img = img.OnWhite()
	b := p.box(img.H, img.W)
	out := &image.RGB{H: b.Height, W: b.Width, Pix: make([]uint8, 3*b.Height*b.Width)}
	for y := range b.Height {
		copy(out.Pix[3*y*b.Width:][:3*b.Width], img.Pix[3*((b.Top+y)*img.W+b.Left):])
	}
	if p.Size != [2]int{} && p.Size != [2]int{out.H, out.W} {
		var err error
		if out, err = image.Resize(out, p.Size[0], p.Size[1], image.Bicubic); err != nil {
			return nil, fmt.Errorf("augment: %w", err)
		}
	}
	if p.Flip {
		for y := range out.H {
			row := out.Pix[3*y*out.W:][:3*out.W]
			for l, r := 0, 3*(out.W-1); l < r; l, r = l+3, r-3 {
				for c := range 3 {
					row[l+c], row[r+c] = row[r+c], row[l+c]
				}
			}
		}
	}
	for _, j := range p.Jitter {
		j.apply(out)
	}
	return out, nil
}

// ApplyMask returns the mask of the augmented picture: by nearest neighbour, without Jitter. m is
// not changed.
func (p Params) ApplyMask(m *data.Mask) (*data.Mask, error) {
	out := &data.Mask{}
	var err error
	out.Pix, out.H, out.W, err = nearest(p, m.Pix, m.H, m.W)
	return out, err
}

// ApplyDepth returns the depth map of the augmented picture, as ApplyMask does: between what is near
// and what is far, a mean would be a depth at which nothing is.
func (p Params) ApplyDepth(d *data.Depth) (*data.Depth, error) {
	out := &data.Depth{}
	var err error
	out.Metres, out.H, out.W, err = nearest(p, d.Metres, d.H, d.W)
	return out, err
}

// nearest applies the geometry to values (h, w).
func nearest[T uint8 | float32](p Params, from []T, h, w int) (out []T, oh, ow int, err error) {
	if err := p.Check(h, w); err != nil {
		return nil, 0, 0, err
	}
	b := p.box(h, w)
	oh, ow = b.Height, b.Width
	if p.Size != [2]int{} {
		oh, ow = p.Size[0], p.Size[1]
	}
	rows, columns := image.NearestIndex(b.Height, oh), image.NearestIndex(b.Width, ow)
	out = make([]T, oh*ow)
	for y, sy := range rows {
		if sy >= b.Height {
			continue
		}
		for x, sx := range columns {
			if sx >= b.Width {
				continue
			}
			at := x
			if p.Flip {
				at = ow - 1 - x
			}
			out[y*ow+at] = from[(b.Top+sy)*w+b.Left+sx]
		}
	}
	return out, oh, ow, nil
}

// finite reports whether v is a number.
func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
