package features_test

import (
	"strings"
	"testing"

	"cradio/radio/features"

	"github.com/stretchr/testify/require"
)

// pruned opens a store of n pictures and keeps those of keep.
func pruned(t *testing.T, dir string, n, keep int) (removed int, err error) {
	t.Helper()
	w, err := features.Create(t.Context(), dir, recipe(features.Float32), nil)
	require.NoError(t, err)
	defer w.Close()
	if err := w.Finish(pictures(keep), whole, features.About{}); err != nil {
		return 0, err
	}
	return w.Prune(pictures(keep), whole)
}

// TestPrune: what is removed leaves no number behind, and its places are taken again.
func TestPrune(t *testing.T) {
	dir := t.TempDir()
	filled(t, dir, recipe(features.Float32), whole, 9)
	removed, err := pruned(t, dir, 9, 4)
	require.NoError(t, err)
	require.Equal(t, 5, removed)
	s, err := features.Open(dir)
	require.NoError(t, err)
	require.NoError(t, s.Verify(t.Context(), nil))
	a, err := s.Array(s.Recipe.Sources()[0])
	require.NoError(t, err)
	require.Equal(t, make([]float32, 5*6), a.AllFloat32()[4*6:])
	require.NoError(t, s.Close())
	w, err := features.Create(t.Context(), dir, recipe(features.Float32), nil)
	require.NoError(t, err)
	require.Equal(t, 4, w.Rows())
	require.Zero(t, w.Damaged(), "they were removed")
	require.False(t, w.Has(sum(7), whole, 0))
	require.NoError(t, w.Close())
	filled(t, dir, recipe(features.Float32), whole, 9)
	equal(t, dir, whole, 9)
	for name, text := range contents(t, dir) {
		if strings.HasSuffix(name, summaryFile) {
			require.Len(t, text, 9*16, "the places were taken")
		}
	}
}

// TestPruneCutAtEveryWrite: whatever write the process stops at, the pictures that stay have their rows.
func TestPruneCutAtEveryWrite(t *testing.T) {
	for at := 1; ; at++ {
		dir := t.TempDir()
		filled(t, dir, recipe(features.Float32), whole, 6)
		writes, restore := features.StopAt(at+2, features.ErrStopped) // Create writes the header and cuts the index
		_, err := pruned(t, dir, 6, 3)
		restore()
		s, openErr := features.Open(dir)
		require.NoError(t, openErr)
		require.Len(t, s.Set.Items, 3)
		require.NoError(t, s.Verify(t.Context(), nil))
		require.NoError(t, s.Close())
		filled(t, dir, recipe(features.Float32), whole, 6)
		equal(t, dir, whole, 6)
		if err == nil {
			require.Equal(t, 2+3*3, *writes)
			break
		}
		require.ErrorIs(t, err, features.ErrStopped)
	}
}
