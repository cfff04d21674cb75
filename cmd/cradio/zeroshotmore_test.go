package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cradio/loader"

	"github.com/stretchr/testify/require"
)

// wideFeatures is the checkpoint adaptors, with features of its adaptor clip as wide as its summary:
// the first 40 rows of the last layer. of, if not empty, is put into args.teachers of clip.
func wideFeatures(t *testing.T, of map[string]any) string {
	t.Helper()
	dir := t.TempDir()
	f, err := loader.OpenFile(filepath.Join(adaptors, "model.safetensors"))
	require.NoError(t, err)
	defer f.Close()
	var tensors []loader.Tensor
	for _, name := range f.Names() {
		info, _ := f.Lookup(name)
		raw, err := f.Bytes(name)
		require.NoError(t, err)
		if strings.Contains(name, "clip.feat_mlp.final.2.") {
			raw = raw[:len(raw)/48*40]
			info.Shape = slices.Clone(info.Shape)
			info.Shape[0] = 40
		}
		tensors = append(tensors, loader.Tensor{Name: name, DType: info.DType, Shape: info.Shape, Data: loader.ByteData(raw)})
	}
	require.NoError(t, loader.Write(filepath.Join(dir, "model.safetensors"), tensors, nil))
	var config map[string]any
	require.NoError(t, json.Unmarshal(read(t, filepath.Join(adaptors, "config.json")), &config))
	config["adaptor_configs"].(map[string]any)["clip"].(map[string]any)["feature"].(map[string]any)["output_dim"] = 40
	for key, v := range of {
		config["args"].(map[string]any)["teachers"].([]any)[0].(map[string]any)[key] = v
	}
	text, err := json.Marshal(config)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "config.json"), text, 0o644))
	return dir
}

// With --dense each patch has its best label.
func TestZeroshotDense(t *testing.T) {
	model := wideFeatures(t, nil)
	args := []string{"zeroshot", picture("chelsea.jpg"), "-m", model, "--text", "synthetic:40", "--labels", "cat,dog,sky", "--dense"}
	out := filepath.Join(t.TempDir(), "labels.png")
	o := cradio(append(args, "--out", out, "--json")...)
	o.succeeds(t)
	var report denseJSON
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &report))
	require.Equal(t, []string{"cat", "dog", "sky"}, report.Labels)
	require.Len(t, report.Images, 1)
	require.NotEmpty(t, report.Images[0].Best)
	for _, row := range report.Images[0].Best {
		require.Len(t, row, len(report.Images[0].Best[0]))
		for _, label := range row {
			require.True(t, label >= 0 && label < 3)
		}
	}
	require.Contains(t, o.stderr, "labels.png: ")
	require.Equal(t, "\x89PNG", string(read(t, out)[:4]))

	many := filepath.Join(t.TempDir(), "many") + string(filepath.Separator)
	cradio(append(args, picture("gray.jpg"), "--out", many)...).succeeds(t)
	require.Equal(t, []string{"chelsea.labels.png", "gray.labels.png"}, left(t, many))

	for want, bad := range map[string][]string{
		"--out is missing":              args,
		"must end in .png":              append(args, "--out", "x.jpg"),
		"--labelled and --dense":        append(args, "--labelled"),
		"--out and --smooth belong to ": {"zeroshot", picture("gray.jpg"), "--labels", "a", "--smooth"},
		"the spatial features of adaptor clip have 48 elements, its texts 40": {
			"zeroshot", picture("gray.jpg"), "-m", adaptors, "--text", "synthetic:40", "--labels", "a", "--dense", "--out", out},
	} {
		o := cradio(bad...)
		require.NotZero(t, o.code, want)
		require.Contains(t, o.stderr, want)
	}
}

// A set with a folder for each label.
func TestZeroshotLabelled(t *testing.T) {
	dir := t.TempDir()
	for name, from := range map[string]string{"tabby_cat/1.jpg": "chelsea.jpg", "tabby_cat/2.jpg": "odd-420.jpg", "grey/3.jpg": "gray.jpg"} {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, read(t, picture(from)), 0o644))
	}
	args := []string{"zeroshot", dir, "--labelled", "-m", adaptors, "--text", "synthetic:40"}
	o := cradio(append(args, "--json")...)
	o.succeeds(t)
	var report rightJSON
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &report))
	require.Equal(t, 3, report.Images)
	require.InDelta(t, 1, float64(report.Top5), 1e-9, "there are two labels")
	require.Len(t, report.Labels, 2)
	require.Equal(t, "tabby cat", report.Labels[1].Label)
	require.Equal(t, 2, report.Labels[1].Images)

	// The same by hand: whose best label is its own.
	right := 0
	for name, label := range map[string]string{"tabby_cat/1.jpg": "tabby cat", "tabby_cat/2.jpg": "tabby cat", "grey/3.jpg": "grey"} {
		o := cradio("zeroshot", filepath.Join(dir, name), "-m", adaptors, "--text", "synthetic:40", "--labels", "grey,tabby cat", "--top", "1")
		o.succeeds(t)
		if strings.Contains(o.stdout, ": "+label+" ") {
			right++
		}
	}
	require.InDelta(t, float64(right)/3, float64(report.Top1), 1e-6)

	o = cradio(append(args, "--labels", "a silver car,a sleeping cat")...)
	o.succeeds(t)
	require.Contains(t, o.stdout, "of 3 images, 2 labels")
	require.Contains(t, o.stdout, "a sleeping cat (2 images)", "labels in the order of the folders")

	for want, bad := range map[string][]string{
		`folder "grey" is none of the 3 labels, and there are 2 folders`: append(args, "--labels", "a,b,c"),
		`folder "grey" is none of the labels, but others are`:            append(args, "--labels", "a,tabby cat"),
		"want one set": append(args, dir),
		"has no folders: want one for each class": {"zeroshot", filepath.Join(dir, "grey"), "--labelled", "-m", adaptors, "--text", "synthetic:40"},
	} {
		o := cradio(bad...)
		require.NotZero(t, o.code, want)
		require.Contains(t, o.stderr, want)
	}
}

