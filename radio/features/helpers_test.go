package features_test

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"cradio/radio"
	"cradio/radio/data"
	"cradio/radio/features"

	"github.com/stretchr/testify/require"
)

// recipe has a vector and a few patches.
func recipe(d features.DType) features.Recipe {
	return features.Recipe{
		Model: "m", Precision: "float32", Preprocessing: "p", Grid: [2]int{1, 2}, DType: d,
		Columns: []features.Column{{radio.FeaturesSource, []int{2, 3}}, {radio.SummarySource, []int{4}}},
	}
}

var whole = features.Views{Count: 1, Scale: features.DefaultScale}

// sum is the checksum of picture i.
func sum(i int) [32]byte { return sha256.Sum256(fmt.Append(nil, i)) }

// values are the numbers of a row, which bfloat16 holds exactly.
func values(i, view int) [][]float32 {
	var out [][]float32
	for _, n := range []int{6, 4} {
		row := make([]float32, n)
		for j := range row {
			row[j] = float32((i+1)*(j+1)%128) + 128*float32(view%2)
		}
		out = append(out, row)
	}
	return out
}

// pictures is a set of n pictures of two classes.
func pictures(n int) *data.Dataset {
	d := &data.Dataset{Path: "photos", Classes: []string{"cat", "dog"}, Hashed: true}
	for i := range n {
		d.Items = append(d.Items, data.Item{Path: fmt.Sprintf("%d.png", i), Labels: []int{i % 2}, Part: data.Parts()[i%3], SHA256: sum(i)})
	}
	return d
}

// filled makes a store of n pictures.
func filled(t testing.TB, dir string, r features.Recipe, v features.Views, n int) {
	t.Helper()
	w, err := features.Create(t.Context(), dir, r, nil)
	require.NoError(t, err)
	defer w.Close()
	for i := range n {
		for view := range v.Count {
			require.NoError(t, w.Add(sum(i), v, view, values(i, view)))
		}
	}
	require.NoError(t, w.Finish(pictures(n), v, features.About{Model: "nano"}))
}

// equal checks that a store has the rows of n pictures.
func equal(t testing.TB, dir string, v features.Views, n int) {
	t.Helper()
	s, err := features.Open(dir)
	require.NoError(t, err)
	defer s.Close()
	require.NoError(t, s.Verify(t.Context(), nil))
	require.Equal(t, pictures(n), s.Set)
	rows := map[int]bool{}
	for c, source := range []radio.Source{radio.FeaturesSource, radio.SummarySource} {
		a, err := s.Array(source)
		require.NoError(t, err)
		require.Equal(t, n*v.Count, a.Rows, "nothing is there twice")
		for i := range n {
			for view := range v.Count {
				row := s.Row(i, view)
				rows[row] = true
				got := make([]float32, a.Width)
				a.Read(got, row)
				require.Equal(t, values(i, view)[c], got)
			}
		}
	}
	require.Len(t, rows, n*v.Count)
}

// contents reads all files of a folder, but for those that say who writes.
func contents(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || e.Name() == "lock" || e.Name() == "lock.json" {
			return err
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		files[name] = string(text)
		return err
	}))
	return files
}
