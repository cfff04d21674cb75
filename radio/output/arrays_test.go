package output

import (
	"archive/zip"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cradio/loader"
	"cradio/loader/npy"
	"cradio/radio"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

func TestNPY(t *testing.T) {
	for name, c := range map[string]struct {
		features bool
		shape    []int
		first    float32
	}{"summaries": {false, []int{2, 4}, 0}, "features": {true, []int{2, 6, 2}, 100}} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x.npy")
			a := about
			a.Features = c.features
			write(t, path, a, result("a", 0, 2, 3), result("b", 50, 2, 3))
			f, err := os.Open(path)
			require.NoError(t, err)
			defer f.Close()
			shape, data, err := npy.Read(f)
			require.NoError(t, err)
			require.Equal(t, c.shape, shape)
			require.Equal(t, c.first, data[0])
			require.Equal(t, c.first+50, data[len(data)/2])
		})
	}
}

// TestNPYMixedSizes: the second size is an error when it is added, not only at the end.
func TestNPYMixedSizes(t *testing.T) {
	dir := t.TempDir()
	w, err := Create(filepath.Join(dir, "x.npy"), about, []string{"a", "b"})
	require.NoError(t, err)
	require.NoError(t, w.Add(result("a", 0, 2, 3)))
	err = w.Add(result("b", 0, 1, 1))
	require.ErrorContains(t, err, "features of b has shape [1 2], but earlier images have [6 2]")
	require.ErrorContains(t, err, "choose .npz")
	require.NoError(t, w.Close())
	onlyFiles(t, dir)
}

// arrays returns the arrays of an archive, by name.
func readZip(t *testing.T, path string) (floats map[string][]float32, shapes map[string][]int, texts map[string][]string, sizes []int64) {
	t.Helper()
	z, err := zip.OpenReader(path)
	require.NoError(t, err)
	defer z.Close()
	floats, shapes, texts = map[string][]float32{}, map[string][]int{}, map[string][]string{}
	for _, f := range z.File {
		name := f.Name[:len(f.Name)-len(".npy")]
		r, err := f.Open()
		require.NoError(t, err)
		switch name {
		case "paths", "model", "note", "synthetic", "identity", "settings", "cradio", "dtype", "layout":
			texts[name], err = npy.ReadStrings(r)
		case "sizes", "original_sizes", "grid":
			all, readErr := io.ReadAll(r)
			require.NoError(t, readErr)
			pairs := make([]int64, (len(all)-128)/8) // after NumPy's usual header
			_, err = binary.Decode(all[128:], binary.LittleEndian, pairs)
			sizes = append(sizes, pairs...)
		default:
			shapes[name], floats[name], err = npy.Read(r)
		}
		require.NoError(t, err, name)
	}
	return floats, shapes, texts, sizes
}

func TestNPZ(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.npz")
	write(t, path, about, result("a", 0, 2, 3), result("b", 50, 2, 3))
	floats, shapes, texts, sizes := readZip(t, path)
	require.Equal(t, map[string][]int{
		"summary": {2, 4}, "features": {2, 6, 2}, "adaptor.clip.summary": {2, 3}, "adaptor.clip.features": {2, 6, 3},
		"intermediate.7.features": {2, 6, 2}, "intermediate.7.prefix": {2, 1, 2},
	}, shapes)
	require.Equal(t, []float32{0, 1, 2, 3, 50, 51, 52, 53}, floats["summary"])
	require.Equal(t, float32(350), floats["adaptor.clip.features"][18])
	require.Equal(t, map[string][]string{
		"paths": {"a", "b"}, "model": {"synthetic:nano"}, "synthetic": {"true"}, "note": {SyntheticNote}, "identity": {"1234"},
		"settings": {"size=32"}, "cradio": {"v1.2.3"}, "dtype": {"float32"}, "layout": {"nlc"},
	}, texts)
	require.Equal(t, []int64{32, 48, 32, 48, 100, 200, 100, 200, 2, 3, 2, 3}, sizes)
}

// TestMixedSizes: arrays that cannot be stacked become one array for each image.
func TestMixedSizes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.npz")
	real := About{Model: "C-RADIOv2-B", Features: true}
	write(t, path, real, result("a", 0, 1, 1), result("b", 50, 1, 1), result("c", 70, 1, 2), result("d", 90, 1, 1))
	floats, shapes, texts, _ := readZip(t, path)
	require.Equal(t, []int{4, 4}, shapes["summary"])
	require.NotContains(t, shapes, "features")
	require.Equal(t, []float32{150, 151}, floats["features.1"])
	require.Equal(t, []int{2, 2}, shapes["features.2"])
	require.Equal(t, []float32{170, 171, 172, 173}, floats["features.2"])
	require.Equal(t, []float32{190, 191}, floats["features.3"])
	require.Equal(t, []int{2, 3}, shapes["adaptor.clip.features.2"])
	require.Equal(t, []int{4, 1, 2}, shapes["intermediate.7.prefix"])
	require.NotContains(t, texts, "note")
}

func TestSafetensors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.safetensors")
	write(t, path, about, result("a<b>.jpg", 0, 2, 3), result("bad \xff name", 50, 2, 3))
	f, err := loader.OpenFile(path)
	require.NoError(t, err)
	defer f.Close()
	features, err := f.Float32("features", 2, 6, 2)
	require.NoError(t, err)
	require.Equal(t, []float32{100, 101}, features[:2])
	require.Equal(t, float32(150), features[12])
	sizes, err := f.Int64("sizes", 2, 2)
	require.NoError(t, err)
	require.Equal(t, []int64{32, 48, 32, 48}, sizes)
	meta := f.Metadata()
	require.Equal(t, "true", meta["synthetic"])
	require.Equal(t, SyntheticNote, meta["note"])
	require.Equal(t, "nlc", meta["layout"])
	require.Equal(t, "synthetic:nano", meta["model"])
	require.Equal(t, "1234", meta["identity"])
	require.Equal(t, "float32", meta["dtype"])
	grid, err := f.Int64("grid", 2, 2)
	require.NoError(t, err)
	require.Equal(t, []int64{2, 3, 2, 3}, grid)
	var paths []string
	require.NoError(t, json.Unmarshal([]byte(meta["paths"]), &paths))
	require.Equal(t, []string{"a<b>.jpg", "bad \ufffd name"}, paths)
}

