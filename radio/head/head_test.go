package head_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cradio/graph"
	"cradio/loader"
	"cradio/radio"
	"cradio/radio/head"

	_ "cradio/cpu/machine"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// specs has a head of every kind for the nano model.
func specs() []head.Spec {
	norm := &head.Norm{Affine: true}
	all := []head.Spec{
		{Kind: head.Linear, Input: []radio.Source{radio.SummarySource}, Outputs: 5, Labels: head.Labels{"a", "b", "c", "d", "e"}},
		{Kind: head.Linear, Input: []radio.Source{radio.SummarySource, radio.MeanSource, radio.ClassSource(1)}, Outputs: 3, Norm: &head.Norm{Eps: 1e-6}, MultiLabel: true},
		{Kind: head.Linear, Input: []radio.Source{radio.SummarySource}, Outputs: 3, Norm: &head.Norm{Fixed: true}},
		{Kind: head.MLP, Input: []radio.Source{radio.SummarySource}, Outputs: 3, Hidden: []int{7}, Dropout: 0.3, Norm: norm},
		{Kind: head.Attentive, Input: []radio.Source{radio.FeaturesSource}, Outputs: 3, Heads: 4},
		{Kind: head.Segment, Input: []radio.Source{radio.FeaturesSource}, Outputs: 4, Dropout: 0.1},
		{Kind: head.Segment, Input: []radio.Source{radio.BlockSource(0), radio.BlockSource(2)}, Outputs: 4, Dropout: 0.1, DropoutFirst: true},
		{Kind: head.Fused, Input: []radio.Source{radio.BlockSource(0), radio.BlockSource(2), radio.FeaturesSource}, Outputs: 4, Hidden: []int{6}, Dropout: 0.1},
		{Kind: head.Upsampling, Input: []radio.Source{radio.FeaturesSource}, Outputs: 4, Hidden: []int{9, 7}},
		{Kind: head.Depth, Input: []radio.Source{radio.BlockSource(1), radio.FeaturesSource, radio.ClassSource(1), radio.SummarySource}, Outputs: 16,
			Bins: &head.Bins{Low: 0.001, High: 10, Upsample: 4}},
		{Kind: head.Depth, Input: []radio.Source{radio.FeaturesSource}, Outputs: 16, Norm: norm, Bins: &head.Bins{Low: 0.1, High: 10, Log: true, Weights: head.SoftmaxWeights, Upsample: 2}},
		{Kind: head.Depth, Input: []radio.Source{radio.FeaturesSource}, Outputs: 1, Bins: &head.Bins{Low: 0.001, High: 10}},
	}
	widths := map[radio.Source]int{radio.SummarySource: 192, radio.ClassSource(1): 192}
	for i := range all {
		for _, s := range all[i].Input {
			w := widths[s]
			if w == 0 {
				w = 64
			}
			all[i].Widths = append(all[i].Widths, w)
		}
	}
	return all
}

// values are all tensors of a head by name.
func values(t testing.TB, h *head.Head) map[string][]float32 {
	t.Helper()
	all := map[string][]float32{}
	for _, list := range [][]*graph.Weight{h.Trainable(), h.Buffers()} {
		for _, w := range list {
			v, err := w.Value()
			require.NoError(t, err)
			all[w.Name] = v.Float32s()
		}
	}
	return all
}

func open(t testing.TB, name string, opt radio.Options) *radio.Model {
	t.Helper()
	m, err := radio.Open(context.Background(), name, opt)
	require.NoError(t, err)
	t.Cleanup(func() { m.Close() })
	return m
}

func pixels(b, h, w int) *tensor.Dense {
	d := make([]float32, b*3*h*w)
	for i := range d {
		d[i] = float32(i%251) / 251
	}
	return tensor.New(tensor.WithShape(b, 3, h, w), tensor.WithBacking(d))
}

