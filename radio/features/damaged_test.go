package features_test

import (
	"os"
	"path/filepath"
	"testing"

	"cradio/radio"
	"cradio/radio/features"

	"github.com/stretchr/testify/require"
)

// The files of the recipe of helpers_test.go, with their bytes for a row.
const (
	patchFile   = "0-features.float32"
	summaryFile = "1-summary.float32"
	indexFile   = "index"
	recordBytes = 32 + 8 + 8 + 2*4 + 4
)

// change changes a file in the recipe's folder.
func change(t *testing.T, dir, name string, by func([]byte) []byte) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "*", name))
	require.NoError(t, err)
	if len(found) == 0 {
		found = []string{filepath.Join(dir, name)}
	}
	text, err := os.ReadFile(found[0])
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(found[0], by(text), 0o644))
}

func flip(at int) func([]byte) []byte {
	return func(b []byte) []byte { b[at] ^= 0x10; return b }
}

func cut(to int) func([]byte) []byte {
	return func(b []byte) []byte { return b[:to] }
}

// TestDamaged: what is damaged or cut short is named, and the next run writes these rows only.
func TestDamaged(t *testing.T) {
	for name, c := range map[string]struct {
		file  string
		by    func([]byte) []byte
		want  []string
		lost  int  // rows that are written again
		later bool // Verify finds it, not Open
	}{
		"a bit of a row":          {patchFile, flip(5*24 + 3), []string{patchFile + ": row 5: want checksum ", "5.png: "}, 1, true},
		"a bit of another column": {summaryFile, flip(0), []string{summaryFile + ": row 0: want checksum ", "0.png: "}, 1, true},
		"a column cut short":      {summaryFile, cut(7*16 + 15), []string{summaryFile + ": row 7: want 128 bytes in all, found 127: the file is cut short", "7.png: "}, 3, false},
		"an empty column":         {patchFile, cut(0), []string{patchFile + ": row 0: want 24 bytes in all, found 0", "0.png: "}, 10, false},
		"a bit of a record":       {indexFile, flip(64 + 3*recordBytes + 1), []string{"index: want a record for each of 10 rows, found 1 are missing or damaged; the first: 3.png, view 0"}, 1, false},
		"a record of another row": {indexFile, func(b []byte) []byte { copy(b[64+recordBytes:], b[64:64+recordBytes]); return b }, []string{"the first: 1.png, view 0"}, 1, false},
		"records cut off":         {indexFile, cut(64 + 4*recordBytes), []string{"index: want 10 records, found 4: the file is cut short"}, 6, false},
		"a part of a record":      {indexFile, cut(64 + 10*recordBytes - 1), []string{"index: want 10 records, found 9: the file is cut short"}, 1, false},
		"a bit of the header":     {indexFile, flip(20), []string{"index: header: want the 64 bytes of its recipe, found another one"}, 0, false},
		"a part of the header":    {indexFile, cut(63), []string{"index: header: want the 64 bytes of its recipe, found 63 bytes"}, 10, false},
		"the set cut short":       {"set.jsonl", func(b []byte) []byte { return b[:len(b)-1] }, []string{"set.jsonl: line 11: its end: is missing: the file is cut short"}, 0, false},
		"a set of another format": {"set.jsonl", func(b []byte) []byte { b[27] = '9'; return b }, []string{"set.jsonl: line 1: the store: has the format"}, 0, false},
		"an empty set":            {"set.jsonl", cut(0), []string{"set.jsonl: is empty"}, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			r := recipe(features.Float32)
			filled(t, dir, r, whole, 10)
			before := contents(t, dir)
			change(t, dir, c.file, c.by)
			require.NotEqual(t, before, contents(t, dir))
			s, err := features.Open(dir)
			if c.later {
				require.NoError(t, err)
				err = s.Verify(t.Context(), nil)
				other := map[string]radio.Source{patchFile: radio.SummarySource, summaryFile: radio.FeaturesSource}[c.file]
				require.NoError(t, s.Verify(t.Context(), nil, other), "the other column is good")
				require.ErrorContains(t, s.Verify(t.Context(), nil, radio.MeanSource), "want the source mean")
				require.NoError(t, s.Close())
			}
			for _, want := range append(c.want, dir, "run the same cradio features command again") {
				require.ErrorContains(t, err, want)
			}
			w, err := features.Create(t.Context(), dir, r, nil)
			require.NoError(t, err)
			require.Equal(t, 10-c.lost, w.Rows())
			require.NoError(t, w.Close())
			filled(t, dir, r, whole, 10)
			equal(t, dir, whole, 10)
		})
	}
}

// TestLostColumn: a file that is gone is named, and all rows are written again.
func TestLostColumn(t *testing.T) {
	dir := t.TempDir()
	filled(t, dir, recipe(features.Float32), whole, 3)
	found, err := filepath.Glob(filepath.Join(dir, "*", summaryFile))
	require.NoError(t, err)
	require.NoError(t, os.Remove(found[0]))
	_, err = features.Open(dir)
	require.ErrorContains(t, err, found[0])
	require.ErrorIs(t, err, os.ErrNotExist)
	filled(t, dir, recipe(features.Float32), whole, 3)
	equal(t, dir, whole, 3)
}

// TestCutWhileOpen: another process shortens a file that is open for reading.
func TestCutWhileOpen(t *testing.T) {
	dir := t.TempDir()
	filled(t, dir, recipe(features.Float32), whole, 1000)
	s, err := features.Open(dir)
	require.NoError(t, err)
	defer s.Close()
	found, err := filepath.Glob(filepath.Join(dir, "*", patchFile))
	require.NoError(t, err)
	require.NoError(t, os.Truncate(found[0], 0))
	err = s.Verify(t.Context(), nil)
	require.ErrorContains(t, err, found[0]+": had 24000 bytes when it was opened, has 0 now")
}
