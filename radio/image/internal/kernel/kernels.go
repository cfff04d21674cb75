package kernel

// Set is one implementation of all kernels.
type Set struct {
	Name string

	// InverseDCT dequantises and transforms a block. Coefficients and quantisers are in natural
	// order. It writes 8 x 8 samples at dst, with rows stride apart.
	InverseDCT func(dst []uint8, stride int, coeffs *[64]int16, quant *[64]uint16)

	// InverseDCT4 writes 4 x 4 samples: the block at half the size.
	InverseDCT4 func(dst []uint8, stride int, coeffs *[64]int16, quant *[64]uint16)

	// Sums computes 3*near + far. Spread computes two samples from each sum,
	// (3*sum + left + even) >> shift and (3*sum + right + odd) >> shift. The first and last
	// sums are only neighbours.
	Sums   func(dst []uint16, near, far []uint8)
	Widen  func(dst []uint16, src []uint8)
	Spread func(dst []uint8, sums []uint16, even, odd uint16, shift int)

	// Double repeats each sample. If dst has odd length, its last sample is not repeated.
	Double func(dst, src []uint8)

	// JPEGColors and GoColors convert rows of YCbCr to RGB, as libjpeg and image/color do.
	JPEGColors func(dst, y, cb, cr []uint8)
	GoColors   func(dst, y, cb, cr []uint8)

	// Gray repeats each sample three times. Drop removes the fourth byte of each pixel, and
	// returns the AND of these bytes.
	Gray func(dst, src []uint8)
	Drop func(dst, src []uint8) uint8

	// Across computes a row of RGB pixels from src with the horizontal taps. Down computes the
	// weighted sum of rows, each as long as dst, with weights in 10.22 fixed point.
	Across func(dst, src []uint8, t *Taps)
	Down   func(dst []uint8, rows [][]uint8, weights []int32)
}

// Plain is portable Go. It defines the results.
var Plain = Set{
	Name:       "plain",
	InverseDCT: inverseDCT, InverseDCT4: inverseDCT4,
	Sums: sums, Widen: widen, Spread: spread, Double: double,
	JPEGColors: jpegColors, GoColors: goColors,
	Gray: gray, Drop: drop,
	Across: across, Down: down,
}

// Sets returns the sets that this machine can run, the slowest first.
var Sets = append([]*Set{&Plain}, faster()...)

// Best is the fastest set of this machine.
var Best = *Sets[len(Sets)-1]
