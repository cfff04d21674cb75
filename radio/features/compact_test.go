package features_test

import (
	"os"
	"path/filepath"
	"testing"

	"cradio/radio/features"

	"github.com/stretchr/testify/require"
)

// loose makes a store of n pictures that has rows of more pictures, and of another recipe.
func loose(t *testing.T, dir string, n, more int) {
	t.Helper()
	other := recipe(features.Float32)
	other.Model = "another"
	filled(t, dir, other, whole, more)
	filled(t, dir, recipe(features.Float32), whole, more)
	w, err := features.Create(t.Context(), dir, recipe(features.Float32), nil)
	require.NoError(t, err)
	d := pictures(more)
	d.Items = d.Items[more-n:] // the first rows are those that go
	require.NoError(t, w.Finish(d, whole, features.About{Model: "nano"}))
	require.NoError(t, w.Close())
}

// kept checks that a store has the last n of some pictures, and their rows.
func kept(t *testing.T, dir string, n, more int) (rows int) {
	t.Helper()
	s, err := features.Open(dir)
	require.NoError(t, err)
	defer s.Close()
	require.NoError(t, s.Verify(t.Context(), nil))
	require.Len(t, s.Set.Items, n)
	for c, source := range s.Recipe.Sources() {
		a, err := s.Array(source)
		require.NoError(t, err)
		rows = a.Rows
		for i := range n {
			got := make([]float32, a.Width)
			a.Read(got, s.Row(i, 0))
			require.Equal(t, values(more-n+i, 0)[c], got)
		}
	}
	return rows
}

// TestCompact: rows that no picture needs and other recipes go, the others stay, and files get smaller.
func TestCompact(t *testing.T) {
	dir := t.TempDir()
	loose(t, dir, 4, 9)
	require.Equal(t, 9, kept(t, dir, 4, 9))
	want := contents(t, dir)
	plan, err := features.Compact(t.Context(), dir, true)
	require.NoError(t, err)
	require.Equal(t, want, contents(t, dir), "a plan changes nothing")
	row := int64(4*(6+4) + recordBytes)
	require.Equal(t, &features.Compacted{Rows: 5, Kept: 4, Recipes: 1, Bytes: 5*row + 64 + 9*row}, plan)
	got, err := features.Compact(t.Context(), dir, false)
	require.NoError(t, err)
	require.Equal(t, plan, got)
	require.Equal(t, 4, kept(t, dir, 4, 9))
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 4, "one recipe, the set and the lock")
	again, err := features.Compact(t.Context(), dir, false)
	require.NoError(t, err)
	require.Equal(t, &features.Compacted{Kept: 4}, again)
	filled(t, dir, recipe(features.Float32), whole, 9)
	equal(t, dir, whole, 9)
}

// TestCompactCutAtEveryWrite: whatever write, rename or removal the process stops at, the store has all
// rows of its set, and the next Compact does the same as an uninterrupted one.
func TestCompactCutAtEveryWrite(t *testing.T) {
	for _, stop := range []func(n int) (*int, func()){
		func(n int) (*int, func()) { return features.StopAt(n, features.ErrStopped) },
		features.StopRenames,
	} {
		for at := 1; ; at++ {
			dir := t.TempDir()
			loose(t, dir, 3, 6)
			_, restore := stop(at)
			_, err := features.Compact(t.Context(), dir, false)
			restore()
			kept(t, dir, 3, 6)
			if at%2 == 0 { // a writer cleans up too
				w, err := features.Create(t.Context(), dir, recipe(features.Float32), nil)
				require.NoError(t, err)
				require.GreaterOrEqual(t, w.Rows(), 3)
				require.NoError(t, w.Close())
				kept(t, dir, 3, 6)
			}
			_, again := features.Compact(t.Context(), dir, false)
			require.NoError(t, again)
			require.Equal(t, 3, kept(t, dir, 3, 6))
			entries, readErr := os.ReadDir(dir)
			require.NoError(t, readErr)
			require.Len(t, entries, 4, "nothing is left behind")
			if err == nil {
				require.Greater(t, at, 4)
				break
			}
			require.ErrorIs(t, err, features.ErrStopped)
		}
	}
}

// TestCompactErrors: what is no store, is locked, unfinished or damaged stays as it is.
func TestCompactErrors(t *testing.T) {
	_, err := features.Compact(t.Context(), t.TempDir(), false)
	require.ErrorContains(t, err, "want a store of features")
	dir := t.TempDir()
	loose(t, dir, 3, 6)
	w, err := features.Create(t.Context(), dir, recipe(features.Float32), nil)
	require.NoError(t, err)
	_, err = features.Compact(t.Context(), dir, false)
	require.ErrorIs(t, err, features.ErrLocked)
	require.NoError(t, w.Begin(pictures(7), whole, features.About{}))
	require.NoError(t, w.Close())
	_, err = features.Compact(t.Context(), dir, false)
	require.ErrorContains(t, err, "the run that fills it was interrupted")

	dir = t.TempDir()
	loose(t, dir, 3, 6)
	files, err := filepath.Glob(filepath.Join(dir, "*", summaryFile))
	require.NoError(t, err)
	for _, f := range files { // a row that stays, in whichever recipe
		text, err := os.ReadFile(f)
		require.NoError(t, err)
		text[len(text)-1] ^= 1
		require.NoError(t, os.WriteFile(f, text, 0o644))
	}
	before := contents(t, dir)
	_, err = features.Compact(t.Context(), dir, false)
	require.ErrorContains(t, err, "row 5: want checksum ")
	require.Equal(t, before, contents(t, dir))
}
