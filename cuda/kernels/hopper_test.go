package kernels_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"cradio/cuda/internal/ptxsim"
	"cradio/cuda/kernels"

	"github.com/stretchr/testify/require"
)

// matrixMap is the map of a matrix (rows, columns) in bfloat16, in boxes of 64 columns.
func matrixMap(at uint64, rows, columns, box int) []byte {
	return ptxsim.TensorMap{
		Base: at, Dims: [3]int{columns, rows}, Strides: [2]uint64{uint64(2 * kernels.Stride(columns))}, Box: [3]int{64, box},
		Size: 2, Swizzle: ptxsim.Swizzle128,
	}.Encode()
}

// sumsMap is the map of sums (splits, rows, columns) in float32.
func sumsMap(at uint64, splits, rows, columns int) []byte {
	return ptxsim.TensorMap{
		Base: at, Dims: [3]int{columns, rows, splits}, Strides: [2]uint64{uint64(4 * columns), uint64(4 * rows * columns)},
		Box: [3]int{32, 16, 1}, Size: 4, Swizzle: ptxsim.Swizzle128,
	}.Encode()
}

// hopper runs a kernel for Hopper, on so many multiprocessors. The residual is added in place, or, of sums
// in splits, when they are added up.
func (c *linearCase) hopper(r rig, tile kernels.HopperTile, output string, splits, processors int) []float32 {
	r.Helper()
	dense := output == "f32"
	x, w := r.uploadBF16(c.x, c.in), r.uploadBF16(c.w, c.in)
	defer func() {
		require.NoError(r, r.Free(x))
		require.NoError(r, r.Free(w))
	}()
	rows, columns := c.rows, c.out
	var y, sums uint64
	var yMap []byte
	switch {
	case !dense:
		y = r.alloc(2 * rows * kernels.Stride(columns))
		yMap = matrixMap(y, rows, columns, 16)
	case splits > 1:
		y, sums = r.alloc(4*rows*columns), r.alloc(4*splits*rows*columns)
		yMap = sumsMap(sums, splits, rows, columns)
	case c.add != nil:
		y = r.upload(c.add)
		yMap = sumsMap(y, 1, rows, columns)
	default:
		y = r.alloc(4 * rows * columns)
		yMap = sumsMap(y, 1, rows, columns)
	}
	b, s, add := c.b, c.s, 0
	if splits > 1 {
		b, s = nil, nil
	} else if c.add != nil && dense {
		add = 1
	}
	items := blocks(rows, tile.Rows) * blocks(columns, tile.Columns) * splits
	r.overlap(tile.Kernel(output), [3]int{min(items, processors), 1, 1}, [3]int{tile.Threads(), 1, 1}, tile.Shared(),
		matrixMap(x, rows, c.in, tile.Rows), matrixMap(w, columns, c.in, tile.Columns), yMap, b, s, rows, columns, c.in, splits, add)
	if splits > 1 {
		n := rows * columns / 4
		r.overlap("linear_splits_f32", [3]int{blocks(n, 256), 1, 1}, [3]int{256, 1, 1}, 0, y, sums, c.b, c.s, c.add, rows, columns/4, splits)
		require.NoError(r, r.Free(sums))
	}
	defer func() { require.NoError(r, r.Free(y)) }()
	if dense {
		return slices.Clone(r.floats(y, rows*columns))
	}
	return r.floatsBF16(y, rows, columns)
}

// eachHopper calls f for each kernel, with its tile.
func eachHopper(f func(tile kernels.HopperTile, output string)) {
	for _, t := range kernels.HopperTiles {
		for _, output := range t.Outputs {
			f(t.HopperTile, output)
		}
	}
}

// suits makes of c what a kernel can compute: in bfloat16 without scale and residual, in float32 without
// GELU, and in multiples of four columns.
func (c linearCase) suits(output string) *linearCase {
	c.gelu = output == "bf16_gelu"
	if output == "f32" {
		c.out = (c.out + 3) / 4 * 4
	} else {
		c.scale, c.residual = false, false
	}
	c.x, c.w, c.b, c.s, c.add = nil, nil, nil, nil, nil
	c.fill()
	return &c
}

// limit is how far results may be from the exact ones.
func (c *linearCase) limit(output string) float64 {
	if output == "f32" {
		return bf16Linear(c.in)
	}
	return bf16Linear(c.in) + rounding
}