func TestHeadsReadBackBitEqual(t *testing.T) {
	m := open(t, "synthetic:nano", radio.Options{})
	for i, spec := range specs() {
		t.Run(fmt.Sprint(i, spec.Kind), func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "head")
			require.NoError(t, spec.Trained(t.Context(), m))
			ignore := 255
			spec.Ignore, spec.Metrics = &ignore, map[string]float64{"top1": 0.5}
			spec.Picture = &head.Picture{Size: "224", Processor: &head.Processor{Processor: m.Processor()}}
			h, err := head.New(spec, 1)
			require.NoError(t, err)
			h.CountBatches(7)
			require.NoError(t, h.Save(dir))
			again, err := head.Load(dir)
			require.NoError(t, err)
			require.Equal(t, values(t, h), values(t, again))
			require.NoError(t, again.CheckModel(t.Context(), m))
			a, err := json.Marshal(h.Spec())
			require.NoError(t, err)
			b, err := json.Marshal(again.Spec())
			require.NoError(t, err)
			require.Equal(t, string(a), string(b))
			require.NoError(t, again.Save(dir), "over the earlier one")
			files := map[string]string{}
			for _, name := range []string{head.DescriptionFile, head.WeightsFile} {
				text, err := os.ReadFile(filepath.Join(dir, name))
				require.NoError(t, err)
				files[name] = string(text)
			}
			require.NoError(t, h.Save(dir))
			for name, text := range files {
				now, err := os.ReadFile(filepath.Join(dir, name))
				require.NoError(t, err)
				require.Equal(t, text, string(now))
			}
			same, err := head.New(spec, 1)
			require.NoError(t, err)
			require.Equal(t, values(t, h), values(t, same))
		})
	}
}

// A head in the backbone's program gives what it gives on the cached sources, in every precision that
// leaves the sources alone.
func TestHeadsRunWithTheBackbone(t *testing.T) {
	for _, dtype := range []radio.DType{radio.Float32, radio.Float64} {
		m := open(t, "synthetic:nano", radio.Options{DType: dtype})
		for i, spec := range specs() {
			t.Run(fmt.Sprint(dtype, i, spec.Kind), func(t *testing.T) {
				h, err := head.New(spec, 3)
				require.NoError(t, err)
				out, err := m.Run(t.Context(), pixels(2, 48, 80), radio.Request{Heads: []radio.Head{h}, Sources: h.Sources()})
				require.NoError(t, err)
				got := out.Heads[0]
				require.Equal(t, spec.Kind.Dense(), got.Grid != radio.Grid{})

				g := graph.New(tensor.Float32)
				if dtype == radio.Float64 {
					g = graph.New(tensor.Float64)
				}
				in := map[radio.Source]*graph.Node{}
				for s, v := range out.Sources {
					in[s] = g.Input(string(s), v.Shape()...)
				}
				y, grid := h.Infer(g, in, radio.Grid{Rows: 3, Cols: 5})
				require.Equal(t, got.Grid, grid)
				p, err := g.Compile(graph.Target{}, y)
				require.NoError(t, err)
				machine, err := graph.NewMachine(p)
				require.NoError(t, err)
				defer machine.Close()
				for s, v := range out.Sources {
					require.NoError(t, machine.Set(in[s], v))
				}
				require.NoError(t, machine.Run(t.Context()))
				want, err := machine.Value(y)
				require.NoError(t, err)
				require.Equal(t, want.Shape(), got.Values.Shape())
				a, b := radio.Values[float64](want), radio.Values[float64](got.Values)
				for i := range a {
					require.InDelta(t, a[i], b[i], 1e-5*(1+math.Abs(a[i])))
				}
			})
		}
	}
}

