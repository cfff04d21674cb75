package output

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSmallNumbers: each of the 65536 numbers is unchanged. Other numbers round to the nearest, ties to
// even.
func TestSmallNumbers(t *testing.T) {
	for name, s := range map[string]small{"float16": half, "bfloat16": brain} {
		for bits := range s.infinity() {
			below, above := s.value(bits), s.value(bits+1)
			if bits+1 == s.infinity() { // where the next would be
				above = 2*below - s.value(bits-1)
			}
			middle := below + (above-below)/2
			even := bits + bits&1
			for v, want := range map[float64]uint16{
				below: bits, middle: even, math.Nextafter(middle, 0): bits, math.Nextafter(middle, math.Inf(1)): bits + 1,
			} {
				if got := s.bits(v); got != want || s.bits(-v) != want|0x8000 {
					require.Equal(t, want, got, "%s: %x", name, v)
				}
			}
		}
		require.Equal(t, s.infinity(), s.bits(math.Inf(1)))
		require.Equal(t, s.infinity(), s.bits(math.MaxFloat64))
		require.True(t, math.IsNaN(s.value(s.bits(math.NaN()))))
		require.Equal(t, uint16(0), s.bits(math.SmallestNonzeroFloat64))
	}
	require.Equal(t, uint16(0x3c00), half.bits(1))
	require.Equal(t, 65504.0, half.value(0x7bff))
	require.Equal(t, 0x1p-24, half.value(1))
	require.Equal(t, uint16(0x4049), brain.bits(math.Pi))
}

// TestBFloat16IsTheUpperHalf compares with the upper half of a float32.
func TestBFloat16IsTheUpperHalf(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 100_000 {
		bits := random.Uint32()
		v := math.Float32frombits(bits)
		if v != v {
			continue
		}
		require.Equal(t, uint16((bits+0x7fff+bits>>16&1)>>16), brain.bits(float64(v)))
	}
}

func TestTextsSurvive(t *testing.T) {
	for bits := range half.infinity() {
		text := string(Float16.appendText(nil, half.value(bits)))
		v, err := strconv.ParseFloat(text, 64)
		require.NoError(t, err)
		if half.bits(v) != bits || len(text) > 10 {
			require.Equal(t, bits, half.bits(v), text)
			require.LessOrEqual(t, len(text), 10, text)
		}
	}
}

func TestDTypes(t *testing.T) {
	for text, want := range map[string]DType{"fp16": Float16, "FLOAT16": Float16, "half": Float16, "bf16": BFloat16, "fp32": Float32, "float64": Float64} {
		d, err := ParseDType(text)
		require.NoError(t, err)
		require.Equal(t, want, d)
	}
	_, err := ParseDType("int8")
	require.ErrorContains(t, err, `dtype is "int8", must be float32, float16, bfloat16 or float64`)
	for _, d := range DTypes() {
		require.True(t, d.Holds(-d.Max()))
		require.Equal(t, d.Max(), d.round(d.Max()))
		require.Len(t, d.append(nil, 1), d.Size())
	}
	require.True(t, Float16.Holds(65519))
	require.False(t, Float16.Holds(65520))
	require.False(t, Float32.Holds(1e39))
	require.False(t, DType("").Holds(1e39))
}
