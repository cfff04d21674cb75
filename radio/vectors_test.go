package radio

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

func TestCosine(t *testing.T) {
	require.Equal(t, 1.0, Cosine([]float32{3, 4}, []float32{30, 40}))
	require.Equal(t, -1.0, Cosine([]float32{3, 4}, []float32{-3, -4}))
	require.Zero(t, Cosine([]float32{1, 0}, []float32{0, 2}))
	require.InDelta(t, math.Sqrt2/2, Cosine([]float64{1, 0}, []float64{5, 5}), 1e-15)
	require.Zero(t, Cosine([]float32{0, 0}, []float32{1, 2}), "all zeros are like nothing")
	require.True(t, math.IsNaN(Cosine([]float32{1}, []float32{1, 2})))
	require.True(t, math.IsNaN(Cosine([]float32{1, float32(math.NaN())}, []float32{1, 2})))
	huge := []float32{math.MaxFloat32, math.MaxFloat32}
	require.Equal(t, 1.0, Cosine(huge, huge), "sums are in float64")
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		v := randomRow(random, 33)
		require.LessOrEqual(t, Cosine(v, v), 1.0)
		require.InDelta(t, 1, Cosine(v, v), 1e-15)
	}
}

func TestNormalize(t *testing.T) {
	v := []float32{3, 4}
	require.Equal(t, []float32{0.6, 0.8}, Normalize(v))
	require.Equal(t, []float32{3, 4}, v, "it is a copy")
	require.Equal(t, []float64{0, 0}, Normalize([]float64{0, 0}))
	require.Empty(t, Normalize([]float32{}))
}

func randomRow(random *rand.Rand, n int) []float32 {
	row := make([]float32, n)
	for i := range row {
		row[i] = float32(random.NormFloat64())
	}
	return row
}

// TopK is what sorting all rows gives, ties and rows without a number included.
func TestTopKIsExact(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for round := range 60 {
		rows := make([][]float32, random.IntN(80))
		for i := range rows {
			switch {
			case i > 0 && random.IntN(3) == 0:
				rows[i] = rows[random.IntN(i)] // a tie
			case random.IntN(15) == 0:
				rows[i] = append(make([]float32, 4), float32(math.NaN()))
			default:
				rows[i] = randomRow(random, 5)
			}
		}
		query := randomRow(random, 5)
		var want []Match
		for i, row := range rows {
			want = append(want, Match{i, Cosine(query, row)})
		}
		slices.SortStableFunc(want, func(a, b Match) int { return cmp.Compare(b.Score, a.Score) }) // NaN is the least
		for _, k := range []int{0, 1, 2, 7, len(rows), len(rows) + 5} {
			got, err := TopK(query, rows, k)
			require.NoError(t, err)
			require.Len(t, got, min(k, len(rows)))
			for i, m := range got {
				require.Equal(t, want[i].Index, m.Index, "round %d, k %d, place %d", round, k, i)
				require.Equal(t, math.Float64bits(want[i].Score), math.Float64bits(m.Score))
			}
		}
	}
	_, err := TopK([]float32{1, 2}, [][]float32{{1, 2}, {1}}, 1)
	require.ErrorContains(t, err, "row 1 has 1 numbers, the query has 2")
	_, err = TopK([]float32{1}, nil, -1)
	require.ErrorContains(t, err, "must be at least 0")
}

// Accessors give the same numbers in every precision and layout.
func TestAccessors(t *testing.T) {
	images := different(2, 32, 48)
	for _, d := range []DType{Float32, Float64} {
		m := openNano(t, Options{DType: d})
		tokens := forward(t, m, images, Request{})
		planes := forward(t, m, images, Request{Layout: NCHW})
		wide := Values[float64](tokens.Summary)
		require.Len(t, wide, 2*192)
		require.Len(t, tokens.Summaries(), 2)
		for i, v := range tokens.Summaries() {
			require.Len(t, v, 192)
			require.Equal(t, float32(wide[i*192]), v[0])
			require.Len(t, tokens.Patches(i), 6)
			for row := range 2 {
				for col := range 3 {
					p := tokens.Patch(i, row, col)
					require.Len(t, p, 64)
					require.Equal(t, float32(Values[float64](tokens.Features)[((i*6)+row*3+col)*64+5]), p[5])
					require.Equal(t, p, planes.Patch(i, row, col))
					require.Equal(t, p, tokens.Patches(i)[row*3+col])
					require.Equal(t, p, planes.Patches(i)[row*3+col])
				}
			}
		}
		for _, at := range [][3]int{{2, 0, 0}, {-1, 0, 0}, {0, 2, 0}, {0, 0, 3}, {0, -1, 0}, {0, 0, -1}} {
			require.Nil(t, tokens.Patch(at[0], at[1], at[2]))
		}
		var r Result
		r.take(tokens, 1)
		require.Equal(t, tokens.Summaries()[1], r.Vector())
		require.Equal(t, tokens.Patch(1, 1, 2), r.Patch(1, 2))
		require.Equal(t, tokens.Patches(1), r.Patches())
		var p Result
		p.take(planes, 1)
		require.Equal(t, r.Patches(), p.Patches())
	}
	var none Result
	require.Nil(t, none.Vector())
	require.Nil(t, none.Patch(0, 0))
	require.Nil(t, none.Patches())
	require.Nil(t, Output{}.Summaries())
	require.Nil(t, Output{}.Patches(0))
	own := tensor.New(tensor.WithShape(2), tensor.WithBacking([]float32{1, 2}))
	Values[float32](own)[0] = 7
	require.Equal(t, float32(7), own.Float32s()[0], "the tensor's own memory")
}