// TestFloat64: results of a float64 model are rounded.
func TestFloat64(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.npz")
	wide := tensor.New(tensor.WithShape(2), tensor.WithBacking([]float64{1.0 / 3, 1}))
	write(t, path, About{Model: "m"}, summary("a", wide))
	floats, _, _, _ := readZip(t, path)
	require.Equal(t, []float32{1.0 / 3, 1}, floats["summary"])
}

// TestTypes: numbers of every type are rounded once, from the computed values.
func TestTypes(t *testing.T) {
	// float32 would round the first to the middle between two numbers of float16, and then to the even one below.
	wide := tensor.New(tensor.WithShape(2), tensor.WithBacking([]float64{1 + 0x1p-11 + 0x1p-40, -1.0 / 3}))
	r := summary("a", wide)
	want := map[DType][]byte{
		Float16: {1, 0x3c, 0x55, 0xb5}, BFloat16: {0x80, 0x3f, 0xab, 0xbe}, Float32: {0, 0x10, 0x80, 0x3f, 0xab, 0xaa, 0xaa, 0xbe},
		Float64: {0, 0x10, 0, 0, 0, 2, 0xf0, 0x3f, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0xd5, 0xbf},
	}
	for d, bytes := range want {
		path := filepath.Join(t.TempDir(), "x.safetensors")
		a := About{Model: "m", DType: d}
		write(t, path, a, r)
		f, err := loader.OpenFile(path)
		require.NoError(t, err)
		got, err := f.Bytes("summary")
		require.NoError(t, err)
		require.Equal(t, bytes, got, d)
		require.Equal(t, string(d), f.Metadata()["dtype"])
		require.NoError(t, f.Close())

		for _, extension := range []string{".npy", ".npz"} {
			path := filepath.Join(t.TempDir(), "x"+extension)
			if d == BFloat16 {
				_, err := Create(path, a, nil)
				require.ErrorContains(t, err, "only .safetensors can store bfloat16")
				continue
			}
			write(t, path, a, r)
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Contains(t, string(text), "{'descr': '"+string(floats(d))+"', 'fortran_order': False, 'shape': (1, 2)")
			require.Contains(t, string(text), string(bytes))
		}
	}
}

// TestRowsOfNaN: row i is input i, even if the first images fail. The JSON file names the failed ones.
func TestRowsOfNaN(t *testing.T) {
	for _, missing := range []Missing{Skip, NaN} {
		path := filepath.Join(t.TempDir(), "x.npy")
		a := about
		a.Features, a.Missing = false, missing
		w, err := Create(path, a, nil)
		require.NoError(t, err)
		bad := radio.Result{Name: "bad\xff", Err: errors.New("it is a text")}
		require.NoError(t, w.Fail(bad))
		require.NoError(t, w.Fail(bad))
		require.NoError(t, w.Add(result("a", 10, 2, 3)))
		require.NoError(t, w.Fail(bad))
		arrays, err := w.Commit(context.Background())
		require.NoError(t, err)
		require.NoError(t, w.Close())
		f, err := os.Open(path)
		require.NoError(t, err)
		shape, data, err := npy.Read(f)
		require.NoError(t, err)
		require.NoError(t, f.Close())
		require.Equal(t, arrays[0].Shape, shape)
		var beside struct {
			Model, Identity, DType string
			Shape                  []int
			Paths                  []string
			OriginalSizes          [][2]int `json:"original_sizes"`
			Failed                 []struct {
				Path, Error string
				Base64      string `json:"path_base64"`
				Row         *int
			}
		}
		text, err := os.ReadFile(path + SidecarExtension)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(text, &beside))
		require.Equal(t, shape, beside.Shape)
		require.Equal(t, "1234", beside.Identity)
		require.Len(t, beside.Failed, 3)
		require.Equal(t, "it is a text", beside.Failed[0].Error)
		require.Equal(t, "YmFk/w==", beside.Failed[0].Base64)
		if missing == Skip {
			require.Equal(t, []int{1, 4}, shape)
			require.Equal(t, []string{"a"}, beside.Paths)
			require.Nil(t, beside.Failed[0].Row)
			continue
		}
		require.Equal(t, []int{4, 4}, shape)
		require.Equal(t, []string{"bad\ufffd", "bad\ufffd", "a", "bad\ufffd"}, beside.Paths)
		require.Equal(t, [2]int{100, 200}, beside.OriginalSizes[2])
		for i, v := range data {
			require.Equal(t, i/4 != 2, v != v, "%d", i)
		}
		require.Equal(t, []float32{10, 11, 12, 13}, data[8:12])
		require.Equal(t, 3, *beside.Failed[2].Row)
	}
	_, err := Create(filepath.Join(t.TempDir(), "x.npz"), About{Model: "m", Missing: NaN}, nil)
	require.ErrorContains(t, err, "only .npy files can have rows of NaN")
}

func TestHeaderHoldsThePaths(t *testing.T) {
	many := slices.Repeat([]string{strings.Repeat("long/", 1000)}, 11_000)
	_, err := Create(filepath.Join(t.TempDir(), "x.safetensors"), about, many)
	require.ErrorContains(t, err, "choose .npz")
}
