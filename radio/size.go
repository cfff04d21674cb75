package radio

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"cradio/radio/image"
)

// Size says to what size images are brought before the model sees them. The result is
// always one that the model supports, and but for Square and Fixed the aspect ratio is
// kept, to within one step of [Config.Step]. The zero value is Card.
type Size struct {
	kind sizeKind
	h, w int // pixels; h alone where there is one number
}

type sizeKind int

const (
	card sizeKind = iota
	native
	fixed
	short
	long
	pixels
)

var sizeNames = map[sizeKind]string{card: "card", native: "native", short: "short", long: "long", pixels: "pixels"}

// Card is what the call on the model card does: the size of preprocessor_config.json,
// with do_resize=True.
func Card() Size { return Size{} }

// Native is an image's own size, bounded by the model's max_resolution.
func Native() Size { return Size{kind: native} }

// Square is n×n pixels, whatever the aspect ratio.
func Square(n int) Size { return Fixed(n, n) }

// Fixed is h×w pixels, whatever the aspect ratio.
func Fixed(h, w int) Size { return Size{fixed, h, w} }

// ShortEdge brings the shorter edge to n pixels.
func ShortEdge(n int) Size { return Size{kind: short, h: n} }

// LongEdge brings the longer edge to n pixels.
func LongEdge(n int) Size { return Size{kind: long, h: n} }

// PixelCount is as near to n pixels in all as the aspect ratio allows.
func PixelCount(n int) Size { return Size{kind: pixels, h: n} }

var (
	fixedPattern = regexp.MustCompile(`^(\d{1,9})(?:[xX×](\d{1,9}))?$`)
	ratioPattern = regexp.MustCompile(`^(short|long|pixels):(\d{1,9})$`)
)

// ParseSize reads "card", "native", "224" (square), "320x512" (height x width),
// "short:432", "long:1024" or "pixels:262144".
func ParseSize(text string) (Size, error) {
	number := func(digits string) int {
		n, _ := strconv.Atoi(digits) // nine digits at most, by the patterns
		return n
	}
	var s Size
	switch m, r := fixedPattern.FindStringSubmatch(text), ratioPattern.FindStringSubmatch(text); {
	case text == "card":
		return Card(), nil
	case text == "native":
		return Native(), nil
	case m != nil && m[2] == "":
		s = Square(number(m[1]))
	case m != nil:
		s = Fixed(number(m[1]), number(m[2]))
	case r != nil:
		for kind, name := range sizeNames {
			if name == r[1] {
				s = Size{kind: kind, h: number(r[2])}
			}
		}
	default:
		return s, fmt.Errorf("size is %q, want card, native, N, HxW, short:N, long:N or pixels:N", text)
	}
	return s, s.check()
}

// maxSide bounds the pixels a side.
const maxSide = 1 << 15

func (s Size) check() error {
	most := maxSide
	if s.kind == pixels {
		most = image.DefaultMaxPixels
	}
	if s.kind != card && s.kind != native && (s.h < 1 || s.h > most) || s.kind == fixed && (s.w < 1 || s.w > most) {
		return fmt.Errorf("size is %s, want 1 to %d pixels", s, most)
	}
	return nil
}

// String is the form that ParseSize reads.
func (s Size) String() string {
	switch s.kind {
	case card, native:
		return sizeNames[s.kind]
	case fixed:
		if s.h == s.w {
			return strconv.Itoa(s.h)
		}
		return fmt.Sprintf("%dx%d", s.h, s.w)
	}
	return fmt.Sprintf("%s:%d", sizeNames[s.kind], s.h)
}

// Check refuses what no image could be brought to.
func (s Size) Check(c *Config) error {
	if err := s.check(); err != nil || s.kind != fixed {
		return err
	}
	return c.CheckSize(s.h, s.w)
}

// CheckExact refuses a size that Python's processor does not have; see Encoder.Exact.
func (s Size) CheckExact() error {
	if s.kind == pixels {
		return fmt.Errorf("size %s: Python's processor has no such size; choose card, native, N, HxW, short:N or long:N", s)
	}
	return nil
}

// Set and Type make a Size a command's flag.
func (s *Size) Set(text string) (err error) {
	*s, err = ParseSize(strings.ToLower(text))
	return err
}

// Type names the value in help.
func (s *Size) Type() string { return "SIZE" }

// rule is the resize step that a size stands for, for an image of h×w pixels.
func (s Size) rule(c *Config, p *image.Processor, h, w int) image.Processor {
	switch s.kind {
	case native:
		if max(h, w) > c.MaxResolution {
			return image.Processor{DoResize: true, LongestEdge: c.MaxResolution}
		}
		return image.Processor{}
	case fixed:
		return image.Processor{DoResize: true, Height: s.h, Width: s.w}
	case short:
		return image.Processor{DoResize: true, ShortestEdge: s.h}
	case long:
		return image.Processor{DoResize: true, LongestEdge: s.h}
	}
	r := image.Processor{Height: p.Height, Width: p.Width, ShortestEdge: p.ShortestEdge, LongestEdge: p.LongestEdge}
	r.DoResize = r.Height > 0 || r.ShortestEdge > 0 || r.LongestEdge > 0
	return r
}

// Of is the size that an image of h×w pixels is given, which the model supports;
// extreme says that the aspect ratio could not be kept.
func (s Size) Of(c *Config, p *image.Processor, h, w int) (oh, ow int, extreme bool) {
	if s.kind == pixels {
		f := math.Sqrt(float64(s.h) / (float64(h) * float64(w)))
		th, tw := f*float64(h), f*float64(w)
		step := float64(c.Step())
		if extreme = min(th, tw) < step/2; extreme { // one patch there, and what that leaves here
			th, tw = min(max(th, step), float64(s.h)/step), min(max(tw, step), float64(s.h)/step)
		}
		oh, ow = nearestCount(th, tw, c.Step(), s.h)
	} else {
		rule := s.rule(c, p, h, w)
		th, tw := rule.Size(h, w)
		oh, ow = c.NearestSize(th, tw)
		extreme = min(th, tw) < c.Step()/2
	}
	if c.CheckSize(oh, ow) != nil { // too large
		rule := image.Processor{DoResize: true, LongestEdge: c.MaxResolution}
		th, tw := rule.Size(h, w)
		oh, ow = c.NearestSize(th, tw)
		extreme = true
	}
	return oh, ow, extreme
}

// nearestCount is the multiples of step next to h and w whose product is nearest to n.
func nearestCount(h, w float64, step, n int) (bh, bw int) {
	around := func(v float64) [2]int {
		low := int(v / float64(step))
		return [2]int{max(low, 1) * step, (low + 1) * step}
	}
	best := math.Inf(1)
	for _, ch := range around(h) {
		for _, cw := range around(w) {
			// Where counts are equal the aspect ratio decides.
			ratio := math.Abs(math.Log(float64(ch) * w / (float64(cw) * h)))
			if d := math.Abs(float64(ch*cw-n)) + 1e-3*ratio; d < best {
				best, bh, bw = d, ch, cw
			}
		}
	}
	return bh, bw
}
