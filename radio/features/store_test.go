package features_test

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
	"unsafe"

	"cradio/radio"
	"cradio/radio/data"
	"cradio/radio/features"

	"github.com/stretchr/testify/require"
)

func TestStore(t *testing.T) {
	for _, d := range []features.DType{features.Float32, features.BFloat16} {
		dir := filepath.Join(t.TempDir(), "new", "store")
		v := features.Views{Count: 3, Seed: 7, Scale: features.DefaultScale}
		filled(t, dir, recipe(d), v, 20)
		equal(t, dir, v, 20)
		before := contents(t, dir)
		filled(t, dir, recipe(d), v, 20)
		require.Equal(t, before, contents(t, dir), "a second run changes nothing")
		filled(t, dir, recipe(d), v, 25)
		equal(t, dir, v, 25)

		v.Count = 2
		filled(t, dir, recipe(d), v, 5) // a part of them, from the rows that are there
		s, err := features.Open(dir)
		require.NoError(t, err)
		require.Len(t, s.Set.Items, 5)
		a, err := s.Array(radio.SummarySource)
		require.NoError(t, err)
		require.Equal(t, 75, a.Rows)
		require.Equal(t, features.About{Model: "nano"}, s.About)
		require.NoError(t, s.Close())
	}
}

// TestWithoutCopy: rows are views of the file, next to each other.
func TestWithoutCopy(t *testing.T) {
	dir := t.TempDir()
	filled(t, dir, recipe(features.Float32), whole, 3)
	s, err := features.Open(dir)
	require.NoError(t, err)
	defer s.Close()
	a, err := s.Array(radio.SummarySource)
	require.NoError(t, err)
	require.Equal(t, []int{4}, a.Shape)
	require.Nil(t, a.BFloat16(0))
	require.Nil(t, a.AllBFloat16())
	require.Same(t, &a.AllFloat32()[4], unsafe.SliceData(a.Float32(1)))
	require.Zero(t, testing.AllocsPerRun(10, func() { a.Float32(2) }))
	require.Equal(t, append(values(2, 0)[1], values(0, 0)[1]...), a.Gather([]int{2, 0}))
	require.Equal(t, []int{2, 0}, s.Rows([]int{2, 0}, 0))
	_, err = s.Array(radio.MeanSource)
	require.ErrorContains(t, err, dir+": want the source mean, found [features summary]; run cradio features with --source mean into another folder")
}

// TestRounding: bfloat16 rounds to nearest, ties to even.
func TestRounding(t *testing.T) {
	dir := t.TempDir()
	w, err := features.Create(t.Context(), dir, recipe(features.BFloat16), nil)
	require.NoError(t, err)
	defer w.Close()
	in := [][]float32{{1 + 1.0/256, 1 + 3.0/256, 1 + 1.0/256 + 1e-5, -1 - 1.0/256, 0, float32(math.Copysign(0, -1))}, {1e-40, 3e38, -3e38, 255}}
	require.NoError(t, w.Add(sum(0), whole, 0, in))
	large := values(1, 0)
	large[1][2] = math.MaxFloat32
	require.ErrorContains(t, w.Add(sum(1), whole, 0, large), "the source summary is 3.4028235e+38 at number 2: want numbers that are finite in bfloat16")
	large[1][2] = float32(math.NaN())
	require.ErrorContains(t, w.Add(sum(1), whole, 0, large), "the source summary is NaN at number 2")
	require.ErrorContains(t, w.Add(sum(1), whole, 0, large[:1]), "the row has 1 columns, want 2")
	large[0] = large[0][:5]
	require.ErrorContains(t, w.Add(sum(1), whole, 0, large), "the source features has 5 numbers, want 6, shape [2 3]")
	require.False(t, w.Has(sum(1), whole, 0))
	require.NoError(t, w.Finish(pictures(1), whole, features.About{}))
	s, err := features.Open(dir)
	require.NoError(t, err)
	defer s.Close()
	a, err := s.Array(radio.FeaturesSource)
	require.NoError(t, err)
	require.Equal(t, []uint16{0x3f80, 0x3f82, 0x3f81, 0xbf80, 0, 0x8000}, a.BFloat16(0))
	require.Nil(t, a.Float32(0))
}

