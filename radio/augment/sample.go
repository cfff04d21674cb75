package augment

import (
	"fmt"

	"cradio/radio/data"
	"cradio/radio/image"
)

// Sample is a picture to load, with its mask or depth map.
type Sample struct {
	Picture string // path
	Mask    string // path; empty if there is none
	Depth   string // path; empty if there is none
}

// load reads and augments a sample, and writes it to row `at` of a batch.
func (l *Loader) load(b *Batch, at, sample int) error {
	s := l.Samples[sample]
	img, h, w, err := l.decode(s.Picture)
	if err != nil {
		return err
	}
	if l.DropAlpha {
		img.Alpha = nil
	}
	p, err := l.Policy.Draw(data.Rand(l.Seed, b.Epoch, uint64(sample), "augment"), h, w)
	if err != nil {
		return err
	}
	if img, err = p.Apply(img); err != nil {
		return fmt.Errorf("%s: %w", s.Picture, err)
	}
	n := img.H * img.W
	if err := l.pixels(b.Pixels[3*n*at:][:3*n], img); err != nil {
		return fmt.Errorf("%s: %w", s.Picture, err)
	}
	b.Params[at] = p
	if s.Mask != "" {
		opt := l.Mask
		opt.H, opt.W = h, w
		m, err := data.ReadMask(s.Mask, opt)
		if err == nil {
			m, err = p.ApplyMask(m)
		}
		if err != nil {
			return err
		}
		copy(b.Masks[n*at:][:n], m.Pix)
	}
	if s.Depth != "" {
		d, err := data.ReadDepth(s.Depth, l.PerMetre, h, w)
		if err == nil {
			d, err = p.ApplyDepth(d)
		}
		if err != nil {
			return err
		}
		copy(b.Depths[n*at:][:n], d.Metres)
	}
	return nil
}

// decode decodes a picture, whose full height and width are h and w.
func (l *Loader) decode(path string) (img *image.RGB, h, w int, err error) {
	opt := l.Decode
	if l.FastDecode && l.Policy.Scale == [2]float64{} {
		text, err := image.ReadFile(path)
		if err != nil {
			return nil, 0, 0, err
		}
		if opt.Draft = l.Policy.Size; opt.Orient && image.Orientation(text) > 4 {
			opt.Draft[0], opt.Draft[1] = opt.Draft[1], opt.Draft[0]
		}
		if img, err = image.Decode(text, opt); err != nil {
			return nil, 0, 0, fmt.Errorf("%s: %w", path, err)
		}
	} else if img, err = image.DecodeFile(path, opt); err != nil {
		return nil, 0, 0, err
	}
	if img.Whole != [2]int{} {
		return img, img.Whole[0], img.Whole[1], nil
	}
	return img, img.H, img.W, nil
}

// pixels converts bytes to numbers (3, H, W).
func (l *Loader) pixels(dst []float32, img *image.RGB) error {
	p := l.Processor
	if p == nil {
		p = image.SquareProcessor(img.H, img.W)
	}
	return p.Pixels(dst, img)
}
