package kernel

import (
	"fmt"
	"image/color"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// each runs a test for every implementation but the plain one.
func each(t *testing.T, test func(t *testing.T, s *Set, rng *rand.Rand)) {
	for _, s := range Sets[1:] {
		t.Run(s.Name, func(t *testing.T) { test(t, s, rand.New(rand.NewPCG(3, 4))) })
	}
}

func bytesOf(rng *rand.Rand, n int) []uint8 {
	b := make([]uint8, n)
	kind := rng.IntN(4)
	for i := range b {
		switch kind {
		case 0:
			b[i] = uint8(255 * rng.IntN(2))
		default:
			b[i] = uint8(rng.Uint32())
		}
	}
	return b
}

func TestInverseDCT(t *testing.T) {
	each(t, func(t *testing.T, s *Set, rng *rand.Rand) {
		for round := range 20000 {
			var coeffs [64]int16
			var quant [64]uint16
			spread := []int{4, 60, 1024, 65536}[round%4]
			for range rng.IntN(65) {
				coeffs[rng.IntN(64)] = int16(rng.IntN(spread) - spread/2)
			}
			for i := range quant {
				quant[i] = uint16(rng.IntN([]int{20, 256, 65536}[round%3]))
			}
			if round%5 == 0 {
				clear(coeffs[1+round%2*7:])
			}
			const stride = 11
			want, got := make([]uint8, 7*stride+8), make([]uint8, 7*stride+8)
			inverseDCT(want, stride, &coeffs, &quant)
			s.InverseDCT(got, stride, &coeffs, &quant)
			require.Equal(t, want, got, "%v %v", coeffs, quant)
			clear(want)
			clear(got)
			inverseDCT4(want, stride, &coeffs, &quant)
			s.InverseDCT4(got, stride, &coeffs, &quant)
			require.Equal(t, want, got, "%v %v", coeffs, quant)
		}
	})
}

func TestChroma(t *testing.T) {
	each(t, func(t *testing.T, s *Set, rng *rand.Rand) {
		for n := 1; n < 200; n++ {
			near, far := bytesOf(rng, n), bytesOf(rng, n)
			want, got := make([]uint16, n+2), make([]uint16, n+2)
			compare := func(even, odd uint16, shift int) {
				require.Equal(t, want, got)
				wide, fast := make([]uint8, 2*n), make([]uint8, 2*n)
				spread(wide, want, even, odd, shift)
				s.Spread(fast, got, even, odd, shift)
				require.Equal(t, wide, fast)
			}
			for odd := range 2 {
				wide, fast := make([]uint8, 2*n-odd), make([]uint8, 2*n-odd)
				double(wide, near)
				s.Double(fast, near)
				require.Equal(t, wide, fast)
			}
			widen(want[1:], near)
			s.Widen(got[1:], near)
			compare(1, 2, 2)
			sums(want[1:], near, far)
			s.Sums(got[1:], near, far)
			compare(8, 7, 4)
		}
	})
}

// TestColors goes through every triple of samples.
func TestColors(t *testing.T) {
	each(t, func(t *testing.T, s *Set, rng *rand.Rand) {
		const n = 1 << 16
		y, cb, cr := make([]uint8, n), make([]uint8, n), make([]uint8, n)
		want, got := make([]uint8, 3*n), make([]uint8, 3*n)
		for v := range 256 {
			for i := range n {
				y[i], cb[i], cr[i] = uint8(v), uint8(i), uint8(i>>8)
			}
			jpegColors(want, y, cb, cr)
			s.JPEGColors(got, y, cb, cr)
			require.True(t, string(want) == string(got), "JPEG, luma %d", v)
			goColors(want, y, cb, cr)
			s.GoColors(got, y, cb, cr)
			require.True(t, string(want) == string(got), "Go, luma %d", v)
		}
		for n := range 100 {
			y, cb, cr := bytesOf(rng, n), bytesOf(rng, n), bytesOf(rng, n)
			want, got := make([]uint8, 3*n), make([]uint8, 3*n)
			jpegColors(want, y, cb, cr)
			s.JPEGColors(got, y, cb, cr)
			require.Equal(t, want, got)
		}
	})
}

func TestGoColorsAreGos(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	y, cb, cr := bytesOf(rng, 4096), bytesOf(rng, 4096), bytesOf(rng, 4096)
	dst := make([]uint8, 3*4096)
	goColors(dst, y, cb, cr)
	for i := range y {
		r, g, b := color.YCbCrToRGB(y[i], cb[i], cr[i])
		require.Equal(t, []uint8{r, g, b}, dst[3*i:3*i+3])
	}
}

func TestLayouts(t *testing.T) {
	each(t, func(t *testing.T, s *Set, rng *rand.Rand) {
		for n := range 150 {
			src := bytesOf(rng, 4*n)
			want, got := make([]uint8, 3*n), make([]uint8, 3*n+20)
			gray(want, src[:n])
			s.Gray(got[:3*n:3*n], src[:n])
			require.Equal(t, want, got[:3*n])
			for i := range n {
				src[4*i+3] = 255
			}
			if n > 0 && n%2 == 0 {
				src[4*rng.IntN(n)+3] = 0x7F
			}
			all := drop(want, src)
			require.Equal(t, all, s.Drop(got[:3*n], src))
			require.Equal(t, want, got[:3*n])
			require.Equal(t, make([]uint8, 20), got[3*n:], "nothing beyond the row")
		}
	})
}

func TestResizePasses(t *testing.T) {
	each(t, func(t *testing.T, s *Set, rng *rand.Rand) {
		for range 300 {
			in, out, size := 1+rng.IntN(90), 1+rng.IntN(60), 1+rng.IntN(40)
			taps := Taps{Size: size, Start: make([]int, out), Count: make([]int, out), Weights: make([]int32, out*size)}
			for i := range out {
				taps.Start[i] = i * (in - 1) / out
				taps.Count[i] = min(size, in-taps.Start[i])
				for j := range taps.Count[i] {
					taps.Weights[i*size+j] = int32(rng.IntN(1<<23) - 1<<22)
				}
			}
			taps.Pack()
			src := bytesOf(rng, 3*in)
			want, got := make([]uint8, 3*out), make([]uint8, 3*out)
			across(want, src, &taps)
			s.Across(got, src[:len(src):len(src)], &taps)
			require.Equal(t, want, got)

			rows := make([][]uint8, size)
			for i := range rows {
				rows[i] = bytesOf(rng, 3*in)
			}
			want, got = make([]uint8, 3*in), make([]uint8, 3*in)
			down(want, rows, taps.Weights[:size])
			s.Down(got, rows, taps.Weights[:size])
			require.Equal(t, want, got, fmt.Sprint(in, size))
		}
	})
}

func TestBands(t *testing.T) {
	for _, n := range []int{0, 1, 2, 7, 1000} {
		seen := make([]int, n)
		Bands(n, func(first, end int) {
			for ; first < end; first++ {
				seen[first]++
			}
		})
		for _, times := range seen {
			require.Equal(t, 1, times)
		}
	}
	require.PanicsWithValue(t, "row 3", func() {
		Bands(4, func(first, end int) {
			if end == 4 {
				panic("row 3")
			}
		})
	})
}
