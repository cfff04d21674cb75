package kernels_test

import (
	"fmt"
	"math"
	"testing"

	"cradio/cuda/kernels"

	"github.com/stretchr/testify/require"
)

// attentionCase is attention over packed queries, keys and values.
type attentionCase struct {
	batch, tokens, heads, hd int
	qkv                      []float32
	causal                   bool // of derivatives
}

func newAttention(seed uint64, batch, tokens, heads, hd int, deviation float64) *attentionCase {
	return &attentionCase{batch: batch, tokens: tokens, heads: heads, hd: hd, qkv: normal(seed, batch*tokens*3*heads*hd, deviation)}
}

// want is the definition, on rounded operands if they are.
func (c *attentionCase) want(qkv []float32) []float64 {
	dim := c.heads * c.hd
	y, p := make([]float64, c.batch*c.tokens*dim), make([]float64, c.tokens)
	at := func(b, t, which, h int) []float32 { return qkv[((b*c.tokens+t)*3+which)*dim+h*c.hd:][:c.hd] }
	for i := range c.batch * c.heads * c.tokens {
		b, h, t := i/c.heads/c.tokens, i/c.tokens%c.heads, i%c.tokens
		top, sum := math.Inf(-1), 0.0
		for j := range p {
			p[j] = 0
			for k, q := range at(b, t, 0, h) {
				p[j] += float64(q) * float64(at(b, j, 1, h)[k])
			}
			p[j] /= math.Sqrt(float64(c.hd))
			top = max(top, p[j])
		}
		for j := range p {
			p[j] = math.Exp(p[j] - top)
			sum += p[j]
		}
		out := y[(b*c.tokens+t)*dim+h*c.hd:][:c.hd]
		for j := range p {
			for k, v := range at(b, j, 2, h) {
				out[k] += p[j] / sum * float64(v)
			}
		}
	}
	return y
}

func (c *attentionCase) scale() float64 { return 1 / math.Sqrt(float64(c.hd)) }

func (c *attentionCase) float32(r rig) []float32 {
	r.Helper()
	dim := c.heads * c.hd
	n := c.batch * c.tokens * dim
	y, qkv := r.alloc(4*n), r.upload(c.qkv)
	r.run("attention_f32", [3]int{blocks(c.tokens, 32), c.heads, c.batch}, [3]int{128, 1, 1}, 0,
		y, qkv, qkv, int64(c.tokens*3*dim), 3*dim, 3*dim, dim, 2*dim, c.tokens, c.tokens, c.heads, c.hd, 0, float32(c.scale()))
	return r.floats(y, n)
}

// headDims are those that the kernels with tensor cores are compiled for.
var headDims = []int{32, 64, 80, 96, 128}

// bf16 runs the smallest kernel that has room for the heads.
func (c *attentionCase) bf16(r rig, dense bool) []float32 {
	r.Helper()
	of := 0
	for of = range headDims {
		if headDims[of] >= c.hd {
			break
		}
	}
	hd, dim := headDims[of], c.heads*c.hd
	rows, ldy := c.batch*c.tokens, kernels.Stride(dim)
	x := r.uploadBF16(c.qkv, 3*dim)
	var y, y32 uint64
	if dense {
		y32 = r.alloc(4 * rows * dim)
	} else {
		y = r.alloc(2 * rows * ldy)
	}
	r.run(fmt.Sprintf("attention_%d", hd), [3]int{blocks(c.tokens, 64), c.heads, c.batch}, [3]int{128, 1, 1}, 5*64*hd*2,
		y, y32, x, c.tokens, c.heads, c.hd, kernels.Stride(3*dim), ldy, float32(c.scale()*math.Log2E))
	require.NoError(r, r.Free(x))
	if dense {
		return r.floats(y32, rows*dim)
	}
	return r.floatsBF16(y, rows, dim)
}

// What rounding weights and results to bfloat16 adds, as on the CPU.
const (
	weightsRounded = 1.6e-3 / roundoff
	resultRounded  = 1.25e-3 / roundoff
)

func (c *attentionCase) compare(t *testing.T, f32, bf16 rig, roundings float64) {
	t.Helper()
	what := fmt.Sprintf("%d images, %d tokens, %d heads of %d", c.batch, c.tokens, c.heads, c.hd)
	near(t, what, c.float32(f32), c.want(c.qkv), roundings)
	if c.hd%8 != 0 {
		return
	}
	want := c.want(rounded(c.qkv))
	near(t, what+" dense", c.bf16(bf16, true), want, max(weightsRounded, roundings))
	near(t, what+" bf16", c.bf16(bf16, false), want, max(weightsRounded, roundings)+resultRounded)
}

func TestAttention(t *testing.T) {
	f32, bf16 := open(t, "attention.60"), open(t, "attention.80")
	for i, c := range [][4]int{
		{1, 1, 1, 1}, {1, 2, 1, 7}, {2, 13, 3, 5}, {1, 31, 2, 16}, {2, 33, 2, 64}, {1, 65, 1, 80}, {1, 74, 2, 72},
		{1, 130, 2, 32}, {3, 7, 2, 13}, {1, 205, 1, 64}, {1, 67, 1, 128}, {1, 40, 1, 96}, {2, 70, 2, 8}, {1, 64, 1, 104}, {1, 33, 3, 80},
	} {
		newAttention(uint64(i), c[0], c[1], c[2], c[3], 1).compare(t, f32, bf16, 8)
	}
}

// Scores are in the hundreds, so that the maximum moves and most weights vanish; or all the same.
func TestAttentionExtremes(t *testing.T) {
	f32, bf16 := open(t, "attention.60"), open(t, "attention.80")
	newAttention(2, 1, 300, 1, 16, 8).compare(t, f32, bf16, 400)
	newAttention(3, 1, 90, 1, 64, 0).compare(t, f32, bf16, 8)
	newAttention(3, 1, 90, 1, 64, 1e-20).compare(t, f32, bf16, 8)
}

func TestAttentionNonFinite(t *testing.T) {
	f32, bf16 := open(t, "attention.60"), open(t, "attention.80")
	const tokens, heads, hd = 70, 2, 16
	for _, v := range nonFinite {
		for _, at := range []int{
			65*3*heads*hd + 3,            // a query
			66*3*heads*hd + heads*hd + 3, // a key in the last tile
			2*heads*hd + 5,               // a value in the first
		} {
			c := newAttention(3, 1, tokens, heads, hd, 1)
			c.qkv[at] = v
			c.compare(t, f32, bf16, 8)
		}
	}
}

func TestAttentionInEachOrder(t *testing.T) {
	f32, bf16 := open(t, "attention.60"), open(t, "attention.80")
	c := newAttention(4, 1, 140, 1, 72, 1)
	f32.inEachOrder(func() {
		bf16.Order, bf16.Immediate = f32.Order, f32.Immediate
		c.compare(t, f32, bf16, 8)
	})
}