func TestHopperLinear(t *testing.T) {
	r := open(t, "linear.90a")
	r.Races = false
	for i, s := range [][3]int{
		{1, 1, 1}, {31, 65, 31}, {1, 768, 1280}, {33, 64, 65}, {33, 16, 257}, {129, 96, 40}, {70, 260, 513}, {205, 192, 768}, {257, 200, 330},
	} {
		for j, c := range []linearCase{
			{bias: true, scale: true, residual: true}, {}, {bias: true}, {residual: true}, {bias: true, residual: true}, {scale: true, residual: true},
		} {
			if j > 0 && j != 1+i%5 {
				continue
			}
			c.rows, c.out, c.in = s[0], s[1], s[2]
			eachHopper(func(tile kernels.HopperTile, output string) {
				c := c.suits(output)
				want := c.want(rounded(c.x), rounded(c.w))
				for _, splits := range []int{1, 3} {
					if splits > 1 && (output != "f32" || splits > kernels.Steps(c.in)) {
						continue
					}
					what := fmt.Sprintf("%v %s, %d splits", c, tile.Kernel(output), splits)
					near(t, what, c.hopper(r, tile, output, splits, 2), want, c.limit(output))
				}
			})
		}
	}
}

// Sums of splits are added in the same order, whichever is first.
func TestSplitsAreRepeatable(t *testing.T) {
	r := open(t, "linear.90a")
	r.Races = false
	c := linearCase{rows: 70, out: 128, in: 700, bias: true, residual: true}
	c.fill()
	tile := kernels.HopperTiles[3].HopperTile
	first := c.hopper(r, tile, "f32", 4, 3)
	for _, processors := range []int{1, 2, 16} {
		require.Equal(t, first, c.hopper(r, tile, "f32", 4, processors))
	}
}

func TestHopperLinearInEachOrder(t *testing.T) {
	r := open(t, "linear.90a")
	eachHopper(func(tile kernels.HopperTile, output string) {
		c := linearCase{rows: 140, out: 260, in: 330, bias: true, residual: true}.suits(output)
		want := c.want(rounded(c.x), rounded(c.w))
		r.inEachOrder(func() { near(t, tile.Kernel(output), c.hopper(r, tile, output, 1, 1), want, c.limit(output)) })
	})
}

func TestHopperLinearNonFinite(t *testing.T) {
	r := open(t, "linear.90a")
	r.Races = false
	for _, v := range nonFinite {
		for _, where := range []string{"x", "w", "bias", "residual"} {
			eachHopper(func(tile kernels.HopperTile, output string) {
				c := linearCase{rows: 5, out: 36, in: 40, bias: true, residual: true}.suits(output)
				if of := map[string][]float32{"x": c.x, "w": c.w, "bias": c.b, "residual": c.add}[where]; of != nil {
					of[33] = v
				}
				near(t, where+" "+tile.Kernel(output), c.hopper(r, tile, output, 1, 2), c.want(rounded(c.x), rounded(c.w)), c.limit(output))
			})
		}
	}
}

// What a row of bfloat16 has behind its last column is not multiplied, and not overwritten.
func TestHopperPadding(t *testing.T) {
	r := open(t, "linear.90a")
	for _, output := range []string{"bf16", "f32"} {
		c := linearCase{rows: 20, out: 36, in: 65}.suits(output)
		tile := kernels.HopperTiles[2].HopperTile
		near(t, output, c.hopper(r, tile, output, 1, 2), c.want(rounded(c.x), rounded(c.w)), c.limit(output)) // the padding is NaN
	}
}

// hopper runs attention on Hopper, on so many multiprocessors.
func (c *attentionCase) hopper(r rig, a kernels.HopperAttention, processors int) []float32 {
	r.Helper()
	dim := c.heads * c.hd
	rows, ldy := c.batch*c.tokens, kernels.Stride(dim)
	x, y := r.uploadBF16(c.qkv, 3*dim), r.alloc(2*rows*ldy)
	stride := uint64(2 * kernels.Stride(3*dim))
	qkv := ptxsim.TensorMap{
		Base: x, Dims: [3]int{3 * dim, c.tokens, c.batch}, Strides: [2]uint64{stride, stride * uint64(c.tokens)}, Box: [3]int{64, 64, 1},
		Size: 2, Swizzle: ptxsim.Swizzle128,
	}.Encode()
	items := blocks(c.tokens, a.Queries()) * c.heads * c.batch
	r.overlap(a.Kernel(), [3]int{min(items, processors*a.PerProcessor), 1, 1}, [3]int{a.Threads(), 1, 1}, a.Shared(),
		y, qkv, c.batch, c.tokens, c.heads, ldy, float32(c.scale()*math.Log2E))
	require.NoError(r, r.Free(x))
	defer func() { require.NoError(r, r.Free(y)) }()
	return r.floatsBF16(y, rows, dim)
}

