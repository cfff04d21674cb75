package kernel

// Set is one implementation of every kernel.
type Set struct {
	Name string

	// InverseDCT dequantises a block, both in natural order, transforms it and writes its 8 x 8 samples
	// at dst, rows stride apart.
	InverseDCT func(dst []uint8, stride int, coeffs *[64]int16, quant *[64]uint16)

	// InverseDCT4 makes 4 x 4 samples, which show the block at half the size.
	InverseDCT4 func(dst []uint8, stride int, coeffs *[64]int16, quant *[64]uint16)

	// Sums is 3*near + far; Spread makes two samples of each sum but the first and last, which
	// are neighbours only: (3*sum + left + even) >> shift, (3*sum + right + odd) >> shift.
	Sums   func(dst []uint16, near, far []uint8)
	Widen  func(dst []uint16, src []uint8)
	Spread func(dst []uint8, sums []uint16, even, odd uint16, shift int)

	// Double repeats each sample; a dst of odd length ends with half a pair.
	Double func(dst, src []uint8)

	// JPEGColors and GoColors convert rows of YCbCr to RGB, as libjpeg and image/color do.
	JPEGColors func(dst, y, cb, cr []uint8)
	GoColors   func(dst, y, cb, cr []uint8)

	// Gray repeats each sample three times. Drop leaves out the fourth byte of each pixel, and
	// returns the AND of those bytes.
	Gray func(dst, src []uint8)
	Drop func(dst, src []uint8) uint8

	// Across makes a row of RGB pixels of src by the horizontal taps. Down sums rows, of dst's length
	// each, by weights in 10.22 fixed point.
	Across func(dst, src []uint8, t *Taps)
	Down   func(dst []uint8, rows [][]uint8, weights []int32)
}

// Plain is portable Go, the definition.
var Plain = Set{
	Name:       "plain",
	InverseDCT: inverseDCT, InverseDCT4: inverseDCT4,
	Sums: sums, Widen: widen, Spread: spread, Double: double,
	JPEGColors: jpegColors, GoColors: goColors,
	Gray: gray, Drop: drop,
	Across: across, Down: down,
}

// Sets are those that this machine can run, slowest first.
var Sets = append([]*Set{&Plain}, faster()...)

// Best is the fastest of them.
var Best = *Sets[len(Sets)-1]
