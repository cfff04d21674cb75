package image

import (
	"fmt"
	"math"
)

// Filter is a resampling filter. The numbers are those of Pillow (PIL.Image.Resampling) and of
// "resample" in preprocessor_config.json.
type Filter int

const (
	Nearest  Filter = 0
	Lanczos  Filter = 1
	Bilinear Filter = 2
	Bicubic  Filter = 3
	Box      Filter = 4
	Hamming  Filter = 5
)

var filterNames = [...]string{"nearest", "lanczos", "bilinear", "bicubic", "box", "hamming"}

// String returns Pillow's name, in lower case.
func (f Filter) String() string {
	if f.valid() {
		return filterNames[f]
	}
	return fmt.Sprintf("Filter(%d)", int(f))
}

func (f Filter) valid() bool { return f >= Nearest && f <= Hamming }

// kernel returns the filter's weight as a function of the distance x, and its support: the largest
// distance with a weight other than zero. Nearest has no kernel. Products are wrapped in
// float64() so that the compiler does not fuse them with an addition: the last bit must
// equal that of C.
func (f Filter) kernel() (weight func(x float64) float64, support float64) {
	switch f {
	case Box:
		return boxKernel, 0.5
	case Bilinear:
		return bilinearKernel, 1
	case Hamming:
		return hammingKernel, 1
	case Bicubic:
		return bicubicKernel, 2
	case Lanczos:
		return lanczosKernel, 3
	}
	return nil, 0
}

func boxKernel(x float64) float64 {
	if x > -0.5 && x <= 0.5 {
		return 1
	}
	return 0
}

func bilinearKernel(x float64) float64 {
	return max(0, 1-math.Abs(x))
}

func hammingKernel(x float64) float64 {
	x = math.Abs(x)
	if x == 0 {
		return 1
	}
	if x >= 1 {
		return 0
	}
	x = float64(x * math.Pi)
	// Pillow's constants have single precision.
	window := float64(float32(0.54)) + float64(float64(float32(0.46))*math.Cos(x))
	return math.Sin(x) / x * window
}

// bicubicKernel is the Keys cubic with a = -0.5.
func bicubicKernel(x float64) float64 {
	const a = -0.5
	x = math.Abs(x)
	if x < 1 {
		return float64(float64((float64((a+2)*x)-(a+3))*x)*x) + 1
	}
	if x < 2 {
		return (float64((float64((x-5)*x)+8)*x) - 4) * a
	}
	return 0
}

func lanczosKernel(x float64) float64 {
	if -3 <= x && x < 3 {
		return sinc(x) * sinc(x/3)
	}
	return 0
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	x = float64(x * math.Pi)
	return math.Sin(x) / x
}
