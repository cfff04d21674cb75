package checkpoint

import (
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cradio/loader"

	"github.com/stretchr/testify/require"
)

// memory is a source whose tensors a test makes.
type memory map[string]value

type value struct {
	shape []int
	data  []float32
}

func (m memory) Names() (names []string) {
	for n := range m {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

func (m memory) Lookup(name string) (loader.Info, bool) {
	v, ok := m[name]
	return loader.Info{Name: name, Shape: v.shape, File: "memory"}, ok
}

func (m memory) Check(name string, shape ...int) error {
	v, ok := m[name]
	switch {
	case !ok:
		return &loader.Error{File: "memory", Item: name, Found: "tensor is missing", Err: loader.ErrMissing}
	case !slices.Equal(v.shape, shape):
		return &loader.Error{File: "memory", Item: name, Found: "another shape"}
	}
	return nil
}

func (m memory) Float32Into(_ []float32, name string, shape ...int) ([]float32, error) {
	return m[name].data, m.Check(name, shape...)
}

func (m memory) Float32(name string, shape ...int) ([]float32, error) {
	return m.Float32Into(nil, name, shape...)
}

func (m memory) Int64(name string, shape ...int) ([]int64, error) {
	var out []int64
	for _, v := range m[name].data {
		out = append(out, int64(v))
	}
	return out, m.Check(name, shape...)
}

func (memory) Release(string) {}
func (memory) Close() error   { return nil }
func (memory) String() string { return "memory" }

// nano is the nano checkpoint of the hub, with its adaptors.
func nano(t *testing.T) (*Config, memory) {
	dir := filepath.Join("..", "..", "conformance", "checkpoints", "hub")
	c, err := ReadConfig(dir)
	require.NoError(t, err)
	src, err := loader.OpenFolder(dir)
	require.NoError(t, err)
	defer src.Close()
	m := memory{}
	for _, name := range src.Names() {
		info, _ := src.Lookup(name)
		v := value{shape: info.Shape}
		if strings.HasSuffix(name, "summary_idxs") {
			idxs, err := src.Int64(name, info.Shape...)
			require.NoError(t, err)
			for _, i := range idxs {
				v.data = append(v.data, float32(i))
			}
		} else {
			data, err := src.Float32(name, info.Shape...)
			require.NoError(t, err)
			v.data = slices.Clone(data)
		}
		m[name] = v
	}
	return c, m
}

// renamed is a source with other names; one that rename leaves empty is dropped.
func renamed(from memory, rename func(name string) string) memory {
	to := memory{}
	for n, v := range from {
		if name := rename(n); name != "" {
			to[name] = v
		}
	}
	return to
}

// split makes queries, keys and values tensors of their own.
func split(from memory, q, k, v string) memory {
	to := memory{}
	for n, x := range from {
		if !strings.Contains(n, "attn.qkv") {
			to[n] = x
			continue
		}
		shape := slices.Clone(x.shape)
		shape[0] /= 3
		for i, name := range []string{q, k, v} {
			to[strings.Replace(n, "attn.qkv", name, 1)] = value{shape, x.data[i*len(x.data)/3:][:len(x.data)/3]}
		}
	}
	return to
}

var nativeRenames = strings.NewReplacer("radio_model.model.patch_generator.embedder", "embeddings.patch_projection",
	"radio_model.model.patch_generator.pos_embed", "embeddings.position_embedding",
	"radio_model.model.patch_generator.cls_token.token", "embeddings.cls_register_token",
	"radio_model.model.blocks", "encoder.layer", "radio_model.", "", "attn.proj", "attention.o_proj", "attn.qkv", "attention.qkv")

func asNative(n string) string { return nativeRenames.Replace(n) }

func asTorchHub(n string) string {
	n = strings.TrimPrefix(n, root)
	for _, r := range [][2]string{{"model.", "base_model."}, {"adaptors.clip.head_mlp.", "_heads.clip."}, {"adaptors.clip.feat_mlp.", "_feature_projections.clip."},
		{"adaptors.sam.head_mlp.", "_heads.3."}, {"adaptors.sam.feat_mlp.", "_feature_projections.3."}} {
		if rest, ok := strings.CutPrefix(n, r[0]); ok {
			return r[1] + rest
		}
	}
	if n == "summary_idxs" {
		return ""
	}
	return n
}

func TestDialects(t *testing.T) {
	c, hub := nano(t)
	inPrefix := func(p string) func(string) string { return func(n string) string { return p + n } }
	for name, s := range map[string]struct {
		src             memory
		dialect, prefix string
	}{
		"hub":                {hub, "hub", ""},
		"vlm":                {renamed(hub, inPrefix("vision_model.")), "hub", "vision_model."},
		"deeper":             {renamed(hub, inPrefix("encoder.model_encoder.")), "hub", "encoder.model_encoder."},
		"torch hub":          {renamed(hub, asTorchHub), "torch hub", ""},
		"torch hub, whole":   {renamed(renamed(hub, asTorchHub), inPrefix("state_dict.")), "torch hub", "state_dict."},
		"torch hub, wrapped": {renamed(renamed(hub, asTorchHub), inPrefix("state_dict_ema.module.")), "torch hub", "state_dict_ema.module."},
		"transformers":       {renamed(split(hub, "attention.q_proj", "attention.k_proj", "attention.v_proj"), asNative), "transformers", ""},
		"transformers, before": {renamed(split(hub, "attention.attention.query", "attention.attention.key", "attention.attention.value"),
			func(n string) string {
				return "model.vision." + strings.Replace(asNative(n), "attention.o_proj", "attention.output.dense", 1)
			}), "transformers", "model.vision."},
	} {
		t.Run(name, func(t *testing.T) {
			s.src["language_model.layers.0.weight"] = value{[]int{1}, []float32{1}}
			inside := *c
			inside.At = "vision_config"
			got, err := NewTensors(s.src, &inside)
			require.NoError(t, err)
			require.Equal(t, s.dialect, got.Dialect())
			require.Equal(t, s.prefix, got.Prefix())
			for n, want := range hub {
				if n == root+"summary_idxs" || s.dialect == "transformers" && strings.Contains(n, "adaptors.") || strings.HasPrefix(n, "language") {
					continue
				}
				require.NoError(t, got.Check(n, want.shape...), n)
				data, err := got.Float32(n, want.shape...)
				require.NoError(t, err)
				require.Equal(t, want.data, data, n)
			}
			idxs, err := got.SummaryIdxs()
			require.NoError(t, err)
			if s.dialect == "torch hub" {
				require.Nil(t, idxs)
			} else {
				require.Equal(t, []int{0, 1, 2}, idxs)
			}
			require.NoError(t, got.Verify(nil))
		})
	}
}

// Alone in its file a model has nothing beside it: what no field told of is an error.
func TestUnknownTensors(t *testing.T) {
	for name, rename := range map[string]func(string) string{
		"radio_model.model.neck.weight":         func(n string) string { return n },
		"neck.weight":                           func(n string) string { return n },
		"base_model.neck.weight":                asTorchHub,
		"encoder.layer.0.attention.gate.weight": asNative,
		"decoder.weight":                        asNative,
	} {
		c, hub := nano(t)
		src := renamed(hub, rename)
		src[name] = value{[]int{1}, []float32{1}}
		got, err := NewTensors(src, c)
		require.NoError(t, err)
		for n, v := range hub {
			if n != root+"summary_idxs" {
				_ = got.Check(n, v.shape...) // of adaptors, which transformers' layout has not
			}
		}
		_, err = got.SummaryIdxs()
		require.NoError(t, err)
		require.ErrorContains(t, got.Verify(nil), "unused: "+name)
	}
}

func TestVideoProjectionIsLeftOut(t *testing.T) {
	for name, rename := range map[string]func(string) string{
		"embeddings.video_patch_projection.weight":                asNative,
		"radio_model.model.patch_generator.video_embedder.weight": func(n string) string { return n },
		"radio_model.model.reg_token":                             func(n string) string { return n },
	} {
		c, hub := nano(t)
		c.Adaptors = nil
		src := renamed(hub, func(n string) string {
			if strings.Contains(n, "adaptors.") {
				return ""
			}
			return rename(n)
		})
		src[name] = value{[]int{1}, []float32{1}}
		got, err := NewTensors(src, c)
		require.NoError(t, err)
		for n, v := range hub {
			if n != root+"summary_idxs" && !strings.Contains(n, "adaptors.") {
				require.NoError(t, got.Check(n, v.shape...), n)
			}
		}
		_, err = got.SummaryIdxs()
		require.NoError(t, err)
		require.NoError(t, got.Verify(nil), name)
	}
}

func TestLayerScaleByItsOtherNames(t *testing.T) {
	const ours = root + "model.blocks.0.ls1.grandma"
	for theirs, anchor := range map[string]string{
		ours: hub.anchor, root + "model.blocks.0.ls1.gamma": hub.anchor,
		root + "model.blocks.0.layer_scale1.lambda1": hub.anchor,
		"encoder.layer.0.layer_scale1.lambda1":       native.anchor,
		"base_model.blocks.0.ls1.gamma":              torchHub.anchor,
	} {
		src := memory{anchor: value{[]int{1}, []float32{1}}, theirs: value{[]int{2}, []float32{3, 4}}}
		got, err := NewTensors(src, &Config{LayerScaleFill: 1})
		require.NoError(t, err)
		data, err := got.Float32(ours, 2)
		require.NoError(t, err)
		require.Equal(t, []float32{3, 4}, data, theirs)
		data, err = got.Float32(strings.Replace(ours, "ls1", "ls2", 1), 2)
		require.NoError(t, err)
		require.Equal(t, []float32{1, 1}, data, "what RadioModel starts with")
	}
}

// Spectral reparametrisation, by its formula.
func TestSpectral(t *testing.T) {
	w := []float32{1, 2, 3, 4, 5, 6} // (3, 2)
	at := root + "model.blocks.0.mlp.fc1.parametrizations.weight."
	src := memory{
		hub.anchor:           {[]int{1}, []float32{1}},
		at + "original":      {[]int{3, 2}, w},
		at + "0._u":          {[]int{3}, []float32{0.5, 0.5, 0}},
		at + "0._v":          {[]int{2}, []float32{1, 0}},
		at + "0.scale":       {[]int{1, 1}, []float32{2}},
		at + "0._sn_version": {nil, []float32{2}},
	}
	const name = root + "model.blocks.0.mlp.fc1.weight"
	scaled := func(by float64) (out []float32) {
		for _, v := range w {
			out = append(out, float32(float64(v)*by))
		}
		return out
	}
	sigma := 0.5*1 + 0.5*3 + 1e-6
	check := func(want []float32) {
		got, err := NewTensors(src, &Config{})
		require.NoError(t, err)
		require.NoError(t, got.Check(hub.anchor, 1))
		require.NoError(t, got.Check(name, 3, 2))
		data, err := got.Float32(name, 3, 2)
		require.NoError(t, err)
		require.Equal(t, want, data)
		require.NoError(t, got.Verify(nil), "all of it is used")
	}
	check(scaled((math.Log1p(math.Exp(2)) + 0.05) / sigma))
	src[at+"0._sn_version"] = value{nil, []float32{1}}
	check(scaled(2 / sigma))
	delete(src, at+"0._sn_version") // as files of version 1
	check(scaled(2 / sigma))
	src[at+"0._sn_version"] = value{nil, []float32{3}}
	got, err := NewTensors(src, &Config{})
	require.NoError(t, err)
	require.ErrorContains(t, got.Check(name, 3, 2), "version 3 is not implemented")
	delete(src, at+"0.scale")
	require.ErrorContains(t, got.Check(name, 3, 2), "reparametrised in an unknown way")
}

// Queries, keys and values have norms of their own; values may have none.
func TestSpectralInParts(t *testing.T) {
	at := "base_model.blocks.0.attn.qkv.parametrizations.weight."
	src := memory{torchHub.anchor: {[]int{1}, []float32{1}}, at + "original": {[]int{3, 1}, []float32{2, 4, 8}}}
	for i, p := range []string{"0.parts.0.", "0.parts.1."} {
		src[at+p+"_u"] = value{[]int{1}, []float32{1}}
		src[at+p+"_v"] = value{[]int{1}, []float32{1}}
		src[at+p+"scale"] = value{[]int{1, 1}, []float32{float32(3 + i)}}
	}
	got, err := NewTensors(src, &Config{SpectralEps: 1e-12})
	require.NoError(t, err)
	data, err := got.Float32(root+"model.blocks.0.attn.qkv.weight", 3, 1)
	require.NoError(t, err)
	require.Equal(t, []float32{3, 4, 8}, data)
}