func TestHeadsForOtherModelsAreRefused(t *testing.T) {
	m := open(t, "synthetic:nano", radio.Options{})
	spec := specs()[0]
	require.NoError(t, spec.Trained(t.Context(), m))
	h, err := head.New(spec, 0)
	require.NoError(t, err)
	other := open(t, "synthetic:nano", radio.Options{Seed: "other"})
	require.ErrorContains(t, h.CheckModel(t.Context(), other), "trained on another model, synthetic weights (seed \"\"): its weights have SHA-256")
	wide := open(t, "synthetic:B", radio.Options{})
	require.ErrorContains(t, h.CheckModel(t.Context(), wide), "linear head: reads summary of width 192, that of this model has 2304")
	_, err = wide.Run(t.Context(), pixels(1, 32, 32), radio.Request{Heads: []radio.Head{h}})
	require.ErrorContains(t, err, "reads summary of width 192")
}

func TestDescriptionsAreRefusedByName(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "head")
	h, err := head.New(specs()[5], 0)
	require.NoError(t, err)
	require.NoError(t, h.Save(dir))
	text, err := os.ReadFile(filepath.Join(dir, head.DescriptionFile))
	require.NoError(t, err)
	for _, c := range []struct{ from, to, want string }{
		{`"segment"`, `"detect"`, `kind is "detect", want one of [linear`},
		{`"kind"`, `"Kind"`, `field "Kind" is unknown; there are`},
		{`"dropout": 0.1`, `"dropout": 0.1, "stride": 2`, `field "stride" is unknown`},
		{`"dropout": 0.1`, `"dropout": 0.1, "norm": {"gamma": 2}`, `field "norm.gamma" is unknown`},
		{`"dropout": 0.1`, `"dropout": 1`, `dropout is 1, want 0 up to 1`},
		{`"dropout": 0.1`, `"dropout": 0.1, "dropout": 0.1`, `key "dropout" twice`},
		{`"format": 1`, `"format": 2`, `format is 2, want 1; a newer cradio`},
		{`"features"`, `"summary"`, `input of a segment head has vectors`},
		{`"features"`, `"patches"`, `input: source "patches"`},
		{`64`, `0`, `widths has 0 for features`},
		{`"outputs": 4`, `"outputs": 4, "id2label": {"1": "a"}`, `id2label has 1 names and none for 0`},
		{`"outputs": 4`, `"outputs": 1048576, "hidden": [3]`, `hidden has 1 widths, want 0 to 0 for a segment head`},
		{`"outputs": 4`, `"outputs": 4, "backbone": {"config": "", "weights": ""}`, `want a SHA-256 of 64 digits`},
		{`"outputs": 4`, `"outputs": 4, "picture": {"size": "64", "alpha": "white"}`, `picture.alpha is "white": must be "drop", or left out`},
		{`"outputs": 4`, `"outputs": 4, "metrics": {"a": 1e400}`, `1e400`},
	} {
		changed := strings.Replace(string(text), c.from, c.to, 1)
		require.NotEqual(t, string(text), changed, c.from)
		_, err := head.Parse([]byte(changed))
		require.ErrorContains(t, err, c.want)
	}
}

