package lora_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cradio/loader"
	"cradio/radio"
	"cradio/radio/lora"

	_ "cradio/cpu/machine"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

func open(t testing.TB, opt radio.Options) *radio.Model {
	t.Helper()
	m, err := radio.Open(context.Background(), "synthetic:nano", opt)
	require.NoError(t, err)
	t.Cleanup(func() { m.Close() })
	return m
}

func pixels() *tensor.Dense {
	d := make([]float32, 2*3*48*64)
	for i := range d {
		d[i] = float32(i%251) / 251
	}
	return tensor.New(tensor.WithShape(2, 3, 48, 64), tensor.WithBacking(d))
}

func summary(t testing.TB, m *radio.Model) []float32 {
	t.Helper()
	out, err := m.Run(t.Context(), pixels(), radio.Request{})
	require.NoError(t, err)
	return radio.Values[float32](out.Summary)
}

// trained is an adapter whose second factors are not zero.
func trained(t testing.TB, m *radio.Model, c lora.Config) *lora.Adapter {
	t.Helper()
	a, err := lora.New(m.Network().Linears(), c, 5)
	require.NoError(t, err)
	for k, w := range a.Trainable() {
		if strings.HasSuffix(w.Name, "lora_B.weight") {
			v, err := w.Value()
			require.NoError(t, err)
			for i := range v.Float32s() {
				v.Float32s()[i] = float32((i*7+k)%13-6) * 0.02
			}
		}
	}
	return a
}

func TestAdaptersBeginWithTheBackbonesOutputs(t *testing.T) {
	want := summary(t, open(t, radio.Options{}))
	m := open(t, radio.Options{})
	a, err := lora.New(m.Network().Linears(), lora.Config{Rank: 2, Alpha: 4, Targets: []string{"qkv", "proj", "fc1", "fc2"}}, 0)
	require.NoError(t, err)
	require.Len(t, a.Modules(), 12)
	require.Equal(t, 3*2*(64+192+64+64+64+256+256+64), a.Params())
	require.NoError(t, a.Attach(m.Network().Linears()))
	require.InDeltaSlice(t, want, summary(t, m), 1e-5)
}

func TestMergedIsUnmerged(t *testing.T) {
	for _, c := range []lora.Config{
		{Rank: 4, Alpha: 8},
		{Rank: 3, Alpha: 1, RSLoRA: true, Targets: []string{"mlp.fc1", "mlp.fc2"}, Blocks: []int{2}},
	} {
		dir := filepath.Join(t.TempDir(), "adapter")
		m := open(t, radio.Options{})
		a := trained(t, m, c)
		require.NoError(t, a.Save(dir))
		require.NoError(t, a.Attach(m.Network().Linears()))
		require.ErrorContains(t, a.Attach(m.Network().Linears()), "has an adapter already")
		want := summary(t, m)

		merged := open(t, radio.Options{Adapter: dir})
		got := summary(t, merged)
		require.NotEqual(t, summary(t, open(t, radio.Options{})), got)
		require.InDeltaSlice(t, want, got, 1e-4)
		require.InDeltaSlice(t, want, summary(t, open(t, radio.Options{Adapter: dir, DType: radio.Float64})), 1e-4)

		p, err := merged.Plan(1, 48, 64, radio.Request{})
		require.NoError(t, err)
		plain, err := open(t, radio.Options{}).Plan(1, 48, 64, radio.Request{})
		require.NoError(t, err)
		require.Equal(t, plain.String(), p.String(), "merged costs nothing")

		one, err := merged.Fingerprint(t.Context())
		require.NoError(t, err)
		base, err := open(t, radio.Options{}).Fingerprint(t.Context())
		require.NoError(t, err)
		require.NotEmpty(t, one.Adapter)
		one.Adapter = ""
		require.Equal(t, base, one)
	}
}

func TestAdaptersReadBackBitEqual(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "adapter")
	m := open(t, radio.Options{})
	a := trained(t, m, lora.Config{Rank: 4, Alpha: 8, Base: "nvidia/C-RADIOv2-B", Blocks: []int{1, 2}})
	require.NoError(t, a.Save(dir))
	again, err := lora.Load(dir)
	require.NoError(t, err)
	require.Equal(t, a.Modules(), again.Modules())
	require.Equal(t, []int{1, 2}, again.Config().Blocks)
	require.Equal(t, "nvidia/C-RADIOv2-B", again.Config().Base)
	for i, w := range a.Trainable() {
		x, err := w.Value()
		require.NoError(t, err)
		y, err := again.Trainable()[i].Value()
		require.NoError(t, err)
		require.Equal(t, w.Name, again.Trainable()[i].Name)
		require.Equal(t, x.Float32s(), y.Float32s())
	}
	sum, err := a.Sum()
	require.NoError(t, err)
	other, err := again.Sum()
	require.NoError(t, err)
	require.Equal(t, sum, other)
}

