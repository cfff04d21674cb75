package eval

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"cradio/cpu"

	"github.com/stretchr/testify/require"
)

// near are rows that differ little, by noise, from a few centres; one column is far larger than the
// others, as in RADIO's features.
func near(n, width int, noise float64, seed uint64) []float32 {
	r := rand.New(rand.NewPCG(seed, 3))
	x := make([]float32, n*width)
	for i := range x {
		centre := math.Sin(float64((i/width%3)*width + i%width))
		if i%width == 5 {
			centre *= 30
		}
		x[i] = float32(centre + noise*r.NormFloat64())
	}
	return x
}

// A search in bfloat16 is right where rows are so close that bfloat16 cannot tell them apart: it knows
// that, and asks again. Elsewhere it does not have to.
func TestRoundedSearchIsExact(t *testing.T) {
	const width, k = 70, 10
	pool := cpu.NewPool(2)
	defer pool.Close()
	for _, noise := range []float64{2, 0.02} {
		train, queries := near(5000, width, noise, 1), near(50, width, noise, 2)
		s := newSearch(train, queries, width, k, true)
		require.NoError(t, s.run(t.Context(), Options{Pool: pool}))
		unsure := 0
		for _, b := range s.unsure {
			if b {
				unsure++
			}
		}
		if noise < 1 {
			require.Greater(t, unsure, 40)
		} else {
			require.Less(t, unsure, 10)
		}
		require.NoError(t, s.again(t.Context(), Options{Pool: pool}))
		for q := range 50 {
			query := queries[q*width:][:width]
			order, cosines := make([]int32, 5000), make([]float64, 5000)
			for i := range order {
				row := train[i*width:][:width]
				order[i], cosines[i] = int32(i), cosine(query, length(query), row, length(row))
			}
			slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(cosines[b], cosines[a]) })
			require.Equal(t, order[:k], s.out.Rows[q*k:][:k], "noise %g, query %d", noise, q)
		}
	}
}

// The bound holds, and is not far from what happens.
func TestBoundOfRounding(t *testing.T) {
	const width = 300
	pool := cpu.NewPool(1)
	defer pool.Close()
	for _, noise := range []float64{2, 0.02} {
		train, queries := near(200, width, noise, 1), near(20, width, noise, 2)
		s := newSearch(train, queries, width, 10, true)
		require.NoError(t, s.run(t.Context(), Options{Pool: pool}))
		most := 0.0
		for q := range 20 {
			query := queries[q*width:][:width]
			for _, c := range s.found[q*s.kept:][:s.kept] {
				row := train[int(c.row)*width:][:width]
				off := math.Abs(float64(c.similarity) - cosine(query, length(query), row, length(row)))
				require.LessOrEqual(t, off, s.bound(q))
				most = max(most, off/s.bound(q))
			}
		}
		require.Greater(t, most, 0.05)
	}
}
