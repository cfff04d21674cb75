package output

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"cradio/radio"
	"cradio/radio/output/internal/line"

	"github.com/stretchr/testify/require"
)

// TestNothingDoubled: duplicate lines, as after two concurrent runs, are written once.
func TestNothingDoubled(t *testing.T) {
	want := oneGo(t)
	path := filepath.Join(t.TempDir(), "x.jsonl")
	require.NoError(t, os.WriteFile(path+PartialExtension, []byte(want+want), 0o644))
	require.NoError(t, resume(t, path, about, 5))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, want, string(text))
}

// TestImagesRemoved: lines of images that are no longer given are dropped.
func TestImagesRemoved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.jsonl")
	gone := append(five(), result("gone", 60, 1, 1), result("gone too", 70, 1, 1))
	write(t, path, about, gone...)
	w, r, err := Resume(path, about, names(five()))
	require.NoError(t, err)
	require.Equal(t, Resumed{Done: []bool{true, true, true, true, true}, LeftOut: 2}, r)
	_, err = w.Commit(context.Background())
	require.NoError(t, err)
	require.NoError(t, w.Close())
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, oneGo(t), string(text))
}

// TestOtherSpellings: if paths and the model are spelled differently, the output has the spelling of
// this run.
func TestOtherSpellings(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.jsonl")
	before := five()
	for i := range before {
		before[i].Name = ".//" + before[i].Name
	}
	spelled := about
	spelled.Model = "./synthetic:nano"
	write(t, path, spelled, before[:3]...)
	w, r, err := Resume(path, about, names(five()))
	require.NoError(t, err)
	require.Equal(t, []bool{true, true, true, false, false}, r.Done)
	require.NoError(t, w.Close())
	require.NoError(t, resume(t, path, about, 5))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, oneGo(t), string(text))

	require.NotEqual(t, line.Key("-"), line.Key("./-"), "standard input is no file")
}

// TestPartialAndFinished: if both files exist, lines of both count.
func TestPartialAndFinished(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.jsonl")
	require.NoError(t, resume(t, path, about, 2))
	all := five()
	write2 := func(results ...radio.Result) {
		w, err := Create(path, about, names(results))
		require.NoError(t, err)
		for _, r := range results {
			require.NoError(t, w.Add(r))
		}
		_, err = w.Commit(context.Background())
		require.NoError(t, err)
		require.NoError(t, w.Close())
	}
	write2(all[1], all[4])
	w, r, err := Resume(path, about, names(all))
	require.NoError(t, err)
	require.Equal(t, []bool{true, true, false, false, true}, r.Done)
	require.NoError(t, w.Close())
	require.NoError(t, resume(t, path, about, 5))
	onlyFiles(t, filepath.Dir(path), "x.jsonl")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, oneGo(t), string(text))
}

// TestAnyBytes: a path that JSON cannot hold can be restored, and is distinct from others.
func TestAnyBytes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.jsonl")
	strange := []radio.Result{result("c\xff", 0, 1, 1), result("c\xfe", 1, 1, 1), result("d\n\x1b\u202e\U000e0001é", 2, 1, 1)}
	write(t, path, about, strange...)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.True(t, utf8.Valid(text))
	for i, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		require.NotContains(t, line, "\x1b")
		require.NotContains(t, line, "\u202e")
		var h head
		require.NoError(t, json.Unmarshal([]byte(line), &h))
		require.Equal(t, strange[i].Name, h.Name())
	}
	_, r, err := Resume(path, about, []string{"c\xfe", "c\xfd", "d\n\x1b\u202e\U000e0001é"})
	require.NoError(t, err)
	require.Equal(t, Resumed{Done: []bool{true, false, true}, LeftOut: 1}, r)
}
