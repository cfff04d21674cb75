package kernels_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"cradio/cuda/kernels"

	"github.com/stretchr/testify/require"
)

// tf32 is x rounded to 11 bits, of two numbers that are as near to the one further from 0.
func tf32(x []float32) []float32 {
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = v
		if finite(float64(v)) {
			y[i] = math.Float32frombits((math.Float32bits(v) + 1<<12) &^ (1<<13 - 1))
		}
	}
	return y
}

// tf32 runs a kernel of Linear for TF32.
func (c *linearCase) tf32(r rig, size, threads int) []float32 {
	r.Helper()
	y, useGELU := r.alloc(4*c.rows*c.out), 0
	if c.gelu {
		useGELU = 1
	}
	r.run(fmt.Sprintf("linear_%dx%d_tf32", size, size), [3]int{blocks(c.out, size), blocks(c.rows, size), 1}, [3]int{threads, 1, 1}, 3*2*size*64,
		y, c.x, c.w, c.b, c.s, c.add, c.rows, c.out, c.in, c.in, c.in, useGELU)
	return r.floats(y, c.rows*c.out)
}

// fits makes the depth one whose rows are aligned, and the width one of the tile.
func (c *linearCase) fits(size int) *linearCase {
	f := *c
	f.in = (c.in + 3) / 4 * 4
	if size == 128 {
		f.out += f.out % 2
	}
	f.fill()
	return &f
}

func (c *linearCase) wantTF32() []float64 { return c.want(tf32(c.x), tf32(c.w)) }

// The products are those of operands that are rounded to 11 bits; sums are as accurate as those of bfloat16.
func TestLinearInTF32(t *testing.T) {
	r := open(t, "lineartf32.80")
	linearCases(t, func(c *linearCase) {
		for _, tile := range tiles {
			c := c.fits(tile.size)
			near(t, fmt.Sprintf("%v tile %d", c, tile.size), c.tf32(r, tile.size, tile.threads), c.wantTF32(), bf16Linear(c.in))
		}
	})
}

// Rounded operands make an error of 2^-11 of a number at most, and some 0.42·2^-11 in the root mean square, of each of two.
func TestTF32IsAccurate(t *testing.T) {
	r := open(t, "lineartf32.80")
	for _, in := range []int{64, 768, 3072} {
		c := linearCase{rows: 30, out: 70, in: in}
		c.fill()
		e := relative(c.tf32(r, 64, 128), c.want(c.x, c.w))
		t.Logf("depth %d: %.2g of the values", in, e)
		require.LessOrEqual(t, e, 0.45*math.Sqrt2*0x1p-11)
		require.Greater(t, e, 0.3*math.Sqrt2*0x1p-11, "so products are in TF32")
	}
}

func TestLinearInTF32InEachOrder(t *testing.T) {
	c := linearCase{rows: 70, out: 66, in: 200, bias: true, residual: true}
	c.fill()
	r := open(t, "lineartf32.80")
	r.inEachOrder(func() {
		for _, tile := range tiles {
			near(t, "tf32", c.tf32(r, tile.size, tile.threads), c.wantTF32(), bf16Linear(c.in))
		}
	})
}

func TestLinearInTF32NonFinite(t *testing.T) {
	r := open(t, "lineartf32.80")
	for _, v := range nonFinite {
		for _, where := range []string{"x", "w", "bias", "residual"} {
			c := linearCase{rows: 5, out: 36, in: 40, bias: true, gelu: true, residual: true}
			c.fill()
			map[string][]float32{"x": c.x, "w": c.w, "bias": c.b, "residual": c.add}[where][33] = v
			for _, tile := range tiles {
				near(t, where, c.tf32(r, tile.size, tile.threads), c.wantTF32(), bf16Linear(c.in))
			}
		}
	}
}

// headDimsTF32 are those that the kernels for TF32 are compiled for.
var headDimsTF32 = []int{64, 80, 128}

