package output

import "math"

// small is a binary floating-point type of 16 bits: a sign, an exponent, and a fraction with
// the given number of bits.
type small struct{ fraction int }

var (
	half  = small{10}
	brain = small{7}
)

// bias is the bias of the exponent. lowest is the exponent of the smallest normal number.
func (s small) bias() int   { return 1<<(14-s.fraction) - 1 }
func (s small) lowest() int { return 1 - s.bias() }

// bits returns the nearest number to v, ties to even. v is rounded once: rounding to float32
// first would give some wrong numbers.
func (s small) bits(v float64) uint16 {
	double := math.Float64bits(v)
	sign := uint16(double >> 48 & 0x8000)
	v = math.Abs(v)
	switch {
	case v != v:
		return sign | 0x7fff
	case v >= math.Ldexp(1, s.bias()+1): // including infinity
		return sign | s.infinity()
	case v < math.Ldexp(1, s.lowest()): // in multiples of the smallest number; the product is exact
		return sign | uint16(math.RoundToEven(math.Ldexp(v, s.fraction-s.lowest())))
	}
	drop := 52 - s.fraction
	exponent := int(double>>52&0x7ff) - 1023 + s.bias()
	kept := uint64(exponent)<<s.fraction | double&(1<<52-1)>>drop
	dropped, middle := double&(1<<drop-1), uint64(1)<<(drop-1)
	if dropped > middle || dropped == middle && kept&1 == 1 {
		kept++ // this may carry into the exponent, up to infinity
	}
	return sign | uint16(kept)
}

func (s small) infinity() uint16 { return uint16(2*s.bias()+1) << s.fraction }

// value returns the number with these bits.
func (s small) value(bits uint16) float64 {
	exponent, fraction := int(bits&0x7fff)>>s.fraction, float64(bits&(1<<s.fraction-1))
	v := math.Ldexp(fraction, s.lowest()-s.fraction)
	switch {
	case bits&0x7fff > s.infinity():
		return math.NaN()
	case bits&0x7fff == s.infinity():
		v = math.Inf(1)
	case exponent > 0:
		v = math.Ldexp(float64(int(1)<<s.fraction)+fraction, exponent-s.bias()-s.fraction)
	}
	if bits&0x8000 != 0 {
		v = -v
	}
	return v
}
