package conformance

import (
	"encoding/json"
	"fmt"

	"cradio/radio/augment"
	sets "cradio/radio/data"
	"cradio/radio/image"
)

// augmentCase is the numbers of one augmentation, as augment.py writes them.
type augmentCase struct {
	Crop, Size []int // top, left, height, width; height, width
	Flip       bool
	Jitter     [][2]json.RawMessage // what changes, and the factor
}

// params are the numbers as the package augment has them.
func (a augmentCase) params() (p augment.Params, err error) {
	p.Flip = a.Flip
	switch {
	case len(a.Crop) == 0 && len(a.Size) == 0:
	case len(a.Crop) != 4 || len(a.Size) != 2:
		return p, fmt.Errorf("crop is %v and size %v: want four and two numbers", a.Crop, a.Size)
	default:
		p.Crop = augment.Box{Top: a.Crop[0], Left: a.Crop[1], Height: a.Crop[2], Width: a.Crop[3]}
		p.Size = [2]int(a.Size)
	}
	for _, j := range a.Jitter {
		var to augment.Jitter
		if err := json.Unmarshal(j[0], &to.Change); err != nil {
			return p, fmt.Errorf("jitter %s: %w", j[0], err)
		}
		if err := json.Unmarshal(j[1], &to.Factor); err != nil {
			return p, fmt.Errorf("jitter %s: %w", j[1], err)
		}
		p.Jitter = append(p.Jitter, to)
	}
	return p, nil
}

// runAugment makes the augmented pictures and masks of one picture.
func runAugment(c *trainingCase) error {
	picture, shape := c.values("input/image") // (H, W, 3)
	labels, _ := c.values("input/mask")       // (H, W)
	var cases []augmentCase
	if !c.option("cases", &cases) || c.err != nil {
		return fmt.Errorf("option cases is missing")
	}
	img := &image.RGB{H: shape[0], W: shape[1], Pix: toBytes(picture)}
	mask := &sets.Mask{H: shape[0], W: shape[1], Pix: toBytes(labels)}
	for i, a := range cases {
		p, err := a.params()
		if err != nil {
			return fmt.Errorf("case %d: %w", i, err)
		}
		out, err := p.Apply(img)
		if err != nil {
			return fmt.Errorf("case %d: %w", i, err)
		}
		c.compareEqual(fmt.Sprintf("%d/image", i), toFloats(out.Pix))
		if name := fmt.Sprintf("%d/mask", i); c.has(truthPrefix + name) {
			m, err := p.ApplyMask(mask)
			if err != nil {
				return fmt.Errorf("case %d: %w", i, err)
			}
			c.compareEqual(name, toFloats(m.Pix))
		}
	}
	return nil
}

func toBytes(v []float64) []uint8 {
	out := make([]uint8, len(v))
	for i, x := range v {
		out[i] = uint8(x)
	}
	return out
}

func toFloats(v []uint8) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = float64(x)
	}
	return out
}
