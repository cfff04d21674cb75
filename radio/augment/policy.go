package augment

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// Policy says what is drawn for each picture. The zero value changes nothing but the size, if Size
// is set. The defaults of torchvision for training are Scale {0.08, 1}, Ratio {3/4, 4/3}, Flip 0.5.
type Policy struct {
	Size  [2]int     // height and width of the result, pixels; zero keeps that of the crop
	Scale [2]float64 // part of the picture's area that is cropped, from and to; zero means no crop
	Ratio [2]float64 // width / height of the crop, from and to; zero means 3/4 to 4/3
	Flip  float64    // probability

	// A factor is between 1 - s and 1 + s, and at least 0. The hue moves by -Hue to Hue, which is at
	// most 0.5. The changes that are not 0 are made in random order.
	Brightness, Contrast, Saturation, Hue float64
}

// Check returns an error for numbers outside their ranges.
func (p Policy) Check() error {
	ratio := p.ratio()
	switch {
	case p.Scale != [2]float64{} && !(p.Scale[0] > 0 && p.Scale[0] <= p.Scale[1] && p.Scale[1] <= 1):
		return fmt.Errorf("augment: the scale of crops is %g to %g: must be above 0 and at most 1, the smaller first", p.Scale[0], p.Scale[1])
	case !(ratio[0] > 0 && ratio[0] <= ratio[1] && finite(ratio[1])):
		return fmt.Errorf("augment: the aspect ratio of crops is %g to %g: must be above 0, the smaller first", ratio[0], ratio[1])
	case !(p.Flip >= 0 && p.Flip <= 1):
		return fmt.Errorf("augment: the probability of a flip is %g: must be 0 to 1", p.Flip)
	case p.Size[0] < 0 || p.Size[1] < 0 || (p.Size[0] == 0) != (p.Size[1] == 0):
		return fmt.Errorf("augment: the size is %d×%d pixels (height×width): must be at least 1×1, or 0×0 to keep it", p.Size[0], p.Size[1])
	case !(p.Hue >= 0 && p.Hue <= 0.5):
		return fmt.Errorf("augment: the hue moves by up to %g: must be 0 to 0.5", p.Hue)
	}
	for _, s := range p.strengths() {
		if !(s.by >= 0) || !finite(s.by) {
			return fmt.Errorf("augment: %s is %g: must be a finite number, at least 0", s.change, s.by)
		}
	}
	return nil
}

func (p Policy) ratio() [2]float64 {
	if p.Ratio == [2]float64{} {
		return [2]float64{3.0 / 4, 4.0 / 3}
	}
	return p.Ratio
}

// strength is how much a property may change.
type strength struct {
	change Change
	by     float64
}

func (p Policy) strengths() []strength {
	return []strength{{Brightness, p.Brightness}, {Contrast, p.Contrast}, {Saturation, p.Saturation}, {Hue, p.Hue}}
}

// Random reports whether anything is drawn.
func (p Policy) Random() bool {
	p.Size, p.Ratio = [2]int{}, [2]float64{}
	return p != Policy{}
}

// Draw draws the numbers for a picture of h×w pixels.
func (p Policy) Draw(r *rand.Rand, h, w int) (Params, error) {
	if err := p.Check(); err != nil {
		return Params{}, err
	}
	if h < 1 || w < 1 {
		return Params{}, fmt.Errorf("augment: the picture has %d×%d pixels: want at least 1×1", h, w)
	}
	out := Params{Size: p.Size}
	if p.Scale != [2]float64{} {
		out.Crop = p.crop(r, h, w)
	}
	if p.Flip > 0 {
		out.Flip = r.Float64() < p.Flip
	}
	var changes []strength
	for _, s := range p.strengths() {
		if s.by > 0 {
			changes = append(changes, s)
		}
	}
	for len(changes) > 0 {
		i := int(r.Float64() * float64(len(changes)))
		s := changes[i]
		changes = append(changes[:i], changes[i+1:]...)
		factor := between(r, -s.by, s.by)
		if s.change != Hue {
			factor = between(r, max(0, 1-s.by), 1+s.by)
		}
		out.Jitter = append(out.Jitter, Jitter{s.change, factor})
	}
	return out, nil
}

// crop is RandomResizedCrop.get_params of torchvision: ten tries, and then the largest crop in the
// middle whose aspect ratio is allowed.
func (p Policy) crop(r *rand.Rand, h, w int) Box {
	ratio := p.ratio()
	for range 10 {
		area := float64(h) * float64(w) * between(r, p.Scale[0], p.Scale[1])
		aspect := math.Exp(between(r, math.Log(ratio[0]), math.Log(ratio[1])))
		cw, ch := math.RoundToEven(math.Sqrt(area*aspect)), math.RoundToEven(math.Sqrt(area/aspect))
		if cw >= 1 && cw <= float64(w) && ch >= 1 && ch <= float64(h) {
			b := Box{Height: int(ch), Width: int(cw)}
			b.Top = int(r.Float64() * float64(h-b.Height+1))
			b.Left = int(r.Float64() * float64(w-b.Width+1))
			return b
		}
	}
	b := Box{Height: h, Width: w}
	switch of := float64(w) / float64(h); {
	case of < ratio[0]:
		b.Height = min(max(int(math.RoundToEven(float64(w)/ratio[0])), 1), h)
	case of > ratio[1]:
		b.Width = min(max(int(math.RoundToEven(float64(h)*ratio[1])), 1), w)
	}
	b.Top, b.Left = (h-b.Height)/2, (w-b.Width)/2
	return b
}

// between returns a number from low to high.
func between(r *rand.Rand, low, high float64) float64 { return low + float64(r.Float64()*(high-low)) }
