package ptxsim

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	quiet = 0x7fffffff // the NaN of the ISA
	inf   = 0x7f800000
	minus = 0x80000000 // -0
	tiny  = 0x00000001 // the smallest denormal number
)

// Section 9.7.3 of the ISA: float32.
func TestSingles(t *testing.T) {
	one, half := single(1), single(0.5)
	for _, c := range []struct {
		instruction string
		in          []uint32
		want        uint32
	}{
		{"add.f32 %d, %a, %b;", []uint32{one, 0x33800000}, one},               // 1 + 2^-24: a tie, to even
		{"add.f32 %d, %a, %b;", []uint32{0x3f800001, 0x33800000}, 0x3f800002}, // and from odd
		{"add.rz.f32 %d, %a, %b;", []uint32{0x3f800001, 0x33800000}, 0x3f800001},
		{"add.rp.f32 %d, %a, %b;", []uint32{one, tiny}, 0x3f800001},
		{"add.rm.f32 %d, %a, %b;", []uint32{one, minus | tiny}, 0x3f7fffff},
		{"add.rz.f32 %d, %a, %b;", []uint32{minus | one, tiny}, 0xbf7fffff},
		{"sub.rp.f32 %d, %a, %b;", []uint32{one, tiny}, one},
		{"mul.rz.f32 %d, %a, %a;", []uint32{0x3f800001}, 0x3f800002},
		{"mul.rp.f32 %d, %a, %a;", []uint32{0x3f800001}, 0x3f800003},
		{"add.f32 %d, %a, %b;", []uint32{tiny, tiny}, 2},
		{"add.ftz.f32 %d, %a, %b;", []uint32{tiny, minus}, 0},
		{"mul.ftz.f32 %d, %a, %b;", []uint32{minus | 0x00800000, half}, minus}, // the result is denormal
		{"add.sat.f32 %d, %a, %b;", []uint32{one, one}, one},
		{"sub.sat.f32 %d, %a, %b;", []uint32{half, one}, 0},
		{"add.sat.f32 %d, %a, %b;", []uint32{quiet, one}, 0}, // NaN becomes 0
		{"min.f32 %d, %a, %b;", []uint32{quiet, one}, one},   // a number is preferred to NaN
		{"max.f32 %d, %a, %b;", []uint32{one, quiet}, one},
		{"max.f32 %d, %a, %b;", []uint32{quiet, quiet}, quiet},
		{"max.NaN.f32 %d, %a, %b;", []uint32{one, quiet}, quiet},
		{"max.f32 %d, %a, %b;", []uint32{minus, 0}, 0}, // +0 is more than -0
		{"min.f32 %d, %a, %b;", []uint32{0, minus}, minus},
		{"div.rn.f32 %d, %a, %b;", []uint32{one, 0}, inf},
		{"rcp.rn.f32 %d, %a;", []uint32{minus | inf}, minus},
		{"sqrt.rn.f32 %d, %a;", []uint32{single(2)}, 0x3fb504f3},
		{"rsqrt.approx.f32 %d, %a;", []uint32{minus}, minus | inf},
		{"ex2.approx.f32 %d, %a;", []uint32{minus | inf}, 0},
		{"ex2.approx.ftz.f32 %d, %a;", []uint32{single(-140)}, 0},
		{"ex2.approx.f32 %d, %a;", []uint32{single(-140)}, 1 << 9},
		{"lg2.approx.f32 %d, %a;", []uint32{single(8)}, single(3)},
		{"neg.f32 %d, %a;", []uint32{one}, minus | one},
		{"abs.f32 %d, %a;", []uint32{minus | one}, one},
		{"copysign.f32 %d, %a, %b;", []uint32{minus, one}, minus | one},
		{"fma.rn.f32 %d, %a, %b, %x;", []uint32{inf, 0, one}, single(float32(math.NaN()))},
		{"setp.lt.f32 %p, %a, %b; selp.b32 %d, 1, 0, %p;", []uint32{quiet, one}, 0},
		{"setp.ltu.f32 %p, %a, %b; selp.b32 %d, 1, 0, %p;", []uint32{quiet, one}, 1},
		{"setp.neu.f32 %p, %a, %b; selp.b32 %d, 1, 0, %p;", []uint32{quiet, quiet}, 1},
		{"setp.ne.f32 %p, %a, %b; selp.b32 %d, 1, 0, %p;", []uint32{quiet, one}, 0},
		{"setp.eq.f32 %p, %a, %b; selp.b32 %d, 1, 0, %p;", []uint32{minus, 0}, 1},
		{"setp.num.f32 %p, %a, %b; selp.b32 %d, 1, 0, %p;", []uint32{one, inf}, 1},
		{"setp.nan.f32 %p, %a, %b; selp.b32 %d, 1, 0, %p;", []uint32{one, quiet}, 1},
		{"testp.infinite.f32 %p, %a; selp.b32 %d, 1, 0, %p;", []uint32{minus | inf}, 1},
		{"testp.subnormal.f32 %p, %a; selp.b32 %d, 1, 0, %p;", []uint32{tiny}, 1},
		{"testp.notanumber.f32 %p, %a; selp.b32 %d, 1, 0, %p;", []uint32{quiet}, 1},
	} {
		got, want := words(t, c.instruction, c.in...), c.want
		if f32(got) != f32(got) && f32(want) != f32(want) {
			continue
		}
		require.Equal(t, hex(want), hex(got), "%s %x", c.instruction, c.in)
	}
}

