package gemm

import (
	"math"
	"math/rand/v2"
	"testing"

	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"

	"github.com/stretchr/testify/require"
)

// deepCases cut rows, images, depth and columns in all ways.
var deepCases = []struct{ tokens, images, depth, cols, steps int }{
	{40, 1, 128, 48, 1},
	{81, 2, 256, 32, 2},
	{201, 1, 256, 192, 3},
	{163, 3, 768, 64, 3},
	{321, 2, 256, 64, 3},  // two blocks an image
	{160, 2, 2304, 64, 3}, // three chunks
	{200, 1, 256, 1024, 3},
}

// Sums in float64 are those of the definition but for the last digits, of which a float32 has
// none, and the same on any number of threads and beside any other images.
func TestDeepProducts(t *testing.T) {
	table, err := kernel.For(kernel.Portable)
	require.NoError(t, err)
	for _, x := range deepCases {
		rows := x.tokens * x.images
		a, w, bias := random(rows*x.depth), random(x.cols*x.depth), random(x.cols)
		results := make([][]float32, 0, 3)
		for _, threads := range []int{1, 3} {
			p := pool.New(threads, table)
			m := Pack(p, w, x.cols, x.depth)
			c := make([]float32, rows*x.cols)
			op := &Product{Table: table, M: rows, N: x.cols, Depth: x.depth, A: a, W: m, C: c, Bias: bias, Tokens: x.tokens}
			p.Enter()
			op.Run(p)
			require.Equal(t, x.steps, op.deep.steps, "%+v", x)
			last := make([]float32, x.tokens*x.cols)
			(&Product{Table: table, M: x.tokens, N: x.cols, Depth: x.depth, A: a[(rows-x.tokens)*x.depth:], W: m, C: last, Bias: bias, Tokens: x.tokens}).Run(p)
			p.Leave()
			p.Close()
			require.Equal(t, c[(rows-x.tokens)*x.cols:], last, "%+v: the last image alone", x)
			results = append(results, c)
		}
		require.Equal(t, results[0], results[1], "%+v: one thread and three", x)
		for i, v := range results[0] {
			want := 0.0
			for k, y := range a[i/x.cols*x.depth:][:x.depth] {
				want += float64(y) * float64(w[i%x.cols*x.depth+k])
			}
			want = float64(float32(want)) + float64(bias[i%x.cols])
			if math.Abs(float64(v)-want) > 0x1p-23*math.Abs(want)+0x1p-23*math.Abs(want-float64(bias[i%x.cols])) {
				t.Fatalf("%+v: element %d is %v, want %v", x, i, v, want)
			}
		}
	}
}

// Whatever is computed in steps fits the memory of a worker and what workers share.
func TestDeepFitsTheMemory(t *testing.T) {
	table, err := kernel.For(kernel.Portable)
	require.NoError(t, err)
	n := 0
	for depth := 128; depth <= 1<<15; depth += 128 {
		for _, cols := range []int{64, 768, 6144} {
			for _, tokens := range []int{40, 64, 205, 320, 321, 733, 16392} {
				for _, threads := range []int{1, 2, 64} {
					s := &deep{}
					if !s.plan(&Product{Table: table, tiles: &table.Float32, M: 5 * tokens, N: cols, Depth: depth, Tokens: tokens, panels: make([]float32, 1)}, threads) {
						continue
					}
					n++
					shared := s.atOnce * s.leaves * s.leafRows * s.leafDepth
					if s.chunks > 1 {
						shared += s.atOnce * s.section * s.sizeC()
					}
					require.LessOrEqual(t, shared, deepShared)
					require.LessOrEqual(t, s.room(), deepArena)
					require.LessOrEqual(t, (*deepLefts)(s).room(), deepArena)
					require.Zero(t, s.leafDepth/(*deepLefts)(s).parts()%4, "sums are of a multiple of four elements")
					require.Equal(t, depth, s.chunks*s.side*s.leafDepth)
					require.Equal(t, cols, s.groups()*s.side*s.panels*8)
					require.GreaterOrEqual(t, s.perImage*s.side*s.leafRows, tokens)
				}
			}
		}
	}
	require.Greater(t, n, 1000, "shapes that are computed in steps")
}

func random(n int) []float32 {
	r := rand.New(rand.NewPCG(1, uint64(n)))
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}
