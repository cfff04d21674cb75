package conformance_test

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cradio/conformance"
	"cradio/radio"

	"github.com/stretchr/testify/require"
)

// Damaged bundles fail, with a message that describes the problem. Other bundles run.
func TestDamagedBundles(t *testing.T) {
	for name, c := range map[string]struct {
		change func(b *bundle)
		want   string
	}{
		"a value of the truth":   {func(b *bundle) { b.float("truth/block.1")[77] += 0.01 }, "times that of PyTorch"},
		"NaN in the truth":       {func(b *bundle) { b.float("truth/block.1")[7] = float32(math.NaN()) }, "the bundle is damaged"},
		"a tensor of no name":    {func(b *bundle) { b.rename("truth/final", "truth/finale") }, "no tensor of the model has this name"},
		"a block beyond":         {func(b *bundle) { b.rename("truth/block.1", "truth/block.9") }, `no tensor at path "blocks.9"`},
		"a part of no block":     {func(b *bundle) { b.rename("truth/block.1", "truth/block.1.what") }, `no tensor inside a block is called "what"`},
		"an adaptor beyond":      {func(b *bundle) { b.rename("truth/final", "truth/adaptor.x.summary") }, "the model has no such output"},
		"another shape":          {func(b *bundle) { b.reshape("truth/final", 2, 3*64, 3) }, "want [2 192 3] as in the reference"},
		"no pixels":              {func(b *bundle) { b.rename("pixels", "pixel") }, "is not a bundle"},
		"pixels of two channels": {func(b *bundle) { b.reshape("pixels", 3, 2, 16, 16) }, "want (B, 3, H, W)"},
		"pixels of another size": {func(b *bundle) { b.reshape("pixels", 2, 3, 8, 32) }, "multiple"},
		"no config":              {func(b *bundle) { delete(b.meta, "config") }, "metadata has no config"},
		"config of a number":     {func(b *bundle) { b.meta["config"] = "7" }, "config.json"},
		"a config of no model":   {func(b *bundle) { b.meta["config"] = `{"args": {"model": "resnet50"}}` }, "resnet50"},
		"a gigantic model": {func(b *bundle) {
			b.replace("config", `"depth": 3`, `"depth": 512, "mlp_ratio": 16`, `"embed_dim": 64`, `"embed_dim": 16384`)
		}, "parameters, want at most"},
		"metadata that is broken": {func(b *bundle) { b.meta["seed"] = "{" }, "metadata seed"},
		"windows of nothing":      {func(b *bundle) { b.meta["vitdet"] = `{"window": 0, "period": 2}` }, "want a window of at least 1"},
		"a period of one":         {func(b *bundle) { b.meta["vitdet"] = `{"window": 1, "period": 1}` }, "a period of at least 2"},
		"a call of no kind":       {func(b *bundle) { b.meta["calls"] = `[{"indices": 1, "aggregation": "thick"}]` }, "want sparse or dense"},
		"a call of no block":      {func(b *bundle) { b.meta["calls"] = `[{"indices": [7], "aggregation": "dense"}]` }, "block 7 does not exist"},
		"a call of other outputs": {func(b *bundle) { b.meta["calls"] = `[{"indices": [1], "aggregation": "dense", "outputs": 2}]` }, "has 1 outputs, want 2 as in the reference"},
		"a call without indices":  {func(b *bundle) { b.meta["calls"] = `[{"indices": "all"}]` }, "want a number or a list"},
		"a checkpoint elsewhere":  {func(b *bundle) { b.meta["checkpoint"] = `"../../etc"` }, "want the name of a folder or file next to the bundle"},
	} {
		t.Run(name, func(t *testing.T) {
			r := runFolder(t, copyOf(t, "nano/base-16x16", c.change))
			require.ErrorIs(t, r.Err(), conformance.ErrExceeded)
			var reasons []string
			for _, f := range r.Failures {
				reasons = append(reasons, f.String())
			}
			require.Contains(t, strings.Join(reasons, "\n"), c.want)
		})
	}
}

