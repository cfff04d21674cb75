package conformance_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cradio/conformance"
	"cradio/loader"

	"github.com/stretchr/testify/require"
)

// bundle is a bundle in memory, for tests to change.
type bundle struct {
	t       *testing.T
	meta    map[string]string
	tensors map[string]*content
}

type content struct {
	dtype  loader.DType
	shape  []int
	bytes  []uint8
	floats []float32
	ints   []int64
}

func (b *bundle) float(name string) []float32 { return b.tensors[name].floats }

func (b *bundle) reshape(name string, shape ...int) {
	b.tensors[name].shape = shape
}

func (b *bundle) rename(from, to string) {
	b.tensors[to] = b.tensors[from]
	delete(b.tensors, from)
}

func (b *bundle) replace(key string, pairs ...string) {
	was := b.meta[key]
	b.meta[key] = strings.NewReplacer(pairs...).Replace(was)
	require.NotEqual(b.t, was, b.meta[key])
}

// copyOf returns a new folder with one changed bundle of the project, and its manifest.
func copyOf(t *testing.T, name string, change func(*bundle)) (dir string) {
	t.Helper()
	f, err := conformance.OpenTensors(filepath.FromSlash(name) + ".safetensors.gz")
	require.NoError(t, err)
	defer f.Close()
	b := &bundle{t: t, meta: f.Metadata(), tensors: map[string]*content{}}
	for _, n := range f.Names() {
		info, _ := f.Lookup(n)
		c := &content{dtype: info.DType, shape: info.Shape}
		if info.DType == loader.U8 {
			c.bytes, err = f.Uint8(n, info.Shape...)
		} else {
			var view []float32
			view, err = f.Float32(n, info.Shape...)
			c.floats = append(c.floats, view...)
		}
		require.NoError(t, err)
		b.tensors[n] = c
	}
	change(b)

	var list []loader.Tensor
	for n, c := range b.tensors {
		x := loader.Tensor{Name: n, DType: c.dtype, Shape: c.shape, Data: loader.Float32Data(c.floats)}
		if c.ints != nil {
			x.Data = loader.Int64Data(c.ints)
		}
		if c.bytes != nil {
			x.Data = loader.ByteData(c.bytes)
		}
		list = append(list, x)
	}
	dir = t.TempDir()
	require.NoError(t, loader.Write(filepath.Join(dir, "copy.safetensors"), list, b.meta))

	text, err := os.ReadFile("MANIFEST.json")
	require.NoError(t, err)
	var manifest map[string]map[string]any
	require.NoError(t, json.Unmarshal(text, &manifest))
	entry := manifest[name]
	delete(entry, "sha256")
	text, err = json.Marshal(map[string]any{"copy": entry, "not here": entry})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "MANIFEST.json"), text, 0o600))
	return dir
}
