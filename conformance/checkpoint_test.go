package conformance_test

import (
	"os"
	"path/filepath"
	"testing"

	"cradio/conformance"

	"github.com/stretchr/testify/require"
)

// part returns a new folder with some of the project's files, and its manifest.
func part(t *testing.T, files ...string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for _, f := range append(files, "MANIFEST.json") {
		data, err := os.ReadFile(filepath.FromSlash(f))
		require.NoError(t, err)
		to := filepath.Join(dir, filepath.FromSlash(f))
		require.NoError(t, os.MkdirAll(filepath.Dir(to), 0o700))
		require.NoError(t, os.WriteFile(to, data, 0o600))
	}
	return dir
}

// A half-precision checkpoint without a bundle of its outputs is compared with our own
// float64 run on its weights, with estimated limits.
func TestRoundedCheckpoint(t *testing.T) {
	dir := part(t, "nano/adaptors-48x96.safetensors.gz",
		"checkpoints/hub-float16/config.json", "checkpoints/hub-float16/model.safetensors")
	r := check(t, dir, conformance.Options{Filter: "checkpoints/"})
	require.Len(t, r.Tensors, 14)
	for _, x := range r.Tensors {
		require.True(t, x.Baseline.Estimated)
	}
	require.NotEmpty(t, r.Missing)
}

func TestCheckpointOfNoBundle(t *testing.T) {
	dir := part(t, "nano/base-16x16.safetensors.gz",
		"checkpoints/hub/config.json", "checkpoints/hub/model.safetensors")
	r := runFolder(t, dir)
	require.Len(t, r.Failures, 1)
	require.Contains(t, r.Failures[0].Reason, "no bundle has the outputs of this model")
}

// A torch hub file is identified by its name, and by its contents.
func TestTorchHubOfNoBundle(t *testing.T) {
	dir := part(t, "nano/base-48x96.safetensors.gz", "nano/base-48x96-noalign.safetensors.gz", "checkpoints/torchhub/nano.pth.tar")
	r := runFolder(t, dir)
	require.Len(t, r.Failures, 1)
	require.Equal(t, "checkpoints/torchhub/nano.pth.tar", r.Failures[0].Bundle)
	require.Contains(t, r.Failures[0].Reason, "no bundle has the outputs of this model")
}

// A torch hub file that is truncated anywhere fails. The failure names it, and other bundles run.
func TestTorchHubCutShort(t *testing.T) {
	whole, err := os.ReadFile("checkpoints/torchhub/nano.pth.tar")
	require.NoError(t, err)
	for _, n := range []int{0, 1, 100, len(whole) / 2, len(whole) - 1} {
		dir := part(t, "nano/adaptors-48x96.safetensors.gz", "checkpoints/torchhub/nano_half.pth.tar")
		require.NoError(t, os.WriteFile(filepath.Join(dir, "checkpoints", "torchhub", "nano.pth.tar"), whole[:n], 0o600))
		r := runFolder(t, dir)
		require.Len(t, r.Failures, 1, n)
		require.Equal(t, "checkpoints/torchhub/nano.pth.tar", r.Failures[0].Bundle)
		require.Contains(t, r.Failures[0].Reason, "nano.pth.tar: ")
		require.Greater(t, len(r.Tensors), 14)
	}
}

// A folder without its weights fails with an error about them.
func TestCheckpointWithoutWeights(t *testing.T) {
	dir := part(t, "nano/adaptors-48x96.safetensors.gz", "checkpoints/hub/config.json")
	r := runFolder(t, dir)
	require.Len(t, r.Failures, 1)
	require.Contains(t, r.Failures[0].Reason, "model.safetensors")
}
