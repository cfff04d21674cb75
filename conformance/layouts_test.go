package conformance_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cradio/conformance"
	"cradio/radio"

	"github.com/stretchr/testify/require"
)

// layouts holds the layouts of the project's checkpoints, by name.
var layouts = map[string]string{
	"hub": "hub", "hub-sharded": "hub", "hub-bfloat16": "hub", "hub-float16": "hub",
	"vlm-prefix":                     `hub, under "vision_model."`,
	"vlm-config":                     `hub, under "vision_model.", config in vision_config`,
	"torchhub/nano.pth.tar":          "torch hub",
	"torchhub/nano_half.pth.tar":     "torch hub",
	"spectral/nano_spectral.pth.tar": "torch hub",
	"native":                         "transformers, tensors named as in the hub's",
	"native-modules":                 "transformers",
}

// Every layout is within the limits, in every precision that has limits. The report names the
// layouts.
func TestCheckpoints(t *testing.T) {
	for _, dtype := range []radio.DType{radio.Float32, radio.Float64, radio.BFloat16, radio.Int8} {
		r := check(t, ".", conformance.Options{Filter: "checkpoints/", DType: dtype})
		seen := map[string]string{}
		for _, c := range r.Checkpoints {
			seen[strings.TrimPrefix(c.Checkpoint, "checkpoints/")] = c.Layout
		}
		require.Equal(t, layouts, seen)
		compared := map[string]bool{}
		for _, x := range r.Tensors {
			compared[x.Bundle] = true
			require.Equal(t, dtype != radio.Int8, x.Baseline != nil && !x.Baseline.Estimated, "%s %s", x.Bundle, x.Name)
		}
		for _, c := range r.Checkpoints {
			require.True(t, compared[c.Bundle], c.Bundle)
		}
		for _, s := range r.Skipped {
			require.Contains(t, s.Reason, "compared by checkpoints/")
		}
	}
}

// copied returns a new folder with parts of the project's, under other names, and a manifest.
// from maps the old names to the new ones.
func copied(t *testing.T, from map[string]string) (dir string) {
	t.Helper()
	dir = part(t)
	for at, to := range from {
		source, err := os.Stat(filepath.FromSlash(at))
		require.NoError(t, err)
		to = filepath.Join(dir, filepath.FromSlash(to))
		if source.IsDir() {
			require.NoError(t, os.CopyFS(to, os.DirFS(filepath.FromSlash(at))))
			continue
		}
		data, err := fs.ReadFile(os.DirFS("."), at)
		require.NoError(t, err)
		require.NoError(t, os.MkdirAll(filepath.Dir(to), 0o700))
		require.NoError(t, os.WriteFile(to, data, 0o600))
	}
	return dir
}

// The bundle of a checkpoint is the one with its architecture and weights, whatever the paths
// and names of both.
func TestBundleIsFoundByWhatTheCheckpointHolds(t *testing.T) {
	dir := copied(t, map[string]string{
		"nano/adaptors-48x96.safetensors.gz": "nano/adaptors-48x96.safetensors.gz", "nano/base-48x96.safetensors.gz": "nano/base-48x96.safetensors.gz",
		"checkpoints/torchhub/nano.pth.tar":              "y/epoch_12.pth.tar",
		"checkpoints/torchhub/nano_half.pth.tar":         "y/nano.pth.tar",
		"checkpoints/spectral/nano_spectral.pth.tar":     "checkpoints/spectral/nano_spectral.pth.tar",
		"checkpoints/spectral-outputs.safetensors":       "checkpoints/spectral-outputs.safetensors",
		"checkpoints/native-modules-outputs.safetensors": "checkpoints/native-modules-outputs.safetensors",
		"checkpoints/native-modules":                     "checkpoints/native-modules",
	})
	require.NoError(t, os.CopyFS(filepath.Join(dir, "again"), os.DirFS(filepath.Join(dir, "checkpoints", "native-modules"))))
	require.NoError(t, os.CopyFS(filepath.Join(dir, "trained"), os.DirFS(filepath.Join(dir, "checkpoints", "spectral"))))
	r := check(t, dir, conformance.Options{})
	tensors := map[string]int{}
	for _, x := range r.Tensors {
		tensors[x.Bundle]++
		require.Equal(t, x.Bundle == "y/nano.pth.tar", x.Baseline.Estimated, "%s %s", x.Bundle, x.Name)
	}
	require.Equal(t, tensors["checkpoints/native-modules-outputs"], tensors["again"])
	require.Equal(t, tensors["checkpoints/spectral-outputs"], tensors["trained/nano_spectral.pth.tar"])
	require.Positive(t, tensors["again"]*tensors["trained/nano_spectral.pth.tar"])
	require.Equal(t, 14, tensors["y/nano.pth.tar"])
	require.Greater(t, tensors["y/epoch_12.pth.tar"], 14)
}

// A checkpoint also runs alone, if the filter excludes its bundle.
func TestCheckpointAlone(t *testing.T) {
	r := check(t, ".", conformance.Options{Filter: "torchhub/"})
	require.Empty(t, r.Skipped)
	marked := map[string]bool{}
	for _, x := range r.Tensors {
		marked[x.Bundle] = !x.Baseline.Estimated
	}
	require.Equal(t, map[string]bool{"checkpoints/torchhub/nano.pth.tar": true, "checkpoints/torchhub/nano_half.pth.tar": true}, marked)
}

// A folder of the hub may also hold a torch hub file. Both are checked.
func TestBothLayoutsInOneFolder(t *testing.T) {
	dir := copied(t, map[string]string{
		"nano/adaptors-48x96.safetensors.gz": "nano/adaptors-48x96.safetensors.gz", "checkpoints/hub": "both",
		"checkpoints/torchhub/nano.pth.tar": "both/nano.pth.tar",
	})
	r := check(t, dir, conformance.Options{Filter: "both"})
	require.Equal(t, []conformance.Checkpoint{
		{Bundle: "both", Checkpoint: "both", Layout: "hub"},
		{Bundle: "both/nano.pth.tar", Checkpoint: "both/nano.pth.tar", Layout: "torch hub"},
	}, r.Checkpoints)
}

// Files of other suites in the folder are skipped, with the reason.
func TestForeignFiles(t *testing.T) {
	dir := copied(t, map[string]string{"nano/base-16x16.safetensors.gz": "nano/base-16x16.safetensors.gz", "checkpoints/hub/model.safetensors": "text/tower.safetensors"})
	clip := filepath.Join(dir, "text", "clip")
	require.NoError(t, os.MkdirAll(clip, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(clip, "config.json"), []byte(`{"model_type": "clip", "projection_dim": 64}`), 0o600))
	r := check(t, dir, conformance.Options{})
	reasons := map[string]string{}
	for _, s := range r.Skipped {
		reasons[s.Bundle] = s.Reason
	}
	require.Equal(t, "a checkpoint of another model family", reasons["text/clip"])
	require.Contains(t, reasons["text/tower"], "MANIFEST.json does not list it")
	require.Len(t, reasons, 2)
}
