package conformance_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cradio/conformance"
	"cradio/loader"
	"cradio/radio"

	"github.com/stretchr/testify/require"
)

// firstForm returns a folder with a RadioModel and PyTorch's outputs in float32, without
// reference tensors and errors.
func firstForm(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "radiomodel"))))
	require.NoError(t, os.CopyFS(filepath.Join(dir, "checkpoints", "native"), os.DirFS(filepath.Join("checkpoints", "native"))))
	return dir
}

// The reference of such a bundle is our own float64 run. The baseline is PyTorch's distance from it.
func TestNativeBundleOfTheFirstForm(t *testing.T) {
	dir := firstForm(t)
	for dtype, bound := range map[radio.DType]float64{radio.Float32: 1.25, radio.Float64: 0.2, radio.BFloat16: 1, radio.Int8: 0} {
		r := check(t, dir, conformance.Options{DType: dtype})
		require.Len(t, r.Tensors, 2)
		for _, x := range r.Tensors {
			require.Equal(t, "checkpoints/native-outputs", x.Bundle)
			require.LessOrEqual(t, x.Ratio, bound)
			require.Equal(t, dtype == radio.Int8, x.Baseline == nil)
			require.Equal(t, dtype == radio.BFloat16, x.Baseline != nil && x.Baseline.Estimated)
		}
		require.Equal(t, []conformance.Skip{{Bundle: "checkpoints/native", Reason: "already compared by checkpoints/native-outputs"}}, r.Skipped)
	}
}

// If the two compute different models, their distance is larger than a rounding error.
func TestNativeBundleOfAnotherModel(t *testing.T) {
	for name, c := range map[string]struct {
		change [2]string // in config.json
		want   string
	}{
		"other heads":           {[2]string{`"num_attention_heads": 2`, `"num_attention_heads": 4`}, "these are two different models"},
		"another table":         {[2]string{`"hidden_act"`, `"align_corners": true, "hidden_act"`}, "these are two different models"},
		"another LayerScale":    {[2]string{`"layerscale_value": 1.0`, `"layerscale_value": 1.00002`}, ""}, // not used: the file has the factors
		"a summary too few":     {[2]string{"\"summary_idxs\": [\n    0,\n    1,", "\"summary_idxs\": [\n    0,"}, ""},
		"another width":         {[2]string{`"hidden_size": 64`, `"hidden_size": 96`}, "patch_generator.embedder.weight"},
		"fewer blocks":          {[2]string{`"num_hidden_layers": 3`, `"num_hidden_layers": 2`}, "the number of blocks differs"},
		"an unknown activation": {[2]string{`"hidden_act": "gelu"`, `"hidden_act": "gelu_new"`}, "hidden_act"},
		"another model_type":    {[2]string{`"model_type": "radio"`, `"model_type": "radon"`}, `model_type "radon"`},
	} {
		t.Run(name, func(t *testing.T) {
			dir := firstForm(t)
			path := filepath.Join(dir, "checkpoints", "native", "config.json")
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			changed := strings.Replace(string(text), c.change[0], c.change[1], 1)
			require.NotEqual(t, string(text), changed)
			require.NoError(t, os.WriteFile(path, []byte(changed), 0o600))
			r := runFolder(t, dir)
			if c.want == "" {
				require.NoError(t, r.Err())
				return
			}
			require.Contains(t, reasons(r), c.want)
		})
	}
}

func reasons(r *conformance.Report) string {
	var lines []string
	for _, f := range r.Failures {
		lines = append(lines, f.String())
	}
	return strings.Join(lines, "\n")
}

func TestNativeBundleWithoutItsCheckpoint(t *testing.T) {
	dir := firstForm(t)
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "checkpoints", "native")))
	require.NoError(t, os.CopyFS(filepath.Join(dir, "checkpoints", "native"), os.DirFS(filepath.Join("checkpoints", "native-modules"))))
	r := runFolder(t, dir)
	require.Contains(t, reasons(r), "no checkpoint in the folder has the weights of its seed")
	require.Contains(t, reasons(r), "checkpoints/native: no bundle has the outputs of this model")
}