// Section 9.7.9.21: cvt.
func TestConversions(t *testing.T) {
	for _, c := range []struct {
		instruction string
		in          []uint32
		want        uint32
	}{
		{"cvt.rn.bf16x2.f32 %d, %a, %b;", []uint32{single(1), single(2)}, 0x3f804000},   // the first is the upper half
		{"cvt.rn.bf16x2.f32 %d, %a, %b;", []uint32{0x3f808000, 0x3f818000}, 0x3f803f82}, // ties to even
		{"cvt.rn.bf16x2.f32 %d, %a, %b;", []uint32{0x3f808001, 0x3f817fff}, 0x3f813f81},
		{"cvt.rn.bf16x2.f32 %d, %a, %b;", []uint32{0x7f7fffff, 0xff900000}, 0x7f807fff}, // overflow, and NaN
		{"cvt.rna.tf32.f32 %d, %a;", []uint32{0x3f801000}, 0x3f802000},                  // a tie goes away from 0
		{"cvt.rna.tf32.f32 %d, %a;", []uint32{0xbf803000}, 0xbf804000},                  // also where the other is even
		{"cvt.rna.tf32.f32 %d, %a;", []uint32{0x3f800fff}, 0x3f800000},
		{"cvt.rna.tf32.f32 %d, %a;", []uint32{0x007fffff}, 0x00800000}, // a denormal
		{"cvt.rna.tf32.f32 %d, %a;", []uint32{0x7f7fffff}, 0x7f800000},
		{"cvt.rna.tf32.f32 %d, %a;", []uint32{0xff800000}, 0xff800000},
		{"cvt.rna.tf32.f32 %d, %a;", []uint32{0xff800001}, 0x7fffffff},
		{"cvt.rn.bf16.f32 %h, %a; cvt.u32.u16 %d, %h;", []uint32{0x3f80c000}, 0x3f81},
		{"cvt.u16.u32 %h, %a; cvt.f32.bf16 %d, %h;", []uint32{0x3f80}, single(1)},
		{"cvt.rni.s32.f32 %d, %a;", []uint32{single(2.5)}, 2},
		{"cvt.rni.s32.f32 %d, %a;", []uint32{single(-3.5)}, 0xfffffffc},
		{"cvt.rzi.s32.f32 %d, %a;", []uint32{single(-2.7)}, 0xfffffffe},
		{"cvt.rmi.s32.f32 %d, %a;", []uint32{single(-2.1)}, 0xfffffffd},
		{"cvt.rpi.s32.f32 %d, %a;", []uint32{single(2.1)}, 3},
		{"cvt.rzi.s32.f32 %d, %a;", []uint32{single(3e9)}, 0x7fffffff}, // the nearest that there is
		{"cvt.rzi.u32.f32 %d, %a;", []uint32{single(-1)}, 0},
		{"cvt.rzi.u32.f32 %d, %a;", []uint32{single(5e9)}, 0xffffffff},
		{"cvt.rzi.s32.f32 %d, %a;", []uint32{quiet}, 0},
		{"cvt.rn.f32.s32 %d, %a;", []uint32{0xffffffff}, single(-1)},
		{"cvt.rn.f32.u32 %d, %a;", []uint32{0xffffffff}, single(4294967296)},
		{"cvt.rn.f32.u32 %d, %a;", []uint32{0x01000001}, single(16777216)}, // a tie, to even
		{"cvt.rni.f32.f32 %d, %a;", []uint32{single(2.5)}, single(2)},
		{"cvt.sat.f32.f32 %d, %a;", []uint32{single(2.5)}, single(1)},
		{"cvt.sat.f32.f32 %d, %a;", []uint32{quiet}, 0},
		{"cvt.f64.f32 %ad, %a; add.rn.f64 %ad, %ad, %ad; cvt.rn.f32.f64 %d, %ad;", []uint32{single(1.5)}, single(3)},
	} {
		require.Equal(t, hex(c.want), hex(words(t, c.instruction, c.in...)), "%s %x", c.instruction, c.in)
	}
}

