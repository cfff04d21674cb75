package output

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"cradio/radio"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// ramp returns a tensor that counts up from a value.
func ramp(from float32, shape ...int) *tensor.Dense {
	d := tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(shape...))
	for i := range d.Float32s() {
		d.Float32s()[i] = from + float32(i)
	}
	return d
}

// result returns the result for an image of rows×cols patches, of a model with C = 4 and D = 2, with
// an adaptor and an intermediate. Its numbers start at from.
func result(name string, from float32, rows, cols int) radio.Result {
	n := rows * cols
	r := summary(name, ramp(from, 4))
	r.Height, r.Width, r.Rows, r.Cols, r.Original = 16*rows, 16*cols, rows, cols, [2]int{100, 200}
	r.Features = ramp(from+100, n, 2)
	r.Adaptors = map[string]radio.AdaptorOutput{"clip": {Summary: ramp(from+200, 3), Features: ramp(from+300, n, 3)}}
	r.Intermediates = []radio.Intermediate{{Block: 7, Features: ramp(from+400, n, 2), Prefix: ramp(from+500, 1, 2)}}
	return r
}

// summary is the result of an image of which only the summary is known.
func summary(name string, d *tensor.Dense) radio.Result {
	return radio.Result{Name: name, Outputs: radio.Outputs[*tensor.Dense]{Summary: d}}
}

var about = About{Model: "synthetic:nano", Synthetic: true, Features: true, Settings: "size=32", Version: "v1.2.3", Identity: isModel("1234")}

func isModel(identity string) func() (string, error) {
	return func() (string, error) { return identity, nil }
}

// write writes a file of results.
func write(t *testing.T, path string, a About, results ...radio.Result) {
	t.Helper()
	w, err := Create(path, a, names(results))
	require.NoError(t, err)
	defer w.Close()
	for _, r := range results {
		require.NoError(t, w.Add(r))
	}
	_, err = w.Commit(context.Background())
	require.NoError(t, err)
	require.NoError(t, w.Close())
	onlyFiles(t, filepath.Dir(path), files(path)...)
}

// files lists the files of a Writer.
func files(path string) []string {
	name := filepath.Base(path)
	if extension(path) == ".npy" {
		return []string{name, name + SidecarExtension}
	}
	return []string{name}
}

func names(results []radio.Result) []string {
	var list []string
	for _, r := range results {
		list = append(list, r.Name)
	}
	return list
}

// onlyFiles checks that a folder holds only these files, and no temporary ones.
func onlyFiles(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var have []string
	for _, e := range entries {
		have = append(have, e.Name())
	}
	require.ElementsMatch(t, want, have)
}
