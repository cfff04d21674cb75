package kernels_test

import (
	"fmt"
	"math"
	"testing"

	"cradio/cuda/kernels"

	"github.com/stretchr/testify/require"
)

// linear is the definition. bias, scale and residual may be nil.
func linear(x, w, bias, scale, residual []float32, rows, out, in int, gelu bool) []float64 {
	y := make([]float64, rows*out)
	for r := range rows {
		for o := range out {
			s := 0.0
			for k := range in {
				s += float64(x[r*in+k]) * float64(w[o*in+k])
			}
			if bias != nil {
				s += float64(bias[o])
			}
			if gelu {
				s *= 0.5 * math.Erfc(-s/math.Sqrt2)
			}
			if scale != nil {
				s *= float64(scale[o])
			}
			if residual != nil {
				s += float64(residual[r*out+o])
			}
			y[r*out+o] = s
		}
	}
	return y
}

// linearCase is a Linear with its epilogue.
type linearCase struct {
	rows, out, in               int
	bias, gelu, scale, residual bool

	x, w, b, s, add []float32
}

func (c linearCase) String() string {
	return fmt.Sprintf("%dx%dx%d bias=%t gelu=%t scale=%t residual=%t", c.rows, c.out, c.in, c.bias, c.gelu, c.scale, c.residual)
}

// fill gives the case its operands.
func (c *linearCase) fill() {
	c.x, c.w = normal(1, c.rows*c.in, 1), normal(2, c.out*c.in, 1/math.Sqrt(float64(max(c.in, 1))))
	if c.bias {
		c.b = normal(3, c.out, 1)
	}
	if c.scale {
		c.s = normal(4, c.out, 1)
	}
	if c.residual {
		c.add = normal(5, c.rows*c.out, 1)
	}
}

func (c *linearCase) want(x, w []float32) []float64 {
	return linear(x, w, c.b, c.s, c.add, c.rows, c.out, c.in, c.gelu)
}

// float32 runs the kernel without tensor cores.
func (c *linearCase) float32(r rig) []float32 {
	y := r.alloc(4 * c.rows * c.out)
	useGELU := 0
	if c.gelu {
		useGELU = 1
	}
	r.run("linear_f32", [3]int{blocks(c.out, 64), blocks(c.rows, 64), 1}, [3]int{256, 1, 1}, 0, y, c.x, c.w, c.b, c.s, c.add, c.rows, c.out, c.in, useGELU)
	return r.floats(y, c.rows*c.out)
}

// tiles are the variants of the kernels with tensor cores, with the threads of a block.
var tiles = []struct{ size, threads int }{{128, 256}, {64, 128}}

// bf16 runs a kernel with tensor cores, with the result in float32 or in bfloat16.
func (c *linearCase) bf16(r rig, size, threads int, dense bool) []float32 {
	r.Helper()
	ldx, ldy := kernels.Stride(c.in), kernels.Stride(c.out)
	x, w := r.uploadBF16(c.x, c.in), r.uploadBF16(c.w, c.in)
	name := fmt.Sprintf("linear_%dx%d", size, size)
	var y uint64
	if dense {
		name += "_f32"
		y = r.alloc(4 * c.rows * c.out)
	} else {
		name += "_bf16"
		y = r.alloc(2 * c.rows * ldy)
	}
	if c.gelu {
		name += "_gelu"
	}
	r.run(name, [3]int{blocks(c.out, size), blocks(c.rows, size), 1}, [3]int{threads, 1, 1}, 3*2*size*32*2,
		y, x, w, c.b, c.s, c.add, c.rows, c.out, c.in, ldx, ldx, ldy)
	require.NoError(r, r.Free(x))
	require.NoError(r, r.Free(w))
	if dense {
		return r.floats(y, c.rows*c.out)
	}
	return r.floatsBF16(y, c.rows, c.out)
}

// shapes of (rows, out, in): odd ones around every tile.
var shapes = [][3]int{
	{1, 1, 1}, {1, 33, 15}, {2, 31, 16}, {3, 15, 17}, {13, 13, 13}, {31, 65, 31}, {33, 16, 257},
	{14, 48, 64}, {37, 97, 130}, {75, 130, 65}, {1, 64, 300}, {129, 96, 40}, {70, 194, 513}, {205, 192, 768},
}

// linearCases are the operations of an epilogue, one by one, and all at once.
func linearCases(t *testing.T, test func(c *linearCase)) {
	for i, s := range shapes {
		for j, c := range []linearCase{
			{bias: true, gelu: true, scale: true, residual: true}, {}, {bias: true}, {bias: true, gelu: true}, {bias: true, residual: true}, {scale: true, residual: true},
		} {
			if j > 0 && j != 1+i%5 {
				continue
			}
			c.rows, c.out, c.in = s[0], s[1], s[2]
			c.fill()
			test(&c)
		}
	}
}

func TestLinearInFloat32(t *testing.T) {
	r := open(t, "linear.60")
	linearCases(t, func(c *linearCase) { near(t, c.String(), c.float32(r), c.want(c.x, c.w), 8) })
}

