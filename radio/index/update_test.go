package index_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"cradio/radio"
	"cradio/radio/data"
	"cradio/radio/features"
	"cradio/radio/index"

	"github.com/stretchr/testify/require"
)

// shapes makes a folder of pictures, and returns their paths.
func shapes(t testing.TB, perClass int) (dir string, paths []string) {
	t.Helper()
	dir = t.TempDir()
	require.NoError(t, data.Generate(t.Context(), dir, data.GenerateOptions{Classes: 2, PerClass: perClass, Size: 32}))
	paths, err := filepath.Glob(filepath.Join(dir, "*", "*", "*.png"))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	return dir, paths
}

// opened is the set of some pictures, as they are now.
func opened(t testing.TB, dir string, paths []string) *data.Dataset {
	t.Helper()
	d := data.Pictures("photos", paths)
	d.Known = features.Known(dir)
	require.NoError(t, d.Read(t.Context(), nil))
	return d
}

func TestUpdate(t *testing.T) {
	_, paths := shapes(t, 8)
	dir := filepath.Join(t.TempDir(), "photos.index")
	update := func(set *data.Dataset) *index.Report {
		t.Helper()
		job := features.Job{Dir: dir, Encoder: nano(t, ""), Set: set, Sources: []radio.Source{radio.SummarySource}, About: features.About{Model: "nano", Settings: map[string]string{"size": "32"}}}
		r, err := index.Update(t.Context(), job, nil)
		require.NoError(t, err)
		return r
	}
	set := opened(t, dir, paths[2:])
	r := update(set)
	require.Equal(t, len(paths)-2, r.Computed)
	require.Equal(t, r.Computed, r.Coded)
	x, err := index.Open(dir)
	require.NoError(t, err)
	require.True(t, x.Current(set))
	again := opened(t, dir, paths[2:])
	for i := range again.Items {
		again.Items[i].Stamp = set.Items[i].Stamp // files that are new have one only two seconds later
	}
	require.True(t, x.Current(again))
	require.False(t, x.Current(opened(t, dir, paths)))
	require.Equal(t, map[string]string{"size": "32"}, x.About.Settings)
	v, err := x.Vector(radio.SummarySource, 3)
	require.NoError(t, err)
	hits, err := x.Search(t.Context(), radio.SummarySource, v, 4, index.Options{})
	require.NoError(t, err)
	require.Equal(t, paths[5], hits[0].Path)
	require.InDelta(t, 1, hits[0].Score, 1e-12)
	require.NoError(t, x.Close())

	// One is new, one has changed, one is gone, and one is a copy.
	text := read(t, paths[1])
	require.NoError(t, os.WriteFile(paths[4], text, 0o644))
	r = update(opened(t, dir, append([]string{paths[1]}, paths[3:]...)))
	require.Equal(t, 1, r.Computed, "a copy has the row of its picture")
	require.Equal(t, 1, r.Coded)
	require.Equal(t, 2, r.Removed)
	x, err = index.Open(dir)
	require.NoError(t, err)
	defer x.Close()
	require.Len(t, x.Set.Items, len(paths)-2)
	v, err = x.Vector(radio.SummarySource, 0)
	require.NoError(t, err)
	hits, err = x.Search(t.Context(), radio.SummarySource, v, 2, index.Options{})
	require.NoError(t, err)
	require.Equal(t, []string{paths[1], paths[4]}, []string{hits[0].Path, hits[1].Path})
	require.Equal(t, hits[0].Score, hits[1].Score)
}

