package data

import (
	stdimage "image"
	"image/color"
	"math"
	"math/rand/v2"
)

// shapes are the classes. inside tells whether a point belongs to the shape, whose size is 1.
var shapes = []struct {
	name   string
	colour color.RGBA // in the palette of masks, and about that in pictures
	inside func(x, y float64) bool
}{
	{"circle", color.RGBA{230, 75, 53, 255}, func(x, y float64) bool { return math.Hypot(x, y) < 0.9 }},
	{"square", color.RGBA{77, 187, 213, 255}, func(x, y float64) bool { return max(math.Abs(x), math.Abs(y)) < 0.75 }},
	{"triangle", color.RGBA{0, 160, 135, 255}, func(x, y float64) bool { return y < 0.6 && y > 1.8*math.Abs(x)-0.9 }},
	{"cross", color.RGBA{60, 84, 136, 255}, func(x, y float64) bool {
		return min(math.Abs(x), math.Abs(y)) < 0.25 && max(math.Abs(x), math.Abs(y)) < 0.95
	}},
	{"ring", color.RGBA{243, 155, 127, 255}, func(x, y float64) bool { r := math.Hypot(x, y); return r < 0.95 && r > 0.55 }},
	{"star", color.RGBA{132, 145, 180, 255}, func(x, y float64) bool {
		return math.Hypot(x, y) < 0.62+0.33*math.Cos(5*math.Atan2(y, x))
	}},
	{"stripes", color.RGBA{145, 209, 194, 255}, func(x, y float64) bool {
		return max(math.Abs(x), math.Abs(y)) < 0.85 && math.Mod(x+10, 0.5) < 0.25
	}},
	{"dots", color.RGBA{126, 97, 72, 255}, func(x, y float64) bool {
		return max(math.Abs(x), math.Abs(y)) < 0.9 && math.Hypot(math.Mod(x+9.9, 0.6)-0.3, math.Mod(y+9.9, 0.6)-0.3) < 0.2
	}},
}

// scene is a picture with all that is known of it.
type scene struct {
	picture *stdimage.RGBA
	mask    *stdimage.Paletted // 0 is the background, class + 1 the shape
	depth   *stdimage.Gray16   // millimetres
}

// draw draws a scene of a class.
func draw(class, size int, r *rand.Rand) *scene {
	box := stdimage.Rect(0, 0, size, size)
	palette := color.Palette{color.RGBA{0, 0, 0, 255}}
	for _, s := range shapes {
		palette = append(palette, s.colour)
	}
	s := &scene{stdimage.NewRGBA(box), stdimage.NewPaletted(box, palette), stdimage.NewGray16(box)}
	radius := 0.24 + 0.16*r.Float64() // of the side
	cx, cy := 0.5+0.2*(r.Float64()-0.5), 0.5+0.2*(r.Float64()-0.5)
	sin, cos := math.Sincos(2 * math.Pi * r.Float64())
	fore, back := near(shapes[class].colour, r), shade(r)
	waves, angle, phase := 4+8*r.Float64(), math.Pi*r.Float64(), 2*math.Pi*r.Float64()
	front := 800 + 700*r.Float64()
	for y := range size {
		for x := range size {
			u, v := (float64(x)+0.5)/float64(size), (float64(y)+0.5)/float64(size)
			dx, dy := (u-cx)/radius, (v-cy)/radius
			noise := 24 * (r.Float64() - 0.5)
			base, light := back, noise+18*math.Sin(phase+waves*2*math.Pi*(u*math.Cos(angle)+v*math.Sin(angle)))
			millimetres := 2000 + 2000*u
			if shapes[class].inside(cos*dx+sin*dy, cos*dy-sin*dx) {
				base, light, millimetres = fore, noise, front
				s.mask.SetColorIndex(x, y, uint8(class+1))
			}
			s.picture.SetRGBA(x, y, color.RGBA{level(base[0] + light), level(base[1] + light), level(base[2] + light), 255})
			s.depth.SetGray16(x, y, color.Gray16{uint16(millimetres)})
		}
	}
	return s
}

// near is a colour that differs from c at random.
func near(c color.RGBA, r *rand.Rand) [3]float64 {
	const most = 40
	jitter := func(v uint8) float64 { return float64(v) + most*(2*r.Float64()-1) }
	return [3]float64{jitter(c.R), jitter(c.G), jitter(c.B)}
}

// shade is a random dark colour.
func shade(r *rand.Rand) [3]float64 {
	return [3]float64{20 + 85*r.Float64(), 20 + 85*r.Float64(), 20 + 85*r.Float64()}
}

func level(v float64) uint8 { return uint8(min(max(v, 0), 255)) }