// tf32 runs the smallest kernel that has room for the heads.
func (c *attentionCase) tf32(r rig) []float32 {
	r.Helper()
	of := 0
	for headDimsTF32[of] < c.hd {
		of++
	}
	hd, n := headDimsTF32[of], c.batch*c.tokens*c.heads*c.hd
	y := r.alloc(4 * n)
	r.run(fmt.Sprintf("attention_%d_tf32", hd), [3]int{blocks(c.tokens, 64), c.heads, c.batch}, [3]int{128, 1, 1}, (64+4*32)*hd*4,
		y, c.qkv, c.tokens, c.heads, c.hd, float32(c.scale()*math.Log2E))
	return r.floats(y, n)
}

// weightsTF32 is what rounding weights to TF32 adds: an eighth of what bfloat16 does.
const weightsTF32 = weightsRounded / 8

func (c *attentionCase) compareTF32(t *testing.T, r rig, roundings float64) {
	t.Helper()
	what := fmt.Sprintf("%d images, %d tokens, %d heads of %d", c.batch, c.tokens, c.heads, c.hd)
	near(t, what, c.tf32(r), c.want(tf32(c.qkv)), max(weightsTF32, roundings))
}

func TestAttentionInTF32(t *testing.T) {
	r := open(t, "attentiontf32.80")
	for i, c := range [][4]int{
		{1, 1, 1, 4}, {1, 2, 1, 8}, {2, 13, 3, 12}, {1, 31, 2, 16}, {2, 33, 2, 64}, {1, 65, 1, 80}, {1, 74, 2, 72},
		{1, 130, 2, 32}, {1, 205, 1, 64}, {1, 67, 1, 128}, {1, 40, 1, 96}, {1, 64, 1, 104}, {1, 33, 3, 80},
	} {
		newAttention(uint64(i), c[0], c[1], c[2], c[3], 1).compareTF32(t, r, 8)
	}
	newAttention(2, 1, 300, 1, 16, 8).compareTF32(t, r, 400)
	newAttention(3, 1, 90, 1, 64, 0).compareTF32(t, r, 8)
	newAttention(3, 1, 90, 1, 64, 1e-20).compareTF32(t, r, 8)
}

func TestAttentionInTF32NonFinite(t *testing.T) {
	r := open(t, "attentiontf32.80")
	const tokens, heads, hd = 70, 2, 16
	for _, v := range nonFinite {
		for _, at := range []int{65*3*heads*hd + 3, 66*3*heads*hd + heads*hd + 3, 2*heads*hd + 5} { // a query, a key, a value
			c := newAttention(3, 1, tokens, heads, hd, 1)
			c.qkv[at] = v
			c.compareTF32(t, r, 8)
		}
	}
}

func TestAttentionInTF32InEachOrder(t *testing.T) {
	r := open(t, "attentiontf32.80")
	c := newAttention(4, 1, 140, 1, 72, 1)
	r.inEachOrder(func() { c.compareTF32(t, r, 8) })
}

// Each statement by which the threads wait is taken out: every one is noticed. So are operands that are cut off, not rounded.
func TestTF32Mutations(t *testing.T) {
	mutate := func(t *testing.T, module, kernel string, run wrong) {
		mutate(t, module, kernel, run)
		text, err := kernels.PTX(module)
		require.NoError(t, err)
		r := load(t, strings.ReplaceAll(alone(t, text, kernel), "cvt.rna.tf32.f32", "mov.b32"))
		require.NotEmpty(t, run(r))
	}
	for size, c := range map[int]*linearCase{128: {rows: 130, out: 130, in: 100, bias: true}, 64: {rows: 66, out: 66, in: 100, bias: true}} {
		threads := map[int]int{128: 256, 64: 128}[size]
		c.fill()
		want := c.wantTF32()
		name := fmt.Sprintf("linear_%dx%d_tf32", size, size)
		t.Run(name, func(t *testing.T) {
			mutate(t, "lineartf32.80", name, func(r rig) string { return distance(c.tf32(r, size, threads), want, bf16Linear(c.in)) })
		})
	}
	for _, hd := range headDimsTF32 {
		c := newAttention(5, 1, 100, 1, hd, 1)
		want := c.want(tf32(c.qkv))
		name := fmt.Sprintf("attention_%d_tf32", hd)
		t.Run(name, func(t *testing.T) {
			mutate(t, "attentiontf32.80", name, func(r rig) string { return distance(c.tf32(r), want, weightsTF32) })
		})
	}
}