func (c *attentionCase) compareHopper(t *testing.T, r rig, roundings float64) {
	t.Helper()
	want := c.want(rounded(c.qkv))
	for _, a := range kernels.HopperAttentions {
		if a.HeadDim == c.hd {
			what := fmt.Sprintf("%s: %d images, %d tokens, %d heads", a.Kernel(), c.batch, c.tokens, c.heads)
			near(t, what, c.hopper(r, a, 2), want, max(weightsRounded, roundings)+resultRounded)
		}
	}
}

func TestHopperAttention(t *testing.T) {
	r := open(t, "attention.90a")
	r.Races = false
	for i, s := range [][3]int{{1, 1, 1}, {2, 33, 2}, {1, 70, 3}, {1, 128, 1}, {1, 129, 1}, {2, 205, 2}, {1, 300, 1}} {
		for _, hd := range []int{64, 80} {
			newAttention(uint64(i), s[0], s[1], s[2], hd, 1).compareHopper(t, r, 8)
		}
	}
	newAttention(2, 1, 300, 1, 64, 8).compareHopper(t, r, 400)
	newAttention(3, 1, 90, 1, 64, 0).compareHopper(t, r, 8)
	newAttention(3, 1, 90, 1, 80, 1e-20).compareHopper(t, r, 8)
}

func TestHopperAttentionNonFinite(t *testing.T) {
	r := open(t, "attention.90a")
	r.Races = false
	const tokens, heads, hd = 140, 2, 80
	for _, v := range nonFinite {
		for _, at := range []int{
			135*3*heads*hd + 3,            // a query
			136*3*heads*hd + heads*hd + 3, // a key in the last tile
			2*heads*hd + 5,                // a value in the first
		} {
			c := newAttention(3, 1, tokens, heads, hd, 1)
			c.qkv[at] = v
			c.compareHopper(t, r, 8)
		}
	}
}

func TestHopperAttentionInEachOrder(t *testing.T) {
	r := open(t, "attention.90a")
	c, of80 := newAttention(4, 1, 200, 2, 64, 1), newAttention(4, 1, 140, 2, 80, 1)
	r.inEachOrder(func() {
		c.compareHopper(t, r, 8)
		of80.compareHopper(t, r, 8)
	})
}

// Each statement that synchronises the kernels for Hopper is needed.
func TestHopperMutations(t *testing.T) {
	eachHopper(func(tile kernels.HopperTile, output string) {
		name := tile.Kernel(output)
		t.Run(name, func(t *testing.T) {
			c := linearCase{rows: 140, out: tile.Columns + 4, in: 64*tile.Stages/4 + 20, bias: true, residual: true}.suits(output)
			want := c.want(rounded(c.x), rounded(c.w))
			alone := *c // with no residual, results are stored, not added
			alone.add = nil
			wantAlone := alone.want(rounded(c.x), rounded(c.w))
			mutate(t, "linear.90a", name, func(r rig) string {
				wrong := distance(c.hopper(r, tile, output, 1, 1), want, c.limit(output))
				if wrong == "" && c.add != nil && (r.failure == nil || *r.failure == nil) {
					wrong = distance(alone.hopper(r, tile, output, 1, 1), wantAlone, c.limit(output))
				}
				return wrong
			})
		})
	})
	t.Run("linear_splits_f32", func(t *testing.T) {
		c := linearCase{rows: 20, out: 64, in: 130, residual: true}
		c.fill()
		want, tile := c.want(rounded(c.x), rounded(c.w)), kernels.HopperTiles[3].HopperTile
		mutateIn(t, "linear.90a", "linear_splits_f32", func(r rig) string { return distance(c.hopper(r, tile, "f32", 2, 1), want, c.limit("f32")) })
	})
	for _, dim := range []int{600, 768, 1024, 1280, 1536} {
		name := "hopper_layernorm_bf16"
		if dim > 600 {
			name += fmt.Sprint("_", dim)
		}
		t.Run(name, func(t *testing.T) { mutate(t, "layernorm.90a", name, wrongNorm(name, "bf16", dim)) })
	}
	for _, a := range kernels.HopperAttentions {
		t.Run(a.Kernel(), func(t *testing.T) {
			// Three tiles of keys, or one, for three items or more.
			long, short := newAttention(5, 1, 270, 1, a.HeadDim, 1), newAttention(5, 6, 33, 1, a.HeadDim, 1)
			wantLong, wantShort := long.want(rounded(long.qkv)), short.want(rounded(short.qkv))
			mutate(t, "attention.90a", a.Kernel(), func(r rig) string {
				wrong := distance(short.hopper(r, a, 1), wantShort, weightsRounded+resultRounded)
				if wrong == "" && (r.failure == nil || *r.failure == nil) {
					wrong = distance(long.hopper(r, a, 1), wantLong, weightsRounded+resultRounded)
				}
				return wrong
			})
		})
	}
}
