package index_test

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"cradio/radio"
	"cradio/radio/data"
	"cradio/radio/features"
	"cradio/radio/index"

	"github.com/stretchr/testify/require"
)

const width = 70 // not a multiple of what codes are padded to

func recipe() features.Recipe {
	return features.Recipe{Model: "m", Precision: "float32", Preprocessing: "p", DType: features.Float32, Columns: []features.Column{{Source: radio.SummarySource, Shape: []int{width}}}}
}

var whole = features.Views{Count: 1, Scale: features.DefaultScale}

func sum(i int) [32]byte { return sha256.Sum256(fmt.Append(nil, i)) }

// vector is that of picture i.
func vector(i int) []float32 {
	r := rand.New(rand.NewPCG(uint64(i), 1))
	x := make([]float32, width)
	for j := range x {
		x[j] = float32(r.NormFloat64() + 1)
	}
	return x
}

// set is a set of pictures.
func set(pictures ...int) *data.Dataset {
	d := &data.Dataset{Path: "photos", Hashed: true}
	for _, i := range pictures {
		d.Items = append(d.Items, data.Item{Path: fmt.Sprintf("/photos/%03d.png", i), SHA256: sum(i)})
	}
	return d
}

// between are the numbers from lo to hi.
func between(lo, hi int) (list []int) {
	for i := lo; i < hi; i++ {
		list = append(list, i)
	}
	return list
}

// fill makes an index of pictures, but for its codes.
func fill(t testing.TB, dir string, pictures ...int) {
	t.Helper()
	w, err := features.Create(t.Context(), dir, recipe(), nil)
	require.NoError(t, err)
	defer w.Close()
	for _, i := range pictures {
		require.NoError(t, w.Add(sum(i), whole, 0, [][]float32{vector(i)}))
	}
	require.NoError(t, w.Finish(set(pictures...), whole, features.About{Model: "nano"}))
	_, err = w.Prune(set(pictures...), whole)
	require.NoError(t, err)
}

// requireFinds requires that an index of these pictures finds what is nearest, by the definition.
func requireFinds(t testing.TB, dir string, pictures ...int) {
	t.Helper()
	x, err := index.Open(dir)
	require.NoError(t, err)
	defer x.Close()
	var all []float32
	for _, i := range pictures {
		all = append(all, vector(i)...)
	}
	for _, q := range [][]float32{vector(pictures[0]), vector(12345)} {
		hits, err := x.Search(t.Context(), radio.SummarySource, q, 5, index.Options{})
		require.NoError(t, err)
		rows, scores := index.ByDefinition(all, width, q, 5)
		require.Len(t, hits, len(rows))
		for i, row := range rows {
			require.Equal(t, index.Hit{Item: row, Path: set(pictures[row]).Items[0].Path, Score: scores[i]}, hits[i])
		}
	}
}

// fileOf finds the file of an index with an extension.
func fileOf(t testing.TB, dir, extension string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "*", "*"+extension))
	require.NoError(t, err)
	require.Len(t, found, 1)
	return found[0]
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return text
}

// nano is an encoder of a small model.
func nano(t testing.TB, dtype radio.DType) *radio.Encoder {
	t.Helper()
	m, err := radio.Open(t.Context(), "synthetic:nano", radio.Options{DType: dtype, Threads: 1})
	require.NoError(t, err)
	t.Cleanup(func() { m.Close() })
	e := radio.NewEncoder(m)
	e.Size = radio.Square(32)
	return e
}
