package main

import (
	"encoding/binary"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// config is a configuration of shapes (rows, bytes).
func config(shapes ...shape) []byte {
	c := make([]byte, configSize)
	c[0] = 1
	for i, s := range shapes {
		c[48+i] = byte(s.rows)
		binary.LittleEndian.PutUint16(c[16+2*i:], uint16(s.colsb))
	}
	return c
}

func TestConfigure(t *testing.T) {
	var ts tiles
	c := config(shape{16, 64}, shape{3, 8})
	require.NoError(t, ts.configure(c))
	require.Equal(t, c, ts.configuration())
	require.Equal(t, shape{3, 8}, ts.shape[1])
	require.NoError(t, ts.configure(make([]byte, configSize)))
	require.False(t, ts.configured)
	require.Equal(t, make([]byte, configSize), ts.configuration())
	for at, v := range map[int]byte{0: 2, 1: 1, 2: 1, 16: 65, 17: 1, 40: 1, 48: 17, 49: 0, 56: 1} {
		bad := append([]byte(nil), c...)
		bad[at] = v
		require.Error(t, ts.configure(bad), "byte %d", at)
	}
}

func TestCheck(t *testing.T) {
	var ts tiles
	load := instruction{op: tileloadd, dst: 1}
	require.ErrorContains(t, ts.check(load), "no tiles are configured")
	require.NoError(t, ts.configure(config(shape{5, 12}, shape{5, 32}, shape{8, 12}, shape{7, 12}, shape{5, 12}, shape{5, 6})))
	require.NoError(t, ts.check(load))
	require.ErrorContains(t, ts.check(instruction{op: tilezero, dst: 6}), "tile 6 has no shape")
	require.NoError(t, ts.check(instruction{op: tdpbf16ps, dst: 0, a: 1, b: 2}))
	require.ErrorContains(t, ts.check(instruction{op: tdpbf16ps, dst: 0, a: 1, b: 1}), "must differ")
	require.ErrorContains(t, ts.check(instruction{op: tdpbf16ps, dst: 0, a: 1, b: 3}), "{5 12} = {5 32} · {7 12}")
	require.ErrorContains(t, ts.check(instruction{op: tdpbusd, dst: 2, a: 1, b: 0}), "want (m, 4n)")
	require.ErrorContains(t, ts.check(instruction{op: tdpbusd, dst: 0, a: 5, b: 2}), "want (m, 4n)")
}

func TestDotBytes(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for op, signed := range map[operation][2]bool{tdpbssd: {true, true}, tdpbsud: {true, false}, tdpbusd: {false, true}, tdpbuud: {false, false}} {
		var ts tiles
		const m, k, n = 13, 16, 9
		require.NoError(t, ts.configure(config(shape{m, 4 * n}, shape{m, 4 * k}, shape{k, 4 * n})))
		for i := range ts.data[:3] {
			for r := range ts.shape[i].rows {
				for c := range ts.shape[i].colsb {
					ts.data[i][r][c] = byte(rng.Uint32())
				}
			}
		}
		before := ts
		ts.multiply(instruction{op: op, dst: 0, a: 1, b: 2})
		for i := range m {
			for j := range n {
				want := int64(int32(binary.LittleEndian.Uint32(before.data[0][i][4*j:])))
				for l := range 4 * k {
					a, b := int64(before.data[1][i][l]), int64(before.data[2][l/4][4*j+l%4])
					if signed[0] {
						a = int64(int8(a))
					}
					if signed[1] {
						b = int64(int8(b))
					}
					want += a * b
				}
				require.Equal(t, int32(want), int32(binary.LittleEndian.Uint32(ts.data[0][i][4*j:])), "%v %d %d", op, i, j)
			}
		}
		require.Zero(t, ts.data[0][m])
	}
}

// float32 sums in the documented order, made of exact sums rounded once.
func TestDotBFloat16(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	value := map[string]func() float32{
		"normal": func() float32 { return float32(rng.NormFloat64()) },
		"wide":   func() float32 { return float32(math.Ldexp(rng.NormFloat64(), rng.IntN(60)-30)) },
		"tiny":   func() float32 { return float32(math.Ldexp(rng.NormFloat64(), -63)) },
	}
	for name, v := range value {
		var ts tiles
		const m, k, n = 11, 16, 7
		require.NoError(t, ts.configure(config(shape{m, 4 * n}, shape{m, 4 * k}, shape{k, 4 * n})))
		for i := range ts.data[1:3] {
			for r := range ts.data[1+i] {
				for c := range tileColumn / 2 {
					binary.LittleEndian.PutUint16(ts.data[1+i][r][2*c:], uint16(math.Float32bits(v())>>16))
				}
			}
		}
		for r := range m {
			for c := range n {
				binary.LittleEndian.PutUint32(ts.data[0][r][4*c:], math.Float32bits(v()))
			}
		}
		before := ts
		ts.multiply(instruction{op: tdpbf16ps, dst: 0, a: 1, b: 2})
		at := func(tile, r, c int) float32 {
			return math.Float32frombits(uint32(binary.LittleEndian.Uint16(before.data[tile][r][2*c:])) << 16)
		}
		for i := range m {
			for j := range n {
				var sums [2]float32
				for l := range k {
					for u := range 2 {
						sums[u] = fma(at(1, i, 2*l+u), at(2, l, 2*j+u), sums[u])
					}
				}
				old := math.Float32frombits(binary.LittleEndian.Uint32(before.data[0][i][4*j:]))
				want := fma(1, fma(1, sums[0], sums[1]), old)
				got := math.Float32frombits(binary.LittleEndian.Uint32(ts.data[0][i][4*j:]))
				require.Equal(t, math.Float32bits(want), math.Float32bits(got), "%s %d %d: %v, want %v", name, i, j, got, want)
			}
		}
	}
}

// fma is a·b + c with denormals zero, exact before it is rounded to 24 bits, and
// flushed if that is denormal.
func fma(a, b, c float32) float32 {
	exact := func(x float32) *big.Float {
		if math.Abs(float64(x)) < 0x1p-126 {
			x = 0
		}
		return new(big.Float).SetPrec(1000).SetFloat64(float64(x))
	}
	p := new(big.Float).SetPrec(1000).Mul(exact(a), exact(b))
	v, _ := new(big.Float).SetPrec(24).SetMode(big.ToNearestEven).Add(p, exact(c)).Float64()
	if math.Abs(v) < 0x1p-126 {
		return 0
	}
	return float32(v)
}

func TestBFloat16Specials(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct{ x, want float64 }{
		{0x1p-126, 0x1p-126}, {-0x1p-127, math.Copysign(0, -1)}, {0x1p-126 - 0x1p-152, 0x1p-126}, {0x1p-126 - 0x1p-150, 0},
		{inf, inf}, {-inf, -inf}, {0x1p128, inf}, {1 + 0x1p-24, 1}, {1 + 0x1p-24 + 0x1p-40, 1 + 0x1p-23},
	} {
		got := float64(flushed(c.x))
		require.Equal(t, math.Float64bits(c.want), math.Float64bits(got), "%v: %v", c.x, got)
	}
	require.True(t, math.IsNaN(float64(flushed(math.NaN()))))
}