func TestTargetsThatAreNotThereAreRefused(t *testing.T) {
	linears := open(t, radio.Options{}).Network().Linears()
	for _, c := range []struct {
		config lora.Config
		want   string
	}{
		{lora.Config{Rank: 0}, "r is 0, want 1 to"},
		{lora.Config{Rank: 1, Targets: []string{"qkv", "fc3"}}, `target_modules: "fc3" is the end of no Linear's name`},
		{lora.Config{Rank: 1, Blocks: []int{3}}, "layers_to_transform: block 3 does not exist"},
	} {
		_, err := lora.New(linears, c.config, 0)
		require.ErrorContains(t, err, c.want)
	}
}

func TestDamagedAdaptersAreRefused(t *testing.T) {
	m := open(t, radio.Options{})
	load := func(change func(dir string)) error {
		dir := filepath.Join(t.TempDir(), "adapter")
		require.NoError(t, trained(t, m, lora.Config{Rank: 4, Alpha: 8}).Save(dir))
		change(dir)
		a, err := lora.Load(dir)
		if err != nil {
			return err
		}
		return a.Merge(m.Network().Linears())
	}
	edit := func(name, from, to string) func(dir string) {
		return func(dir string) {
			path := filepath.Join(dir, name)
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Contains(t, string(text), from)
			require.NoError(t, os.WriteFile(path, []byte(strings.Replace(string(text), from, to, 1)), 0o666))
		}
	}
	bytes := func(change func(b []byte) []byte) func(dir string) {
		return func(dir string) {
			path := filepath.Join(dir, lora.WeightsFile)
			b, err := os.ReadFile(path)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(path, change(b), 0o666))
		}
	}
	tensors := func(change func(all map[string]loader.Tensor)) func(dir string) {
		return func(dir string) {
			path := filepath.Join(dir, lora.WeightsFile)
			f, err := loader.OpenFile(path)
			require.NoError(t, err)
			all := map[string]loader.Tensor{}
			for _, name := range f.Names() {
				info, _ := f.Lookup(name)
				b, err := f.Bytes(name)
				require.NoError(t, err)
				all[name] = loader.Tensor{Name: name, DType: info.DType, Shape: info.Shape, Data: loader.ByteData(append([]byte(nil), b...))}
			}
			require.NoError(t, f.Close())
			change(all)
			var list []loader.Tensor
			for _, x := range all {
				list = append(list, x)
			}
			require.NoError(t, loader.Write(path, list, nil))
		}
	}
	const qkv = "base_model.model.radio_model.model.blocks.1.attn.qkv"
	for _, c := range []struct {
		change func(dir string)
		want   string
	}{
		{bytes(func(b []byte) []byte { b[len(b)-2] ^= 1; return b }), "the file is damaged"},
		{bytes(func(b []byte) []byte { return b[:len(b)-4] }), lora.WeightsFile},
		{bytes(func(b []byte) []byte { b[strings.Index(string(b), "data_offsets")] = 'x'; return b }), "the file is damaged: save or copy the adapter again"},
		{tensors(func(all map[string]loader.Tensor) { delete(all, qkv+".lora_B.weight") }), "blocks.1.attn.qkv.lora_B.weight"},
		{tensors(func(all map[string]loader.Tensor) { delete(all, qkv+".lora_A.weight") }), "want pairs of"},
		{tensors(func(all map[string]loader.Tensor) {
			delete(all, qkv+".lora_A.weight")
			delete(all, qkv+".lora_B.weight")
		}), "has no factors for radio_model.model.blocks.1.attn.qkv"},
		{tensors(func(all map[string]loader.Tensor) {
			x := all[qkv+".lora_A.weight"]
			x.Name, x.Shape, x.Data = "base_model.model.other.lora_A.weight", []int{4, 64}, loader.Float32Data(make([]float32, 256))
			all[x.Name] = x
		}), `does not name this module`},
		{tensors(func(all map[string]loader.Tensor) {
			x := all[qkv+".lora_A.weight"]
			x.Shape = []int{8, 32}
			all[x.Name] = x
		}), "want shape (4, 32), found (8, 32)"},
		{edit(lora.ConfigFile, `"use_dora": false`, `"use_dora": true`), "use_dora is true: not supported"},
		{edit(lora.ConfigFile, `"bias": "none"`, `"bias": "all"`), `bias: want "none", found "all"`},
		{edit(lora.ConfigFile, `"bias": "none"`, `"bias": "none", "rank_of_b": 7`), "rank_of_b is 7: not supported"},
		{edit(lora.ConfigFile, `"peft_type": "LORA"`, `"peft_type": "IA3"`), `peft_type: want "LORA"`},
		{edit(lora.ConfigFile, `"r": 4`, `"r": 4, "r": 5`), `key "r" twice`},
	} {
		require.ErrorContains(t, load(c.change), c.want)
	}
	require.NoError(t, load(edit(lora.ConfigFile, `"lora_dropout": 0`, `"lora_dropout": 0.1, "use_qalora": false, "megatron_config": null`)))
	wide, err := radio.Open(t.Context(), "synthetic:B", radio.Options{})
	require.NoError(t, err)
	defer wide.Close()
	require.ErrorContains(t, trained(t, m, lora.Config{Rank: 4, Alpha: 8}).Merge(wide.Network().Linears()), "is for a weight of (64, 64), that of the model is (768, 768)")
}