// A bundle that is not the file in the manifest fails, even if its errors are small.
func TestChecksum(t *testing.T) {
	dir := copyOf(t, "nano/base-16x16", func(*bundle) {})
	path := filepath.Join(dir, "MANIFEST.json")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, []byte(strings.Replace(string(text), `"bytes"`, `"sha256":"00","bytes"`, 1)), 0o600))
	r := runFolder(t, dir)
	require.Len(t, r.Failures, 1)
	require.Contains(t, r.Failures[0].Reason, "is not the file that MANIFEST.json describes")
}

func TestBadFolders(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"without a manifest":    {map[string]string{"a.txt": ""}, "MANIFEST.json: no such file"},
		"without bundles":       {map[string]string{"MANIFEST.json": "{}"}, "no bundles (*.safetensors) in this folder"},
		"manifest of no JSON":   {map[string]string{"MANIFEST.json": "nano"}, "want a JSON object from names of bundles"},
		"manifest of a list":    {map[string]string{"MANIFEST.json": "[1]"}, "want a JSON object from names of bundles"},
		"manifest with null":    {map[string]string{"MANIFEST.json": `{"a": null}`}, "a: is null"},
		"manifest of text":      {map[string]string{"MANIFEST.json": `{"a": {"torch_error": {"float32": {"x": {"rms": "small"}}}}}`}, "want a JSON object from names of bundles"},
		"an error below zero":   {map[string]string{"MANIFEST.json": `{"a": {"torch_error": {"float32": {"x": {"rms": -1}}}}}`}, "not negative"},
		"an int8 error below 0": {map[string]string{"MANIFEST.json": `{"a": {"onnxruntime_int8": {"x": {"max": -1}}}}`}, "a: onnxruntime_int8 of x is"},
		"a number out of range": {map[string]string{"MANIFEST.json": `{"a": {"torch_error": {"float32": {"x": {"rms": 1e999}}}}}`}, "want a JSON object from names of bundles"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for file, text := range c.files {
				require.NoError(t, os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600))
			}
			_, err := conformance.Open(dir)
			require.ErrorContains(t, err, c.want)
		})
	}
	_, err := conformance.Open(filepath.Join(t.TempDir(), "nowhere"))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = conformance.Find(t.TempDir())
	require.ErrorContains(t, err, "run inside the repository")
}

// Files that are not bundles fail. Other bundles run.
func TestJunkBesideBundles(t *testing.T) {
	dir := copyOf(t, "nano/base-16x16", func(*bundle) {})
	require.NoError(t, os.WriteFile(filepath.Join(dir, "junk.safetensors"), []byte("not a bundle"), 0o600))
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "empty"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "empty", "config.json"), []byte("{}"), 0o600))
	r := runFolder(t, dir)
	var names []string
	for _, f := range r.Failures {
		names = append(names, f.Bundle)
	}
	require.Equal(t, []string{"empty", "junk"}, names)
	require.NotEmpty(t, r.Tensors)
}

func TestBadOptions(t *testing.T) {
	s, err := conformance.Open(".")
	require.NoError(t, err)
	for want, opt := range map[string]conformance.Options{
		"machine tape computes only in float32 and float64, but dtype is bfloat16": {DType: radio.BFloat16, Machine: conformance.Tape},
		`dtype is "half"`:                           {DType: "half"},
		`machine is "abacus"`:                       {Machine: "abacus"},
		"threads is -1":                             {Threads: -1},
		"no such file or folder; give a checkpoint": {Model: "nowhere"},
		`no name contains "zzz"`:                    {Filter: "zzz"},
		"made from a real checkpoint":               {Filter: "nothing", Model: "."},
	} {
		_, err := s.Run(context.Background(), opt)
		if opt.Model == "." {
			require.ErrorIs(t, err, conformance.ErrNothing)
			continue
		}
		require.ErrorContains(t, err, want)
	}
	stopped, stop := context.WithCancel(context.Background())
	stop()
	_, err = s.Run(stopped, conformance.Options{})
	require.ErrorIs(t, err, context.Canceled)
}
