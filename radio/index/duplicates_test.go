package index_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"cradio/radio"
	"cradio/radio/data"
	"cradio/radio/features"
	"cradio/radio/index"

	"github.com/stretchr/testify/require"
)

// TestDuplicates: groups are those that comparing all pairs in float64 gives.
func TestDuplicates(t *testing.T) {
	const n = 700
	r := rand.New(rand.NewPCG(5, 6))
	var vectors [][]float32
	for i := range n {
		v := make([]float32, width)
		for j := range v {
			v[j] = float32(r.NormFloat64())
		}
		if i%3 > 0 { // near an earlier one, some at the threshold
			of := vectors[r.IntN(i)]
			scale := r.Float64() * 0.7
			for j := range v {
				v[j] = 3 * (of[j] + float32(scale)*v[j])
			}
		}
		vectors = append(vectors, v)
	}
	dir := t.TempDir()
	w, err := features.Create(t.Context(), dir, recipe(), nil)
	require.NoError(t, err)
	d := &data.Dataset{Path: "photos", Hashed: true}
	for i, v := range vectors {
		require.NoError(t, w.Add(sum(i), whole, 0, [][]float32{v}))
		d.Items = append(d.Items, data.Item{Path: fmt.Sprintf("/%03d.png", i), SHA256: sum(i)})
	}
	for i := range 5 { // copies
		d.Items = append(d.Items, data.Item{Path: fmt.Sprintf("/copy%d.png", i), SHA256: sum(i * 3)})
		vectors = append(vectors, vectors[i*3])
	}
	require.NoError(t, w.Finish(d, whole, features.About{}))
	require.NoError(t, w.Close())
	x, err := index.Open(dir)
	require.NoError(t, err)
	defer x.Close()
	for _, threshold := range []float64{0.8, 0.95, 1e-9 + 0.99} {
		got, err := x.Duplicates(t.Context(), radio.SummarySource, threshold, index.Options{}, nil)
		require.NoError(t, err)
		var groups [][]int
		for i, g := range got {
			groups = append(groups, g.Items)
			require.InDelta(t, 1, g.Cosine[0], 1e-12)
			require.True(t, i == 0 || len(g.Items) <= len(got[i-1].Items))
		}
		want := components(vectors, threshold)
		require.Greater(t, len(want), 3)
		require.ElementsMatch(t, want, groups)
	}
	_, err = x.Duplicates(t.Context(), radio.SummarySource, 1.5, index.Options{}, nil)
	require.ErrorContains(t, err, "the threshold is 1.5: must be above 0, and at most 1")
}

// components are the groups of rows, each of at least two, by the definition.
func components(vectors [][]float32, threshold float64) (groups [][]int) {
	seen := make([]bool, len(vectors))
	for i := range vectors {
		if seen[i] {
			continue
		}
		seen[i] = true
		group := []int{i}
		for at := 0; at < len(group); at++ {
			for j := range vectors {
				_, score := index.ByDefinition(vectors[j], width, vectors[group[at]], 1)
				if !seen[j] && score[0] >= threshold {
					seen[j] = true
					group = append(group, j)
				}
			}
		}
		if slices.Sort(group); len(group) > 1 {
			groups = append(groups, group)
		}
	}
	return groups
}