// TestTwoProcesses: the second writer is told who has the store.
func TestTwoProcesses(t *testing.T) {
	dir := t.TempDir()
	w, err := features.Create(t.Context(), dir, recipe(features.Float32), nil)
	require.NoError(t, err)
	_, err = features.Create(t.Context(), dir, recipe(features.BFloat16), nil)
	require.ErrorIs(t, err, features.ErrLocked)
	require.ErrorContains(t, err, dir+": want no other process that writes to it, found process ")
	require.ErrorContains(t, err, "wait until it has finished, or choose another folder")
	require.NoError(t, w.Close())
	filled(t, dir, recipe(features.BFloat16), whole, 2)
}

// TestRecipes: each has rows of its own, and the earlier ones stay.
func TestRecipes(t *testing.T) {
	dir := t.TempDir()
	filled(t, dir, recipe(features.Float32), whole, 4)
	other := recipe(features.Float32)
	other.Model = "another"
	w, err := features.Create(t.Context(), dir, other, nil)
	require.NoError(t, err)
	require.False(t, w.Has(sum(0), whole, 0))
	require.NoError(t, w.Add(sum(0), whole, 0, values(0, 0)))
	require.NoError(t, w.Finish(pictures(1), whole, features.About{}))
	require.NoError(t, w.Close())
	equal(t, dir, whole, 1)
	w, err = features.Create(t.Context(), dir, recipe(features.Float32), nil)
	require.NoError(t, err)
	require.Equal(t, 4, w.Rows())
	require.NoError(t, w.Close())
}

func TestUnfinished(t *testing.T) {
	dir := t.TempDir()
	w, err := features.Create(t.Context(), dir, recipe(features.Float32), nil)
	require.NoError(t, err)
	defer w.Close()
	require.NoError(t, w.Begin(pictures(3), whole, features.About{}))
	require.NoError(t, w.Add(sum(1), whole, 0, values(1, 0)))
	require.ErrorContains(t, w.Finish(pictures(3), whole, features.About{}), "0.png: view 0 has no row in "+dir)
	_, err = features.Open(dir)
	require.ErrorContains(t, err, dir+": want a complete store, found the run that fills it was interrupted: 1 of 3 rows are there; run the same cradio features command again")
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	_, err := features.Open(dir)
	require.ErrorContains(t, err, dir+": want a store of features, with the file set.jsonl, found another folder; make one with cradio features DATA --out "+dir)
	_, err = features.Open(filepath.Join(dir, "none"))
	require.ErrorContains(t, err, "found no such folder")
	require.ErrorIs(t, err, os.ErrNotExist)
	photos := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(photos, "a.jpg"), nil, 0o644))
	_, err = features.Create(t.Context(), photos, recipe(features.Float32), nil)
	require.ErrorContains(t, err, photos+": want a store, or a new folder, found a folder with other files, such as a.jpg; choose another folder")
	require.NoFileExists(t, filepath.Join(photos, "lock"))
	bad := recipe(features.Float32)
	bad.Columns[0].Shape = []int{0, 3}
	_, err = features.Create(t.Context(), dir, bad, nil)
	require.ErrorContains(t, err, "source features has shape [0 3]: want positive sizes")
	bad = recipe("float16")
	_, err = features.Create(t.Context(), dir, bad, nil)
	require.ErrorContains(t, err, `the type of numbers is "float16": must be float32 or bfloat16`)
}

// TestFastLines: the lines that are written are read by the fast parser.
func TestFastLines(t *testing.T) {
	dir := t.TempDir()
	d := pictures(1)
	d.Classes, d.Items[0].Labels, d.Items[0].Part = nil, nil, ""
	d.Items = append(d.Items, d.Items[0])
	d.Items[0].Stamp = data.Stamp{Size: 123456, Modified: time.Now().UnixNano(), Changed: time.Now().UnixNano(), Inode: math.MaxInt64}
	w, err := features.Create(t.Context(), dir, recipe(features.Float32), nil)
	require.NoError(t, err)
	require.NoError(t, w.Begin(d, whole, features.About{}))
	require.NoError(t, w.Close())
	text, err := os.ReadFile(filepath.Join(dir, "set.jsonl"))
	require.NoError(t, err)
	for i, line := range slices.Collect(bytes.Lines(text))[1:] {
		fast, strict, plain, err := features.ParseLine(line)
		require.NoError(t, err)
		require.True(t, plain, "%s", line)
		require.Equal(t, d.Items[i], fast)
		require.Equal(t, d.Items[i], strict)
	}
}