// TestInterrupted: what was done when a run was interrupted can be searched.
func TestInterrupted(t *testing.T) {
	_, paths := shapes(t, 8)
	dir := filepath.Join(t.TempDir(), "photos.index")
	ctx, cancel := context.WithCancel(t.Context())
	job := features.Job{Dir: dir, Encoder: nano(t, ""), Set: opened(t, dir, paths), Sources: []radio.Source{radio.SummarySource}}
	job.Progress = func(done, _ int) {
		if done == 5 {
			cancel()
		}
	}
	_, err := index.Update(ctx, job, nil)
	require.ErrorIs(t, err, context.Canceled)
	x, err := index.Open(dir)
	require.NoError(t, err)
	done := len(x.Set.Items)
	require.GreaterOrEqual(t, done, 5)
	require.Less(t, done, len(paths))
	v, err := x.Vector(radio.SummarySource, 2)
	require.NoError(t, err)
	hits, err := x.Search(t.Context(), radio.SummarySource, v, 1, index.Options{})
	require.NoError(t, err)
	require.Equal(t, x.Set.Items[2].Path, hits[0].Path)
	require.NoError(t, x.Close())
	job.Progress, job.Set = nil, opened(t, dir, paths)
	r, err := index.Update(t.Context(), job, nil)
	require.NoError(t, err)
	require.Equal(t, done, r.Present)
	require.Equal(t, len(paths), r.Coded)
}

// TestOther: rows of another model or precision are not mixed.
func TestOther(t *testing.T) {
	_, paths := shapes(t, 4)
	dir := filepath.Join(t.TempDir(), "photos.index")
	job := features.Job{Dir: dir, Encoder: nano(t, ""), Set: opened(t, dir, paths), Sources: []radio.Source{radio.SummarySource}, About: features.About{Model: "nano"}}
	_, err := index.Update(t.Context(), job, nil)
	require.NoError(t, err)
	other := job
	other.Encoder = nano(t, radio.BFloat16)
	_, err = index.Update(t.Context(), other, nil)
	require.ErrorIs(t, err, index.ErrOther)
	require.ErrorContains(t, err, dir+": was made with another precision: float32 of the model nano, now bfloat16; vectors of both cannot be compared")
	other.Encoder = nano(t, "")
	other.Encoder.Size = radio.Square(48)
	_, err = index.Update(t.Context(), other, nil)
	require.ErrorContains(t, err, "another preprocessing: size 32")
	other = job
	other.Sources = []radio.Source{radio.MeanSource}
	_, err = index.Update(t.Context(), other, nil)
	require.ErrorContains(t, err, "another list of outputs: summary of the model nano, now mean")
	x, err := index.Open(dir)
	require.NoError(t, err)
	defer x.Close()
	require.Len(t, x.Set.Items, len(paths))
	r, err := other.Recipe(t.Context())
	require.NoError(t, err)
	require.NoError(t, x.Suits(r), "which outputs are computed does not matter to a query")
	_, err = x.Search(t.Context(), radio.SummarySource, make([]float32, 3), 1, index.Options{})
	require.ErrorContains(t, err, "the query has 3 numbers, but "+dir+" has rows of 192 of the source summary")
	_, err = x.Search(t.Context(), radio.MeanSource, nil, 1, index.Options{})
	require.ErrorContains(t, err, "want the source mean, found [summary]")
}

func TestOpenErrors(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "none")
	_, err := index.Open(dir)
	require.ErrorContains(t, err, dir+": want an index of pictures, found no such folder; make one with cradio index FOLDER")
	fill(t, dir, between(0, 3)...)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "set.jsonl"), nil, 0o644))
	_, err = index.Open(dir)
	require.ErrorContains(t, err, "set.jsonl: is empty; run the same cradio index command again")
}

// TestCutWhileOpen: another process shortens a file that is searched.
func TestCutWhileOpen(t *testing.T) {
	for _, extension := range []string{".float32", ".codes"} {
		dir := t.TempDir()
		fill(t, dir, between(0, 300)...)
		encode(t, dir)
		x, err := index.Open(dir)
		require.NoError(t, err)
		path := fileOf(t, dir, extension)
		size := len(read(t, path))
		require.NoError(t, os.Truncate(path, 0))
		_, err = x.Search(t.Context(), radio.SummarySource, vector(1), 5, index.Options{})
		require.ErrorContains(t, err, path+": had ")
		require.ErrorContains(t, err, "has 0 now")
		require.Positive(t, size)
		require.NoError(t, x.Close())
	}
}