// round is an exact value in float32.
func round(x *big.Float, mode big.RoundingMode) float32 {
	v, _ := new(big.Float).SetPrec(24).SetMode(mode).Set(x).Float32()
	return v
}

// fma.rn, .rz, .rm and .rp round once.
func TestFMA(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200000 {
		x, y := float32(rng.NormFloat64()), float32(rng.NormFloat64())
		z := float32(rng.NormFloat64() * math.Exp2(float64(rng.IntN(60)-40)))
		if rng.IntN(2) == 0 {
			z = -x * y // little is left of the sum
		}
		if rng.IntN(4) == 0 { // few bits, so that ties come
			x, y = float32(rng.IntN(1<<13)), float32(rng.IntN(1<<13))/(1<<20)
		}
		exact := new(big.Float).SetPrec(500).Mul(big.NewFloat(float64(x)), big.NewFloat(float64(y)))
		exact.Add(exact, big.NewFloat(float64(z)))
		require.Equal(t, round(exact, big.ToNearestEven), fma(x, y, z), "%g·%g + %g", x, y, z)
		v, tail := twoSum(float64(x)*float64(y), float64(z))
		require.Equal(t, round(exact, big.ToZero), roundDirected(v, tail, "rz"), "%g·%g + %g towards 0", x, y, z)
		require.Equal(t, round(exact, big.ToNegativeInf), roundDirected(v, tail, "rm"), "%g·%g + %g down", x, y, z)
		require.Equal(t, round(exact, big.ToPositiveInf), roundDirected(v, tail, "rp"), "%g·%g + %g up", x, y, z)
	}
	require.Equal(t, single(1), words(t, "fma.rm.f32 %d, %a, %b, %x;", single(1), single(1), tiny))
}

// Of two float32 that are as near, and denormal ones, the even one.
func TestFMAOfDenormals(t *testing.T) {
	require.Equal(t, f32(2), fma(f32(3), 0.5, 0), "1.5 of the smallest")
	require.Equal(t, f32(2), fma(f32(5), 0.5, 0), "2.5 of the smallest")
	require.Equal(t, f32(0x00800000), fma(f32(0x00ffffff), 0.5, 0), "a tie at the smallest normal number")
}

func TestDoubles(t *testing.T) {
	d := func(x float64) uint64 { return math.Float64bits(x) }
	require.Equal(t, d(3.5), doubles(t, "add.rn.f64 %dd, %ad, %bd;", d(1.5), d(2)))
	require.Equal(t, d(0.75), doubles(t, "div.rn.f64 %dd, %ad, %bd;", d(1.5), d(2)))
	require.Equal(t, d(5), doubles(t, "fma.rn.f64 %dd, %ad, %bd, %bd;", d(1.5), d(2)))
	require.Equal(t, d(1.5), doubles(t, "max.f64 %dd, %ad, %bd;", d(1.5), d(math.NaN())))
	require.Equal(t, d(0x1p-3), doubles(t, "mov.f64 %dd, 0d3FC0000000000000;", 0, 0))
	require.Equal(t, d(-7), doubles(t, "cvt.rn.f64.s64 %dd, %ad;", ^uint64(6), 0))
	require.Equal(t, ^uint64(6), doubles(t, "cvt.rzi.s64.f64 %dd, %ad;", d(-7.9), 0))
	require.Equal(t, uint64(1)<<63-1, doubles(t, "cvt.rzi.s64.f64 %dd, %ad;", d(1e30), 0))
}
