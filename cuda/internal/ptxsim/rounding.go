package ptxsim

import "math"

func f32(x uint32) float32    { return math.Float32frombits(x) }
func bits32(x float32) uint32 { return math.Float32bits(x) }
func f64(x uint64) float64    { return math.Float64frombits(x) }
func bits64(x float64) uint64 { return math.Float64bits(x) }

// fromBfloat is the value of a bfloat16.
func fromBfloat(x uint32) float32 { return math.Float32frombits(x << 16) }

// toBfloat rounds to the nearest bfloat16, of two the even one. NaN becomes 0x7fff.
func toBfloat(x float32) uint32 {
	if x != x {
		return 0x7fff
	}
	b := math.Float32bits(x)
	return (b + 0x7fff + b>>16&1) >> 16
}

// unread are the bits of a float32 that products of tf32 do not read: 10 of its 23 bits of mantissa are left.
const unread = 1<<13 - 1

// toTensorFloat rounds the bits of a float32 to the nearest tf32, of two the one further from 0. NaN becomes 0x7fffffff.
func toTensorFloat(b uint32) uint32 {
	switch x := f32(b); {
	case x != x:
		return 0x7fffffff
	case math.IsInf(float64(x), 0):
		return b
	}
	return (b + (unread+1)/2) &^ unread
}

// fma is x·y + z, rounded once. The product is exact in float64. Rounding the sum twice, to
// float64 and to float32, is wrong only if the first comes to lie between two float32; then what
// it lost decides.
func fma(x, y, z float32) float32 {
	s := float64(x)*float64(y) + float64(z)
	if ambiguous(bits64(s)) {
		return fmaExact(x, y, z)
	}
	return float32(s)
}

// ambiguous says of the bits of a float64 that it may lie in the middle between two float32: its
// lower 29 bits are 100…, or it is so small that its float32 is denormal.
func ambiguous(b uint64) bool {
	const least = 1023 - 125 // exponent
	return b&(1<<29-1) == 1<<28 || b<<1>>53 < least && b<<1 != 0
}

// fmaExact rounds the sum to odd in float64 (Boldo and Melquiond 2008), and that to float32.
func fmaExact(x, y, z float32) float32 {
	s, tail := twoSum(float64(x)*float64(y), float64(z))
	if b := math.Float64bits(s); tail != 0 && tail == tail && b&1 == 0 {
		if (tail > 0) == (s > 0) {
			b++
		} else {
			b--
		}
		s = math.Float64frombits(b)
	}
	return float32(s)
}

// twoSum is x + y, and what rounding has taken from it (Knuth).
func twoSum(x, y float64) (sum, tail float64) {
	sum = x + y
	t := sum - x
	return sum, (x - (sum - t)) + (y - t)
}

// roundDirected rounds v + tail to float32: rz towards 0, rm down, rp up.
func roundDirected(v, tail float64, mode string) float32 {
	f := float32(v)
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return f
	}
	above := float64(f) > v || float64(f) == v && tail < 0 // f is more than the exact value
	below := float64(f) < v || float64(f) == v && tail > 0
	positive := v > 0 || v == 0 && tail > 0
	switch {
	case above && (mode == "rm" || mode == "rz" && positive):
		return math.Nextafter32(f, float32(math.Inf(-1)))
	case below && (mode == "rp" || mode == "rz" && !positive):
		return math.Nextafter32(f, float32(math.Inf(1)))
	}
	return f
}
