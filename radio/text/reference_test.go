package text

import (
	"compress/gzip"
	"context"
	"cradio/radio/text/token"
	"encoding/json"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"cradio/graph"
	"cradio/loader"
	"cradio/radio"
	"cradio/radio/show"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

const references = "../../conformance/text"

// entry is what the manifest says of a bundle.
type entry struct {
	Error struct { // by tensor
		Float32  map[string]struct{ RMS float64 } `json:"float32"`
		BFloat16 map[string]struct{ RMS float64 } `json:"autocast_bfloat16"`
	} `json:"torch_error"`
}

func manifest(t testing.TB) map[string]entry {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(references, "MANIFEST.json"))
	require.NoError(t, err)
	var m map[string]entry
	require.NoError(t, json.Unmarshal(text, &m))
	return m
}

// bundle is recorded tensors of a tower.
type bundle struct {
	*loader.File
	entry
	config *Config
	ids    [][]int32
}

func openBundle(t testing.TB, name string) *bundle {
	t.Helper()
	f, err := loader.OpenFile(filepath.Join(references, name+".safetensors"))
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	b := &bundle{File: f, entry: manifest(t)[name]}
	b.config, err = parseOpenCLIP([]byte(`{"model_cfg":` + f.Metadata()["model_cfg"] + `}`))
	require.NoError(t, err)
	info, ok := f.Lookup("ids")
	require.True(t, ok)
	ids, err := f.Int64("ids", info.Shape...)
	require.NoError(t, err)
	for row := range slices.Chunk(ids, info.Shape[1]) {
		list := make([]int32, len(row))
		for i, id := range row {
			list[i] = int32(id)
		}
		b.ids = append(b.ids, list)
	}
	return b
}

// seed is that of the synthetic weights.
func (b *bundle) seed(t testing.TB) (seed string) {
	require.NoError(t, json.Unmarshal([]byte(b.Metadata()["seed"]), &seed))
	return seed
}

// truth is a recorded tensor.
func (b *bundle) truth(t testing.TB, name string) []float32 {
	t.Helper()
	info, ok := b.Lookup("truth/" + name)
	require.True(t, ok, name)
	v, err := b.Float32("truth/"+name, info.Shape...)
	require.NoError(t, err)
	return v
}

// ratio is the error of got as a part of PyTorch's in a precision, which counts as at least
// the rounding of the truth.
func (b *bundle) ratio(t testing.TB, p radio.DType, name string, got []float32) float64 {
	t.Helper()
	want := b.truth(t, name)
	require.Len(t, got, len(want), name)
	var sum, rounding float64
	for i, w := range want {
		d := float64(got[i]) - float64(w)
		require.False(t, math.IsNaN(d), "%s: value %d is %v", name, i, got[i])
		sum += d * d
		u := float64(math.Nextafter32(float32(math.Abs(float64(w))), math.MaxFloat32)) - math.Abs(float64(w))
		rounding += u * u
	}
	theirs, ok := b.Error.Float32[name]
	if p == radio.BFloat16 {
		theirs, ok = b.Error.BFloat16[name]
	}
	require.True(t, ok, name)
	n := float64(len(want))
	floor := math.Sqrt(rounding / n / 12)
	return max(math.Sqrt(sum/n), floor) / max(theirs.RMS, floor)
}

var nanos = []string{"clip", "clip-custom", "clip-eos", "clip-gelu", "clip-head40", "siglip", "siglip-tanh", "siglip2"}

// Every recorded tensor of the small towers, and in one pass alone the features.
func TestReference(t *testing.T) {
	for _, target := range []graph.Target{{}, {NoFusion: true}} {
		logs, n := 0.0, 0.0
		for _, name := range nanos {
			b := openBundle(t, "nano/"+name)
			tower, err := Synthetic(b.config, nil, Options{Seed: b.seed(t)})
			require.NoError(t, err)
			defer tower.Close()
			target.Device = tower.device
			for tensor, ratio := range b.compare(t, tower, target) {
				assert.LessOrEqual(t, ratio, 1.25, "%s: %s, fusion %t", name, tensor, !target.NoFusion)
				logs, n = logs+math.Log(ratio), n+1
			}
		}
		mean := math.Exp(logs / n)
		t.Logf("geometric mean of %.0f tensors, fusion %t: %.2f", n, !target.NoFusion, mean)
		assert.LessOrEqual(t, mean, 1.0)
	}
}