// relative is the root mean square error, as a share of that of want.
func relative(got []float32, want []float64) float64 {
	var errs, squares float64
	for i, w := range want {
		errs += (float64(got[i]) - w) * (float64(got[i]) - w)
		squares += w * w
	}
	return math.Sqrt(errs / squares)
}

// The mark of the CPU's float32 kernels: 1.5e-7 at any depth (cpu/accuracy_test.go).
func TestLinearInFloat32IsAccurate(t *testing.T) {
	r := open(t, "linear.60")
	for _, in := range []int{64, 768, 3072} {
		c := linearCase{rows: 30, out: 70, in: in}
		c.fill()
		e := relative(c.float32(r), c.want(c.x, c.w))
		t.Logf("depth %d: %.2g of the values", in, e)
		require.LessOrEqual(t, e, 1.5e-7)
	}
}

// bf16Linear is how far a sum of n products may be from the exact one, and rounding is what
// rounding the result to bfloat16 adds, as on the CPU.
func bf16Linear(n int) float64 { return 6 + math.Sqrt(float64(n)) }

const rounding = 1. / 250 / roundoff

func TestLinearInBFloat16(t *testing.T) {
	r := open(t, "linear.80")
	linearCases(t, func(c *linearCase) {
		for _, tile := range tiles {
			if tile.size == 64 || c.out%2 == 0 && !c.gelu {
				near(t, fmt.Sprintf("%v tile %d", c, tile.size), c.bf16(r, tile.size, tile.threads, true), c.want(rounded(c.x), rounded(c.w)), bf16Linear(c.in))
			}
			if c := *c; c.residual {
				c.residual, c.add = false, nil
			}
			without := *c
			without.add = nil
			near(t, fmt.Sprintf("%v tile %d bf16", c, tile.size), without.bf16(r, tile.size, tile.threads, false), without.want(rounded(c.x), rounded(c.w)), bf16Linear(c.in)+rounding)
		}
	})
}

func TestLinearInEachOrder(t *testing.T) {
	c := linearCase{rows: 70, out: 66, in: 200, bias: true, residual: true}
	c.fill()
	f32, bf16 := open(t, "linear.60"), open(t, "linear.80")
	f32.inEachOrder(func() { near(t, "float32", c.float32(f32), c.want(c.x, c.w), 8) })
	bf16.inEachOrder(func() {
		for _, tile := range tiles {
			near(t, "bfloat16", c.bf16(bf16, tile.size, tile.threads, true), c.want(rounded(c.x), rounded(c.w)), bf16Linear(c.in))
		}
	})
}

func TestLinearNonFinite(t *testing.T) {
	f32, bf16 := open(t, "linear.60"), open(t, "linear.80")
	for _, v := range nonFinite {
		for _, gelu := range []bool{false, true} {
			for _, where := range []string{"x", "w", "bias", "residual"} {
				c := linearCase{rows: 5, out: 35, in: 40, bias: true, gelu: gelu, residual: true}
				c.fill()
				map[string][]float32{"x": c.x, "w": c.w, "bias": c.b, "residual": c.add}[where][33] = v
				near(t, where+" float32", c.float32(f32), c.want(c.x, c.w), 8)
				near(t, where+" bfloat16", c.bf16(bf16, 64, 128, true), c.want(rounded(c.x), rounded(c.w)), bf16Linear(c.in))
				c.add = nil
				for _, tile := range tiles {
					near(t, where+" bf16", c.bf16(bf16, tile.size, tile.threads, false), c.want(rounded(c.x), rounded(c.w)), bf16Linear(c.in)+rounding)
				}
			}
		}
	}
}

// The two forms of GELU over its range, with the marks of the CPU's: in float32, 8 roundings; in
// bfloat16, 4e-4 of the value, and of tails 4e-8, beside the rounding of the result. Where that is not
// rounded, tails are within 1e-7.
func TestGELU(t *testing.T) {
	const n = 4001
	c := linearCase{rows: 1, out: n, in: 1, bias: true, gelu: true}
	c.fill()
	c.x[0], c.w = 0, make([]float32, n)
	for i := range c.b {
		c.b[i] = float32(i-2000) / 200 // -10 to 10
	}
	want := c.want(c.x, c.w)
	near(t, "float32", c.float32(open(t, "linear.60")), want, 8)
	r := open(t, "linear.80")
	for _, dense := range []bool{false, true} {
		for i, v := range c.bf16(r, 64, 128, dense) {
			limit := 4e-4 * math.Abs(want[i])
			switch {
			case dense:
				limit = max(limit, 1e-7)
			case c.b[i] < -4:
				limit = 4e-8
			}
			if !dense {
				limit += math.Ldexp(1, math.Ilogb(want[i])-8)
			}
			require.InDelta(t, want[i], float64(v), limit+0x1p-126, "gelu(%v)", c.b[i])
		}
	}
}
