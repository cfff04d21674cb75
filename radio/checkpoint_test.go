package radio

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cradio/loader"

	"github.com/stretchr/testify/require"
)

const checkpoints = "../conformance/checkpoints"

// anchor is a tensor that every checkpoint of the hub has.
const anchor = "radio_model.model.patch_generator.embedder.weight"

// nanoConfig is the nano config.json as a tree that a test can change.
func nanoConfig(t testing.TB) map[string]any {
	data, err := SyntheticConfig("nano")
	require.NoError(t, err)
	var tree map[string]any
	require.NoError(t, json.Unmarshal(data, &tree))
	return tree
}

// set changes a field by its path.
func set(tree map[string]any, path string, value any) {
	parts := strings.Split(path, ".")
	for _, p := range parts[:len(parts)-1] {
		tree = tree[p].(map[string]any)
	}
	tree[parts[len(parts)-1]] = value
}

func parse(t testing.TB, tree map[string]any) (*Config, error) {
	data, err := json.Marshal(tree)
	require.NoError(t, err)
	return ParseConfig(data)
}

// tampered is a source in which some tensors are gone, renamed or added.
type tampered struct {
	loader.Source
	gone    []string
	renamed map[string]string // new name to old
	idxs    []int64
}

func (s tampered) Names() []string {
	var names []string
	for _, n := range s.Source.Names() {
		if !slices.Contains(s.gone, n) {
			names = append(names, n)
		}
	}
	for n := range s.renamed {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

func (s tampered) Lookup(name string) (loader.Info, bool) {
	if slices.Contains(s.gone, name) {
		return loader.Info{}, false
	}
	if old, ok := s.renamed[name]; ok {
		name = old
	}
	return s.Source.Lookup(name)
}

func (s tampered) Check(name string, shape ...int) error {
	if slices.Contains(s.gone, name) {
		return &loader.Error{File: "x", Item: name, Err: loader.ErrMissing}
	}
	if old, ok := s.renamed[name]; ok {
		name = old
	}
	return s.Source.Check(name, shape...)
}

func (s tampered) Int64(name string, shape ...int) ([]int64, error) {
	if s.idxs != nil {
		return s.idxs, nil
	}
	return s.Source.Int64(name, shape...)
}

// hubModel is the nano checkpoint of the hub's layout, tampered with.
func hubModel(t *testing.T, change func(s *tampered, tree map[string]any)) (*Model, error) {
	src, err := loader.OpenFolder(filepath.Join(checkpoints, "hub"))
	require.NoError(t, err)
	data, err := os.ReadFile(filepath.Join(checkpoints, "hub", "config.json"))
	require.NoError(t, err)
	var tree map[string]any
	require.NoError(t, json.Unmarshal(data, &tree))
	s := tampered{Source: src, renamed: map[string]string{}}
	change(&s, tree)
	c, err := parse(t, tree)
	require.NoError(t, err)
	m, err := New(c, s, Options{Log: slog.New(slog.DiscardHandler)})
	if err == nil {
		t.Cleanup(func() { m.Close() })
	}
	return m, err
}

func TestCheckpointMustFit(t *testing.T) {
	const vit = "radio_model.model."
	for _, c := range []struct {
		name   string
		change func(s *tampered, tree map[string]any)
		want   []string
	}{
		{"missing", func(s *tampered, _ map[string]any) {
			s.gone = []string{vit + "blocks.1.norm1.weight", vit + "blocks.2.attn.qkv.bias"}
		}, []string{"2 tensors missing, 0 wrong, 0 that the model does not use", "missing: x", vit + "blocks.1.norm1.weight", vit + "blocks.2.attn.qkv.bias"}},
		{"fewer blocks", func(_ *tampered, tree map[string]any) { set(tree, "args.model_kwargs.depth", 2) },
			[]string{"0 tensors missing, 0 wrong, 12 that the model does not use", "unused: " + vit + "blocks.2.attn.proj.bias", "number of blocks differs"}},
		{"more blocks", func(_ *tampered, tree map[string]any) { set(tree, "args.model_kwargs.depth", 4) },
			[]string{"12 tensors missing", vit + "blocks.3.attn.qkv.weight", "missing: and 4 more", "number of blocks differs"}},
		{"another table", func(_ *tampered, tree map[string]any) { set(tree, "args.cpe_max_size", 256) },
			[]string{"1 wrong", vit + "patch_generator.pos_embed", "(1, 256, 64)", "(1, 64, 64)", "another variant"}},
		{"no LayerScale", func(_ *tampered, tree map[string]any) { set(tree, "args.model", "vit_base_patch16_v2_224") },
			[]string{"6 tensors missing", "ls1.grandma", "the checkpoint has none"}},
		{"unnamed adaptor", func(_ *tampered, tree map[string]any) {
			tree["adaptor_names"] = []any{"clip"}
			delete(tree["adaptor_configs"].(map[string]any), "sam")
		}, []string{"that the model does not use", "adaptors.sam", "adaptor_names of config.json does not name"}},
		{"unknown tensor", func(s *tampered, _ map[string]any) { s.renamed["surprise"] = vit + "patch_generator.pos_embed" },
			[]string{"unused: surprise"}},
		{"another model", func(s *tampered, _ map[string]any) { s.gone = []string{anchor} }, []string{"has no tensor", "is it another model?"}},
		{"two models", func(s *tampered, _ map[string]any) { s.renamed["teacher."+anchor] = anchor }, []string{"holds 2 RADIO models"}},
		{"summary out of range", func(s *tampered, _ map[string]any) { s.idxs = []int64{0, 1, 7} }, []string{"summary_idxs has 7, but there are only 4 class tokens"}},
		{"negative summary", func(s *tampered, _ map[string]any) { s.idxs = []int64{0, -1, 2} }, []string{"summary_idxs[1] is -1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := hubModel(t, c.change)
			for _, want := range c.want {
				require.ErrorContains(t, err, want)
			}
		})
	}
}

func TestCheckpointQuirks(t *testing.T) {
	x := pattern(1, 32, 32)
	m, err := hubModel(t, func(*tampered, map[string]any) {})
	require.NoError(t, err)
	want := forward(t, m, x, Request{})

	// Upstream's unused register token is ignored.
	m, err = hubModel(t, func(s *tampered, _ map[string]any) { s.renamed["radio_model.model.reg_token"] = anchor })
	require.NoError(t, err)
	require.Equal(t, want.Summary.Data(), forward(t, m, x, Request{}).Summary.Data())

	// The checkpoint's summary_idxs come first.
	m, err = hubModel(t, func(s *tampered, _ map[string]any) { s.idxs = []int64{2, 0, 1} })
	require.NoError(t, err)
	got := forward(t, m, x, Request{}).Summary.Float32s()
	require.Equal(t, want.Summary.Float32s()[2*64:], got[:64])
}

func TestOpenFolders(t *testing.T) {
	x := pattern(1, 48, 32)
	var want *Output
	for _, name := range []string{"hub", "hub-sharded", "vlm-prefix"} {
		m, err := Open(context.Background(), filepath.Join(checkpoints, name), Options{})
		require.NoError(t, err, name)
		require.False(t, m.Synthetic())
		out := forward(t, m, x, Request{Adaptors: []string{"clip", "sam"}})
		if want == nil {
			want = out
		}
		require.Equal(t, want.Summary.Data(), out.Summary.Data(), name)
		require.Equal(t, want.Adaptors["sam"].Features.Data(), out.Adaptors["sam"].Features.Data(), name)
		require.NoError(t, m.Close())
	}
}

// One model in every layout: the same numbers come out.
func TestOpenEveryLayout(t *testing.T) {
	x := pattern(1, 48, 32)
	var want *Output
	for name, layout := range map[string]string{
		"":           "hub", // the first
		"vlm-prefix": `hub, under "vision_model."`, "torchhub/nano.pth.tar": "torch hub", "hub/model.safetensors": "hub",
		"hub-sharded/model.safetensors.index.json": "hub",
	} {
		if name == "" {
			name = "hub"
		}
		m, err := Open(context.Background(), filepath.Join(checkpoints, filepath.FromSlash(name)), Options{})
		require.NoError(t, err, name)
		require.Equal(t, layout, m.Layout())
		require.True(t, m.Config().AlignCorners)
		out := forward(t, m, x, Request{Adaptors: []string{"clip", "sam"}})
		if want == nil {
			want = out
		}
		require.Equal(t, want.Summary.Data(), out.Summary.Data(), name)
		for _, a := range []string{"clip", "sam"} {
			require.Equal(t, want.Adaptors[a].Summary.Data(), out.Adaptors[a].Summary.Data(), name)
			require.Equal(t, want.Adaptors[a].Features.Data(), out.Adaptors[a].Features.Data(), name)
		}
		require.NoError(t, m.Close())
	}
}

// A torch hub file says of its model what the hub's config.json does.
func TestTorchHubConfig(t *testing.T) {
	hub, err := Open(context.Background(), filepath.Join(checkpoints, "hub"), Options{})
	require.NoError(t, err)
	defer hub.Close()
	for _, name := range []string{"nano.pth.tar", "nano_half.pth.tar"} {
		m, err := Open(context.Background(), filepath.Join(checkpoints, "torchhub", name), Options{})
		require.NoError(t, err)
		want, got := hub.Config(), m.Config()
		require.Contains(t, got.Ignored, "args.amp")
		want.Ignored, got.Ignored = nil, nil
		// These a torch hub file does not say.
		want.Version, want.AlignFrom, want.MaxResolution, want.PreferredResolution = got.Version, got.AlignFrom, got.MaxResolution, got.PreferredResolution
		require.Equal(t, want, got, name)
		require.NoError(t, m.Close())
	}
}

// A checkpoint's own schedule of windows is taken where none is asked for.
func TestScheduleOfTheCheckpoint(t *testing.T) {
	tree := nanoConfig(t)
	set(tree, "args.vitdet_num_global", 1)
	c, err := parse(t, tree)
	require.NoError(t, err)
	for _, x := range []struct {
		asked  ViTDet
		period int
	}{{ViTDet{Window: 2}, 3}, {ViTDet{Window: 2, NumWindowed: 1}, 2}, {ViTDet{}, 0}} {
		m, err := New(c, loader.NewSynthetic(""), Options{ViTDet: x.asked})
		require.NoError(t, err)
		require.Equal(t, x.period, m.net.windows.period)
		require.NoError(t, m.Close())
	}
}

func TestOpenRefuses(t *testing.T) {
	empty := t.TempDir()
	broken := t.TempDir()
	data, err := SyntheticConfig("nano")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(broken, "config.json"), data, 0o600))
	truncated := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(truncated, "config.json"), data, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(truncated, "model.safetensors"), []byte{1, 2, 3}, 0o600))
	for path, want := range map[string]string{
		"synthetic:Q":                          `no synthetic model "Q"; there are B, H, L, g, nano`,
		"nowhere":                              "model nowhere: no such file or folder; give the folder of a checkpoint",
		"open.go":                              "open.go: want safetensors, or what torch.save writes, found",
		empty:                                  "config.json",
		broken:                                 "model.safetensors",
		truncated:                              "model.safetensors",
		filepath.Join(checkpoints, "torchhub"): `2 PyTorch files: "nano.pth.tar", "nano_half.pth.tar"; give the path of the one that is meant`,
	} {
		_, err := Open(context.Background(), path, Options{})
		require.ErrorContains(t, err, want, path)
	}
	_, err = Open(context.Background(), empty, Options{})
	require.True(t, errors.Is(err, os.ErrNotExist))
}