// compare runs all positions, and compares every recorded tensor.
func (b *bundle) compare(t *testing.T, tower *Tower, target graph.Target) map[string]float64 {
	g := graph.New(tensor.Float32).Lazy()
	texts, length := len(b.ids), b.config.Context
	ids, positions, ends := g.Input("ids", texts, length), g.Input("positions", length), g.Input("ends", texts)
	tower.net.forward(g, ids, positions, ends)
	var names []string
	var nodes []*graph.Node
	for _, name := range b.Names() {
		if name, ok := strings.CutPrefix(name, "truth/"); ok {
			n, err := g.Node(name)
			require.NoError(t, err)
			names, nodes = append(names, name), append(nodes, n)
		}
	}
	p, err := g.Compile(target, nodes...)
	require.NoError(t, err)
	m, err := graph.NewMachine(p)
	require.NoError(t, err)
	defer m.Close()
	for row, list := range b.ids {
		for at, id := range list {
			m.Input(ids).Float32s()[row*length+at] = float32(id)
			m.Input(positions).Float32s()[at] = float32(at)
		}
		m.Input(ends).Float32s()[row] = float32(row*length + b.config.ReadAt(list))
	}
	require.NoError(t, m.Run(context.Background()))
	ratios := map[string]float64{}
	for i, name := range names {
		v, err := m.Value(nodes[i])
		require.NoError(t, err)
		ratios[name] = b.ratio(t, radio.Float32, name, v.Float32s())
	}
	return ratios
}

// What a tower gives, in each precision: texts that are causal run to their ends alone.
func TestTowerReference(t *testing.T) {
	for _, p := range []radio.DType{radio.Float32, radio.BFloat16} {
		for _, name := range nanos {
			b := openBundle(t, "nano/"+name)
			tower, err := Synthetic(b.config, nil, Options{Seed: b.seed(t), DType: p, Batch: 2})
			require.NoError(t, err)
			defer tower.Close()
			got, err := tower.EncodeIDs(context.Background(), b.ids)
			require.NoError(t, err)
			ratio := b.ratio(t, p, "features", got.Float32s())
			t.Logf("%s, %s: %.2f", name, p, ratio)
			assert.LessOrEqual(t, ratio, 1.25, "%s, %s", name, p)
		}
	}
}

// In int8 there is no recorded baseline: the features point where the true ones do.
func TestTowerInt8(t *testing.T) {
	for _, name := range nanos {
		b := openBundle(t, "nano/"+name)
		tower, err := Synthetic(b.config, nil, Options{Seed: b.seed(t), DType: radio.Int8})
		require.NoError(t, err)
		defer tower.Close()
		got, err := tower.EncodeIDs(context.Background(), b.ids)
		require.NoError(t, err)
		want := b.truth(t, "features")
		for row := range slices.Chunk(got.Float32s(), b.config.Embed) {
			cosine := show.Cosine(row, want[:b.config.Embed])
			want = want[b.config.Embed:]
			t.Logf("%s: %.5f", name, cosine)
			assert.Greater(t, cosine, 0.99, name)
		}
	}
}

// Towers as people have them on disk.
func TestLayouts(t *testing.T) {
	for folder, of := range map[string]string{
		"open-clip-clip": "clip", "open-clip-pickle": "clip", "transformers-clip": "clip", "transformers-clip-pickle": "clip", "transformers-clip-text": "clip",
		"open-clip-siglip": "siglip", "transformers-siglip": "siglip",
		"open-clip-siglip2": "siglip2", "transformers-siglip2-sharded": "siglip2", "transformers-siglip2-naflex": "siglip2",
	} {
		t.Run(folder, func(t *testing.T) {
			b := openBundle(t, "checkpoints/"+of)
			dir := filepath.Join(references, "checkpoints", folder)
			tower, err := Open(context.Background(), dir, Options{IDsAlone: true})
			require.NoError(t, err)
			defer tower.Close()
			got, err := tower.EncodeIDs(context.Background(), b.ids)
			require.NoError(t, err)
			assert.LessOrEqual(t, b.ratio(t, radio.Float32, "features", got.Float32s()), 1.25)
			logits, ok := tower.Logits()
			assert.Equal(t, folder != "transformers-clip-text", ok)
			assert.Equal(t, of != "clip", logits.Sigmoid)
			if ok {
				assert.InDelta(t, 100, logits.Scale, 1e-4)
			}
		})
	}
}

// Both libraries' configurations of a tower say the same.
func TestConfigs(t *testing.T) {
	for _, name := range nanos {
		b := openBundle(t, "nano/"+name)
		text := b.Metadata()["config"]
		if text == "" || text == "null" {
			continue
		}
		c, err := parseTransformers([]byte(text))
		require.NoError(t, err, name)
		want := *b.config
		if want.Pool == PoolLargest { // transformers' looks for the end
			c.Pool, c.End = want.Pool, want.End
		}
		if want.Pool == PoolLast {
			c.End = want.End
		}
		assert.Equal(t, want, *c, name)
	}
	assert.Len(t, slices.Collect(maps.Keys(manifest(t))), 18)
}

// vocabulary is a recorded tokenizer.
func vocabulary(t testing.TB, name string, k token.Kind) *token.Tokenizer {
	t.Helper()
	f, err := os.Open(filepath.Join(references, "tokenizers", name+".gz"))
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	data, err := io.ReadAll(z)
	require.NoError(t, err)
	tok, err := token.Read(data, k)
	require.NoError(t, err)
	return tok
}

var float32nan = float32(math.NaN())

// encoded is a value as JSON.
func encoded(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return string(text)
}

func itoa(n int) string { return strconv.Itoa(n) }
