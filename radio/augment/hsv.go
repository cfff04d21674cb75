package augment

import "math"

// toHSV is rgb2hsv_row (Convert.c), with its mixture of float32 and float64. Where C computes in
// float64, so does this: the last bit must be the same.
func toHSV(r, g, b uint8) (h, s, v uint8) {
	most, least := max(r, g, b), min(r, g, b)
	if most == least {
		return 0, 0, most
	}
	span := float32(most - least)
	rc, gc, bc := float32(most-r)/span, float32(most-g)/span, float32(most-b)/span
	var hue float32
	switch most {
	case r:
		hue = bc - gc
	case g:
		hue = float32(2 + float64(rc) - float64(bc))
	default:
		hue = float32(4 + float64(gc) - float64(rc))
	}
	turn := float64(hue)/6 + 1 // at least 5/6, below 2
	if turn >= 1 {
		turn-- // fmod(turn, 1)
	}
	return clip(float64(float32(turn)) * 255), clip(float64(span/float32(most)) * 255), most
}

// fromHSV is hsv2rgb (Convert.c).
func fromHSV(h, s, v uint8) (r, g, b uint8) {
	if s == 0 {
		return v, v, v
	}
	at := float64(h) * 6 / 255
	sector := math.Floor(at)
	f := float32(at - sector)
	fs := float32(float64(s) / 255)
	p := clip(math.Round(float64(v) * (1 - float64(fs))))
	q := clip(math.Round(float64(v) * (1 - float64(float32(fs*f)))))
	t := clip(math.Round(float64(v) * (1 - float64(float64(fs)*(1-float64(f))))))
	switch int(sector) % 6 {
	case 0:
		return v, t, p
	case 1:
		return q, v, p
	case 2:
		return p, v, t
	case 3:
		return p, q, v
	case 4:
		return t, p, v
	default:
		return v, p, q
	}
}

func clip(v float64) uint8 { return uint8(min(max(v, 0), 255)) }