// A classifier is kept, and used in place of the tower.
func TestZeroshotClassifier(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.safetensors")
	base := []string{"zeroshot", picture("chelsea.jpg"), "-m", adaptors, "--classifier", path}
	with := func(more ...string) []string { return append(slices.Clone(base), more...) }
	first := cradio(with("--text", "synthetic:40", "--labels", "cat,dog")...)
	first.succeeds(t)
	require.Contains(t, first.stderr, "c.safetensors: a classifier of 2 labels")
	for _, again := range [][]string{base, with("--labels", "cat,dog"), with("--text", "synthetic:40"), with("--templates", "simple")} {
		o := cradio(again...)
		o.succeeds(t)
		require.Equal(t, first.stdout, o.stdout)
	}
	for want, bad := range map[string][]string{
		`it is of other classes: class 2 was "dog", and is "cow" now`: with("--labels", "cat,cow"),
		"it is of 7 templates, not of 80":                             with("--labels", "cat,dog", "--templates", "openai"),
		"it was made in float32, not in bfloat16":                     with("--text", "synthetic:40", "--dtype", "bfloat16"),
		"it was made by another text tower":                           with("--text", smallTower(t)),
		"must end in .safetensors":                                    {"zeroshot", picture("gray.jpg"), "--classifier", "x", "--labels", "a"},
		"--labels is missing":                                         {"zeroshot", picture("gray.jpg"), "--classifier", "none.safetensors"},
	} {
		o := cradio(bad...)
		require.NotZero(t, o.code, want)
		require.Contains(t, o.stderr, want)
	}
	require.NoError(t, os.WriteFile(path, read(t, filepath.Join(adaptors, "model.safetensors")), 0o644))
	o := cradio(base...)
	require.NotZero(t, o.code)
	require.Contains(t, o.stderr, "this is no classifier")
}

// smallTower is a folder with a text tower of CLIP's kind, whose embeddings have 40 elements.
func smallTower(t *testing.T) string {
	t.Helper()
	const width, embed, vocabulary = 8, 40, 49408
	dir := t.TempDir()
	synthetic := loader.NewSynthetic("")
	var tensors []loader.Tensor
	add := func(name string, shape ...int) {
		values, err := synthetic.Float32("text."+name, shape...)
		require.NoError(t, err)
		tensors = append(tensors, loader.Tensor{Name: name, DType: loader.F32, Shape: shape, Data: loader.Float32Data(values)})
	}
	add("token_embedding.weight", vocabulary, width)
	add("positional_embedding", 77, width)
	add("text_projection", width, embed)
	add("logit_scale")
	for _, norm := range []string{"ln_final.", "transformer.resblocks.0.ln_1.", "transformer.resblocks.0.ln_2."} {
		add(norm+"weight", width)
		add(norm+"bias", width)
	}
	for name, rows := range map[string][2]int{"attn.in_proj_": {3 * width, width}, "attn.out_proj.": {width, width}, "mlp.c_fc.": {4 * width, width}, "mlp.c_proj.": {width, 4 * width}} {
		add("transformer.resblocks.0."+name+"weight", rows[0], rows[1])
		add("transformer.resblocks.0."+name+"bias", rows[0])
	}
	require.NoError(t, loader.Write(filepath.Join(dir, "open_clip_model.safetensors"), tensors, nil))
	config := `{"model_cfg": {"embed_dim": 40, "quick_gelu": true, "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 8, "heads": 1, "layers": 1}}}`
	require.NoError(t, os.WriteFile(filepath.Join(dir, "open_clip_config.json"), []byte(config), 0o644))
	return dir
}

// A tower that cannot be that of the adaptor's teacher.
func TestZeroshotTeacher(t *testing.T) {
	model := wideFeatures(t, map[string]any{"type": "open_clip", "model": "ViT-H-14-378-quickgelu", "pretrained": "dfn5b"})
	args := []string{"zeroshot", picture("gray.jpg"), "-m", model, "--text", smallTower(t), "--labels", "a,b"}
	o := cradio(args...)
	require.NotZero(t, o.code)
	require.Contains(t, o.stderr, "this text tower is not that of the teacher of adaptor clip, open_clip ViT-H-14-378-quickgelu, which has embeddings of 1024 elements, not of 40: use apple/DFN5B-CLIP-ViT-H-14-378; --other-tower uses it all the same")
	cradio(append(args, "--other-tower")...).succeeds(t)

	small := "../../conformance/text/checkpoints/open-clip-clip"
	o = cradio("zeroshot", picture("gray.jpg"), "-m", model, "--text", small, "--labels", "a")
	require.NotZero(t, o.code)
	require.Contains(t, o.stderr, "the vocabulary has 49408 tokens, the tower 160")
}