// rewrite writes the tensors of a safetensors file to several files, in bfloat16 or not, with a
// prefix and an index, like other programs do with native checkpoints.
func rewrite(t *testing.T, from, dir, prefix string, shards int, half bool) {
	t.Helper()
	f, err := loader.OpenFile(from)
	require.NoError(t, err)
	defer f.Close()
	parts := make([][]loader.Tensor, shards)
	where := map[string]string{}
	for i, n := range f.Names() {
		info, _ := f.Lookup(n)
		x := loader.Tensor{Name: prefix + n, DType: info.DType, Shape: info.Shape}
		if info.DType == loader.I64 {
			v, err := f.Int64(n, info.Shape...)
			require.NoError(t, err)
			x.Data = loader.Int64Data(v)
		} else {
			v, err := f.Float32(n, info.Shape...)
			require.NoError(t, err)
			x.Data = loader.Float32Data(v)
			if half {
				x.DType, x.Data = loader.BF16, loader.ByteData(bfloat16(v))
			}
		}
		parts[i%shards] = append(parts[i%shards], x)
		where[x.Name] = fmt.Sprintf("model-%05d-of-%05d.safetensors", i%shards+1, shards)
	}
	require.NoError(t, os.MkdirAll(dir, 0o700))
	if shards == 1 {
		require.NoError(t, loader.Write(filepath.Join(dir, "model.safetensors"), parts[0], nil))
		return
	}
	for i, p := range parts {
		require.NoError(t, loader.Write(filepath.Join(dir, fmt.Sprintf("model-%05d-of-%05d.safetensors", i+1, shards)), p, nil))
	}
	index, err := json.Marshal(map[string]any{"weight_map": where})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "model.safetensors.index.json"), index, 0o600))
}

// bfloat16 rounds to the nearest, ties to even.
func bfloat16(values []float32) []byte {
	var out []byte
	for _, v := range values {
		bits := math.Float32bits(v)
		bits += 1<<15 - 1 + bits>>16&1
		out = append(out, byte(bits>>16), byte(bits>>24))
	}
	return out
}

// A RadioModel in shards, inside a larger model, or in bfloat16 is the same model, with either set
// of names.
func TestNativeCheckpointsOfOtherForms(t *testing.T) {
	for _, name := range []string{"native", "native-modules"} {
		t.Run(name, func(t *testing.T) {
			from := filepath.Join("checkpoints", name)
			outputs := from + "-outputs.safetensors"
			dir := copied(t, map[string]string{filepath.ToSlash(from): filepath.ToSlash(from), filepath.ToSlash(outputs): filepath.ToSlash(outputs)})
			config, err := os.ReadFile(filepath.Join(from, "config.json"))
			require.NoError(t, err)
			nested := fmt.Sprintf(`{"model_type": "vlm", "vision_config": %s}`, config)
			for form, c := range map[string]struct {
				config, prefix string
				shards         int
				half           bool
			}{
				"sharded": {string(config), "", 3, false}, "tower": {nested, "model.vision_tower.", 2, false}, "half": {string(config), "", 1, true},
			} {
				to := filepath.Join(dir, form)
				rewrite(t, filepath.Join(from, "model.safetensors"), to, c.prefix, c.shards, c.half)
				require.NoError(t, os.WriteFile(filepath.Join(to, "config.json"), []byte(c.config), 0o600))
			}
			s, err := conformance.Open(dir)
			require.NoError(t, err)
			r, err := s.Run(context.Background(), conformance.Options{})
			require.NoError(t, err)
			require.NoError(t, r.Err())
			estimated := map[string]bool{}
			for _, x := range r.Tensors {
				estimated[x.Bundle] = x.Baseline.Estimated
			}
			require.Equal(t, map[string]bool{"checkpoints/" + name + "-outputs": false, "sharded": false, "tower": false, "half": true}, estimated)
		})
	}
}