func TestDamagedHeadsAreRefused(t *testing.T) {
	save := func(t *testing.T) (dir, path string) {
		dir = filepath.Join(t.TempDir(), "head")
		h, err := head.New(specs()[5], 0)
		require.NoError(t, err)
		require.NoError(t, h.Save(dir))
		return dir, filepath.Join(dir, head.WeightsFile)
	}
	bytes := func(t *testing.T, change func(b []byte) []byte) error {
		dir, path := save(t)
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, change(b), 0o666))
		_, err = head.Load(dir)
		return err
	}
	require.ErrorContains(t, bytes(t, func(b []byte) []byte { b[len(b)-3] ^= 1; return b }), "the file is damaged or of another head")
	for name, change := range map[string]func(b []byte) []byte{
		"truncated":   func(b []byte) []byte { return b[:len(b)-5] },
		"no length":   func(b []byte) []byte { b[7] = 0xff; return b },
		"long header": func(b []byte) []byte { b[0] ^= 8; return b },
		"no JSON":     func(b []byte) []byte { b[8] = 'x'; return b },
		"type":        func(b []byte) []byte { return replaced(b, `"F32"`, `"F3\""`) },
		"offset":      func(b []byte) []byte { return replaced(b, `"data_offsets":[`, `"data_offsets":[1`) },
		"name":        func(b []byte) []byte { return replaced(b, "bn.running_var", "bn.running_vas") },
	} {
		err := bytes(t, change)
		require.ErrorContains(t, err, head.WeightsFile+": ", name)
		require.ErrorContains(t, err, "the file is damaged", name)
		require.ErrorContains(t, err, "copy the head again, or train it again", name)
		require.NotContains(t, err.Error(), "the program that wrote", name)
	}
	tensors := func(t *testing.T, change func(list map[string]loader.Tensor)) error {
		dir, path := save(t)
		f, err := loader.OpenFile(path)
		require.NoError(t, err)
		list := map[string]loader.Tensor{}
		for _, name := range f.Names() {
			info, _ := f.Lookup(name)
			b, err := f.Bytes(name)
			require.NoError(t, err)
			list[name] = loader.Tensor{Name: name, DType: info.DType, Shape: info.Shape, Data: loader.ByteData(append([]byte(nil), b...))}
		}
		require.NoError(t, f.Close())
		change(list)
		var all []loader.Tensor
		for _, x := range list {
			all = append(all, x)
		}
		require.NoError(t, loader.Write(path, all, nil))
		_, err = head.Load(dir)
		return err
	}
	require.ErrorContains(t, tensors(t, func(l map[string]loader.Tensor) { delete(l, "bn.running_var") }), "bn.running_var")
	require.ErrorContains(t, tensors(t, func(l map[string]loader.Tensor) { delete(l, "bn.num_batches_tracked") }), "bn.num_batches_tracked")
	require.ErrorContains(t, tensors(t, func(l map[string]loader.Tensor) {
		l["bn.more"] = loader.Tensor{Name: "bn.more", DType: loader.F32, Shape: []int{1}, Data: loader.Float32Data([]float32{1})}
	}), `tensor "bn.more": a segment head has none of this name`)
	require.ErrorContains(t, tensors(t, func(l map[string]loader.Tensor) {
		x := l["conv_seg.weight"]
		x.Shape = []int{4, 64}
		l["conv_seg.weight"] = x
	}), "want shape (4, 64, 1, 1), found (4, 64)")
	_, err := head.Load(t.TempDir())
	require.ErrorContains(t, err, "head.json")
}

func TestNormsOfOneRowAreRefused(t *testing.T) {
	h, err := head.New(specs()[1], 0)
	require.NoError(t, err)
	g := graph.New(tensor.Float32)
	in := map[radio.Source]*graph.Node{}
	for i, s := range h.Spec().Input {
		in[s] = g.Input(string(s), 1, h.Spec().Widths[i])
	}
	h.Train(g.At("head"), in, radio.Grid{})
	require.ErrorContains(t, g.Err(), "BatchNorm of one row, (1, 448), has no variance: give more rows in a batch")
}

func TestStandardise(t *testing.T) {
	h, err := head.New(specs()[2], 0)
	require.NoError(t, err)
	mean, variance := make([]float32, 192), make([]float32, 192)
	for i := range mean {
		mean[i], variance[i] = float32(i), float32(i+1)
	}
	require.NoError(t, h.Standardise(mean, variance))
	require.Equal(t, mean, values(t, h)["norm.running_mean"])
	require.Equal(t, variance, values(t, h)["norm.running_var"])
	require.ErrorContains(t, h.Standardise(mean[1:], variance), "norm.running_mean has 192 elements, found 191")
	other, err := head.New(specs()[1], 0)
	require.NoError(t, err)
	require.ErrorContains(t, other.Standardise(mean, variance), "its norm is not fixed")
}

// replaced changes a part of a file's header, and nothing of its length.
func replaced(b []byte, from, to string) []byte {
	at := strings.Index(string(b), from)
	copy(b[at:], to)
	return b
}
