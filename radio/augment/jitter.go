package augment

import (
	"fmt"

	"cradio/radio/image"
)

// Change is a property of colours that a Jitter changes.
type Change string

// The changes, as in torchvision.
const (
	Brightness Change = "brightness"
	Contrast   Change = "contrast"
	Saturation Change = "saturation"
	Hue        Change = "hue"
)

// Jitter changes the colours of a picture. A Factor of 1 leaves the picture as it is. At 0 it is black
// (Brightness), grey of its mean level (Contrast), or without colour (Saturation). For Hue, Factor is
// the part of the circle of hues by which each hue moves, -0.5 to 0.5.
type Jitter struct {
	Change Change
	Factor float64
}

func (j Jitter) check() error {
	switch j.Change {
	case Brightness, Contrast, Saturation:
		if !(j.Factor >= 0) || !finite(j.Factor) {
			return fmt.Errorf("augment: the factor of %s is %g: must be a finite number, at least 0", j.Change, j.Factor)
		}
	case Hue:
		if !(j.Factor >= -0.5 && j.Factor <= 0.5) {
			return fmt.Errorf("augment: the hue moves by %g: must be -0.5 to 0.5", j.Factor)
		}
	default:
		return fmt.Errorf("augment: there is no change %q: want %s, %s, %s or %s", j.Change, Brightness, Contrast, Saturation, Hue)
	}
	return nil
}

// apply changes the picture in place.
func (j Jitter) apply(img *image.RGB) {
	factor := float32(j.Factor)
	switch j.Change {
	case Brightness:
		for i, v := range img.Pix {
			img.Pix[i] = blend(0, v, factor)
		}
	case Contrast:
		mean := meanLevel(img)
		for i, v := range img.Pix {
			img.Pix[i] = blend(mean, v, factor)
		}
	case Saturation:
		for i := 0; i < len(img.Pix); i += 3 {
			p := img.Pix[i:][:3]
			l := level(p)
			p[0], p[1], p[2] = blend(l, p[0], factor), blend(l, p[1], factor), blend(l, p[2], factor)
		}
	case Hue:
		shift := uint8(int32(j.Factor * 255)) // modulo 256
		for i := 0; i < len(img.Pix); i += 3 {
			p := img.Pix[i:][:3]
			h, s, v := toHSV(p[0], p[1], p[2])
			p[0], p[1], p[2] = fromHSV(h+shift, s, v)
		}
	}
}

// blend is ImagingBlend (Blend.c) of one value: away from a, towards b, in float32. The product is
// wrapped in float32() so that it is rounded on every processor, as in C.
func blend(a, b uint8, factor float32) uint8 {
	if factor == 1 {
		return b
	}
	v := float32(a) + float32(factor*float32(int(b)-int(a)))
	return uint8(min(max(v, 0), 255))
}

// level is Pillow's convert("L") of one pixel (ITU-R 601-2, 16-bit fixed point).
func level(p []uint8) uint8 {
	return uint8((uint32(p[0])*19595 + uint32(p[1])*38470 + uint32(p[2])*7471 + 0x8000) >> 16)
}

// meanLevel is the mean of the levels, rounded as PIL.ImageEnhance.Contrast does.
func meanLevel(img *image.RGB) uint8 {
	sum := 0
	for i := 0; i < len(img.Pix); i += 3 {
		sum += int(level(img.Pix[i:][:3]))
	}
	return uint8(float64(sum)/float64(len(img.Pix)/3) + 0.5)
}
