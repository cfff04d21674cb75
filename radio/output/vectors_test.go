package output

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

func vector(values ...float32) *tensor.Dense {
	return tensor.New(tensor.WithShape(len(values)), tensor.WithBacking(values))
}

// TestReadVectors: what a Writer wrote is read back.
func TestReadVectors(t *testing.T) {
	for _, name := range []string{"x.npz", "x.npy"} {
		path := filepath.Join(t.TempDir(), name)
		write(t, path, About{Model: "m", Synthetic: true}, summary("cat/a.jpg", vector(1, 2)), summary("dog/\xff.jpg", vector(3, 4)))
		v, err := ReadVectors(path, nil)
		require.NoError(t, err)
		require.Equal(t, &Vectors{
			Path: path, Paths: []string{"cat/a.jpg", "dog/\xff.jpg"}, Model: "m", Synthetic: true,
			Arrays: map[string]Matrix{"summary": {[]int{2, 2}, []float32{1, 2, 3, 4}}},
		}, v)
	}
}

func TestReadVectorsErrors(t *testing.T) {
	dir := t.TempDir()
	npz := filepath.Join(dir, "x.npz")
	_, err := ReadVectors(npz, nil)
	require.ErrorIs(t, err, os.ErrNotExist)
	require.NoError(t, os.WriteFile(npz, []byte("no archive"), 0o644))
	_, err = ReadVectors(npz, nil)
	require.ErrorContains(t, err, npz)
	_, err = ReadVectors(filepath.Join(dir, "x.parquet"), nil)
	require.ErrorContains(t, err, "x.parquet: want an .npz or .npy file, as cradio embed --out writes it")

	npy := filepath.Join(t.TempDir(), "x.npy")
	write(t, npy, About{Model: "m"}, summary("a.jpg", vector(1, 2)))
	whole, err := os.ReadFile(npy)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(npy, whole[:len(whole)-1], 0o644))
	_, err = ReadVectors(npy, nil)
	require.ErrorContains(t, err, npy)
	require.NoError(t, os.WriteFile(npy, whole, 0o644))
	require.NoError(t, os.WriteFile(npy+".json", []byte(`{"array": "summary", "paths": ["a", "b"]}`), 0o644))
	_, err = ReadVectors(npy, nil)
	require.ErrorContains(t, err, "summary: has shape [1 2], and there are 2 paths: want a row for each")
	require.NoError(t, os.WriteFile(npy+".json", []byte(`{"array": "summary", "array": ""}`), 0o644))
	_, err = ReadVectors(npy, nil)
	require.ErrorContains(t, err, npy+".json: want")
	require.NoError(t, os.Remove(npy+".json"))
	_, err = ReadVectors(npy, nil)
	require.ErrorContains(t, err, "want the file that says of which image each row is, found no such file")
}
