package eval_test

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"cradio/cpu"
	"cradio/radio/eval"

	"github.com/stretchr/testify/require"
)

// random is a set of overlapping classes.
func random(n, width, classes int, seed uint64) eval.Set {
	r := rand.New(rand.NewPCG(seed, 7))
	s := eval.Set{Width: width}
	for range n {
		l := r.IntN(classes)
		s.Labels = append(s.Labels, l)
		for j := range width {
			v := r.NormFloat64()
			if j%classes == l {
				v++
			}
			s.Features = append(s.Features, float32(v))
		}
	}
	return s
}

// TestNearestIsExact: the same as to sort all cosines in float64, for any number of threads.
func TestNearestIsExact(t *testing.T) {
	train, queries := random(5000, 33, 4, 1), random(600, 33, 4, 2) // more than a block of each
	copy(train.Features[33*4000:], train.Features[:33*40])          // equal rows in two blocks
	clear(train.Features[33*7 : 33*8])
	const k = 25
	var first *eval.Neighbours
	for _, threads := range []int{1, 2, 5} {
		pool := cpu.NewPool(threads)
		got, err := eval.Nearest(t.Context(), train.Features, queries.Features, 33, k, eval.Options{Pool: pool})
		pool.Close()
		require.NoError(t, err)
		if first == nil {
			first = got
		}
		require.Equal(t, first, got)
	}
	require.Equal(t, 600, first.Queries())
	for q := 0; q < 600; q += 37 {
		cosines := make([]float64, train.Len())
		order := make([]int, train.Len())
		for i := range cosines {
			cosines[i], order[i] = cosine(queries.Row(q), train.Row(i)), i
		}
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(cosines[b], cosines[a]) })
		for j := range k {
			require.EqualValues(t, order[j], first.Rows[q*k+j], "query %d", q)
			require.InDelta(t, cosines[order[j]], first.Cosine[q*k+j], 1e-14)
		}
	}
}

func cosine(a, b []float32) float64 {
	dot, x, y := 0.0, 0.0, 0.0
	for i, v := range a {
		dot, x, y = dot+float64(v)*float64(b[i]), x+float64(v)*float64(v), y+float64(b[i])*float64(b[i])
	}
	if x == 0 || y == 0 {
		return 0
	}
	return dot / math.Sqrt(x) / math.Sqrt(y)
}

// TestTies: of equal rows the first is nearer, and of equal votes the lowest class wins.
func TestTies(t *testing.T) {
	train := []float32{1, 0, 0, 1, 1, 0, 0, 1}
	near, err := eval.Nearest(t.Context(), train, []float32{2, 2, 0, 0, 5, 0}, 2, 4, eval.Options{})
	require.NoError(t, err)
	require.Equal(t, []int32{0, 1, 2, 3, 0, 1, 2, 3, 0, 2, 1, 3}, near.Rows)
	require.Equal(t, []float64{0, 0, 0, 0}, near.Cosine[4:8], "all zeros are like nothing")
	require.Equal(t, []int{0, 0, 1}, near.Predict([]int{1, 0, 1, 0}, 2, 4, eval.Temperature))
	require.Equal(t, []int{1, 1, 1}, near.Predict([]int{1, 0, 1, 0}, 2, 1, eval.Temperature))
	require.Equal(t, []int{1, 1, 3}, near.Ranks([]int{1, 0, 1, 0}, []int{1, 1, 2}, 3, 2, 0.1), "a class without votes comes last")
}

func TestNearestErrors(t *testing.T) {
	find := func(train, queries []float32, width, k int) error {
		_, err := eval.Nearest(t.Context(), train, queries, width, k, eval.Options{})
		return err
	}
	ok := []float32{1, 2, 3, 4}
	require.EqualError(t, find(ok, ok, 2, 20), "k is 20, but train has only 2 rows: give a k of at most 2")
	require.EqualError(t, find(ok, ok, 4, 2), "k is 2, but train has only 1 row: give a k of at most 1")
	require.EqualError(t, find(ok, ok, 2, 0), "k is 0: must be at least 1")
	require.EqualError(t, find(nil, ok, 2, 1), "train: has no rows")
	require.EqualError(t, find(ok, ok[:3], 2, 1), "queries: 3 numbers are not rows of 2")
	require.EqualError(t, find(ok, ok, 0, 1), "train: the width of the features is 0: must be at least 1")
	require.EqualError(t, find(ok, []float32{1, 2, 3, float32(math.Inf(1))}, 2, 1), "queries: feature 1 of row 1 is +Inf: must be finite; leave the row out")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := eval.Nearest(ctx, ok, ok, 2, 1, eval.Options{})
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, eval.CheckVotes(20, 2, eval.Temperature))
	require.ErrorContains(t, eval.CheckVotes(0, 2, 1), "k is 0")
	require.ErrorContains(t, eval.CheckVotes(1, 0, 1), "number of classes is 0")
	for _, bad := range []float64{0, -1, 1e-4, math.NaN(), math.Inf(1)} {
		require.ErrorContains(t, eval.CheckVotes(1, 1, bad), "the temperature is")
	}
}

func TestFewShot(t *testing.T) {
	labels := []int{0, 1, 0, 1, 0, 1, 2, 0}
	two := eval.FewShot(labels, 2, 5)
	require.Len(t, two, 5, "class 2 has one row only")
	require.True(t, slices.IsSorted(two))
	require.Equal(t, two, eval.FewShot(labels, 2, 5))
	require.Subset(t, two, eval.FewShot(labels, 1, 5))
	chosen := eval.Set{Features: []float32{0, 1, 2, 3, 4, 5, 6, 7}, Width: 1, Labels: labels}.Select(two)
	require.Equal(t, []int{2, 2, 1}, chosen.Counts(3))
	for i, r := range two {
		require.Equal(t, []float32{float32(r)}, chosen.Row(i))
	}
	both := chosen.Join(chosen)
	require.Equal(t, 10, both.Len())
	require.NoError(t, both.Check("both", 3))
	seen := map[int]bool{}
	for seed := range uint64(20) {
		seen[eval.FewShot(labels, 1, seed)[0]] = true
	}
	require.Greater(t, len(seen), 1, "other seeds choose other rows")
}
