package radio

import (
	"errors"
	"fmt"
	"math"

	"cradio/radio/image"
)

// fit says how one image becomes what the model sees.
type fit struct {
	processor    image.Processor // its resize and crop
	h, w         int             // what the model sees
	interpolated bool            // to h×w from what the processor gives, in a second step
	extreme      bool            // the aspect ratio could not be kept
}

// fit plans the preparation of an image of h×w pixels: one resampling of the original,
// or with Exact the two steps of Python.
func (e *Encoder) fit(h, w int) (fit, error) {
	if h < 1 || w < 1 {
		return fit{}, errors.New("the image is empty")
	}
	f := fit{processor: *e.Processor}
	p := &f.processor
	crop := p.DoCenterCrop && e.Size.kind == card
	p.DoCenterCrop = crop
	if e.Exact {
		return e.exact(f, h, w)
	}
	c := e.Model.config
	f.h, f.w, f.extreme = e.Size.Of(c, p, h, w)
	th, tw := f.h, f.w
	if crop { // the part that is cut out becomes a supported size, and the rest in proportion
		rule := e.Size.rule(c, p, h, w)
		rh, rw := rule.Size(h, w)
		f.h, f.w = c.NearestSize(p.CropHeight, p.CropWidth)
		th = max(int(math.Round(float64(rh)*float64(f.h)/float64(p.CropHeight))), 1)
		tw = max(int(math.Round(float64(rw)*float64(f.w)/float64(p.CropWidth))), 1)
		p.CropHeight, p.CropWidth = f.h, f.w
	}
	p.DoResize, p.Height, p.Width, p.ShortestEdge, p.LongestEdge = true, th, tw, 0, 0
	return f, c.CheckSize(f.h, f.w)
}

// exact plans what Python does: CLIPImageProcessor, and then bilinear interpolation to
// the nearest supported size.
func (e *Encoder) exact(f fit, h, w int) (fit, error) {
	p := &f.processor
	if err := e.Size.CheckExact(); err != nil {
		return f, err
	}
	rule := e.Size.rule(e.Model.config, p, h, w)
	p.DoResize, p.Height, p.Width, p.ShortestEdge, p.LongestEdge = rule.DoResize, rule.Height, rule.Width, rule.ShortestEdge, rule.LongestEdge
	ph, pw := p.Size(h, w)
	f.h, f.w = e.Model.config.NearestSize(ph, pw)
	f.interpolated = f.h != ph || f.w != pw
	return f, e.Model.config.CheckSize(f.h, f.w)
}

// pixels writes a prepared image as planes (3, h, w).
func (f *fit) pixels(dst []float32, img *image.RGB) error {
	if !f.interpolated {
		return f.processor.Pixels(dst, img)
	}
	src := make([]float32, 3*img.H*img.W)
	if err := f.processor.Pixels(src, img); err != nil {
		return err
	}
	image.Interpolate(dst, f.h, f.w, src, img.H, img.W)
	return nil
}

// checkSize refuses a size that no image could be brought to.
func (e *Encoder) checkSize() error {
	if err := e.Size.Check(e.Model.config); err != nil {
		return fmt.Errorf("size %s: %w", e.Size, err)
	}
	if e.Exact {
		return e.Size.CheckExact()
	}
	return nil
}

// Resize brings an image to the size that the model sees.
func (e *Encoder) Resize(img *image.RGB) (*image.RGB, error) {
	done, f, err := e.process("image", img)
	if err != nil || !f.interpolated {
		return done, err
	}
	return image.Resize(done, f.h, f.w, image.Bilinear)
}
