package data_test

import (
	"math"
	"slices"
	"sync"
	"testing"

	"cradio/radio/data"

	"github.com/stretchr/testify/require"
)

// TestRand: each argument counts, and the numbers are those of another day.
func TestRand(t *testing.T) {
	require.Equal(t, uint64(5698476228014356384), data.Rand(1, 2, 3, "crop").Uint64(), "a change here changes every run that is resumed")
	seen := map[uint64]bool{}
	for _, v := range []uint64{
		data.Rand(1, 2, 3, "crop").Uint64(), data.Rand(2, 2, 3, "crop").Uint64(), data.Rand(1, 3, 3, "crop").Uint64(),
		data.Rand(1, 2, 4, "crop").Uint64(), data.Rand(1, 2, 3, "flip").Uint64(), data.Rand(2, 1, 3, "crop").Uint64(),
	} {
		seen[v] = true
	}
	require.Len(t, seen, 6)
}

func TestOrder(t *testing.T) {
	require.Equal(t, []int{7, 5, 2, 6, 3, 1, 4, 0}, data.Order(7, 1, 8), "a change here changes every run that is resumed")
	require.Empty(t, data.Order(7, 1, 0))
	a, b := data.Order(7, 0, 1000), data.Order(7, 1, 1000)
	require.NotEqual(t, a, b)
	require.NotEqual(t, a, data.Order(8, 0, 1000))
	slices.Sort(a)
	for i, v := range a {
		require.Equal(t, i, v)
	}
}

// TestView: n epochs take every view once, and samples and seeds differ.
func TestView(t *testing.T) {
	order := func(seed, sample uint64, first int) (views []int) {
		for epoch := range 8 {
			views = append(views, data.View(seed, uint64(first+epoch), sample, 8))
		}
		return views
	}
	require.Equal(t, []int{2, 7, 6, 4, 5, 1, 0, 3}, order(1, 2, 0), "a change here changes every run that is resumed")
	for _, first := range []int{0, 8, 80} {
		views := order(1, 2, first)
		slices.Sort(views)
		require.Equal(t, []int{0, 1, 2, 3, 4, 5, 6, 7}, views)
	}
	require.NotEqual(t, order(1, 2, 0), order(1, 2, 8))
	require.NotEqual(t, order(1, 2, 0), order(2, 2, 0))
	require.NotEqual(t, order(1, 2, 0), order(1, 3, 0))
	require.Zero(t, data.View(1, 2, 3, 1))
}

// TestOrderIsUniform: all 24 orders of four samples are as frequent (chi squared, 23 degrees of freedom).
func TestOrderIsUniform(t *testing.T) {
	const draws = 24000
	counts := map[[4]int]int{}
	for epoch := range uint64(draws) {
		counts[[4]int(data.Order(0, epoch, 4))]++
	}
	require.Len(t, counts, 24)
	chi := 0.0
	for _, n := range counts {
		chi += math.Pow(float64(n)-draws/24, 2) / (draws / 24)
	}
	require.Less(t, chi, 49.7, "p = 0.001")
}

// TestBatches: an epoch has every sample once, and a step is a pure function of its number.
func TestBatches(t *testing.T) {
	b := &data.Batches{Samples: 10, Size: 4, Seed: 3, Partial: true}
	require.NoError(t, b.Check())
	require.Equal(t, 3, b.Steps())
	var first [][]int
	for epoch := range uint64(2) {
		var all []int
		for i := range 3 {
			e, samples := b.At(int(epoch)*3 + i)
			require.Equal(t, epoch, e)
			first = append(first, slices.Clone(samples))
			all = append(all, samples...)
		}
		slices.Sort(all)
		require.Equal(t, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, all)
	}
	require.Len(t, first[2], 2)
	require.NotEqual(t, first[0], first[3])
	other := &data.Batches{Samples: 10, Size: 4, Seed: 3, Partial: true}
	var workers sync.WaitGroup
	for _, step := range []int{5, 0, 4, 1, 3, 2} {
		workers.Go(func() {
			_, samples := other.At(step)
			if !slices.Equal(first[step], samples) {
				t.Errorf("step %d: %v, want %v", step, samples, first[step])
			}
		})
	}
	workers.Wait()

	b = &data.Batches{Samples: 10, Size: 4, InOrder: true}
	require.Equal(t, 2, b.Steps())
	_, samples := b.At(3)
	require.Equal(t, []int{4, 5, 6, 7}, samples)
}

func TestBatchesErrors(t *testing.T) {
	require.ErrorContains(t, (&data.Batches{Samples: 3}).Check(), "the batch size is 0: must be at least 1")
	require.ErrorContains(t, (&data.Batches{Size: 3}).Check(), "there are 0 samples: want at least 1")
	require.ErrorContains(t, (&data.Batches{Samples: 3, Size: 4}).Check(), "the batch size is 4, and there are 3 samples: must be at most that")
}
