//go:build nvidia && cudasim && linux && cgo && (amd64 || arm64)

package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// All GPUs of a machine share the pictures of a folder: the file is that of one GPU, bit for bit.
func TestDeviceCUDAAll(t *testing.T) {
	t.Setenv("CRADIO_EMULATED_GPUS", "2")
	dir := shapes(t, "5")
	embed := func(device string) []byte {
		out := filepath.Join(t.TempDir(), "out.npy")
		cradio(nano("embed", dir, "-s", "48", "--batch", "3", "--out", out, "--device", device)...).succeeds(t)
		return read(t, out)
	}
	require.Equal(t, embed("cuda"), embed("cuda:all"))
	o := cradio("info", "-m", "synthetic:nano", "-s", "48", "--plan", "--device", "cuda:all")
	o.succeeds(t)
	require.Contains(t, o.stdout, "2 × emulator, compute capability 8.0")
	cradio(nano("embed", dir, "--device", "cuda:2")...).fails(t, exitError, "there is no GPU 2: choose one of cuda:0 to cuda:1, or cuda:all")
	// Speed says what was measured, and fails for no load of the machine.
	for device, want := range map[string]string{"cuda": "multiprocessors; with the copies", "cuda:all": "outputs from it; 4 passes at once"} {
		o = cradio("bench", "--case", "nano:32:1", "--rounds", "1", "--limit", "1s", "--device", device)
		o.succeeds(t)
		require.Contains(t, o.stdout, "on device "+device+" (")
		require.Contains(t, o.stdout, want)
		require.NotContains(t, o.stdout, "peak")
	}
	cradio("bench", "--device", "cuda:all", "--peers").fails(t, exitError, "measured on one GPU")
	cradio("bench", "--device", "cuda", "--peers", "--grad").fails(t, exitError, "only forward passes are compared")
	cradio("bench", "--device", "cuda", "--peers=torch").fails(t, exitError, `no peer "torch" on device cuda; the peers are torch-cuda`)
	// Batches whose gradients are added up are computed on both, to the same weights.
	train := func(device string, args ...string) (head []byte, said string) {
		out := filepath.Join(t.TempDir(), "run")
		all := append([]string{"classify", dir, "--out", out, "--batch", "2", "--epochs", "1", "--blocks", "1", "--drop-path", "0.1", "--device", device}, args...)
		o := cradio(trainOnNano(all...)...)
		o.succeeds(t)
		return read(t, filepath.Join(out, "head", "head.safetensors")), o.stderr
	}
	want, _ := train("cuda", "--accumulate", "2")
	got, said := train("cuda:all", "--accumulate", "2")
	require.Equal(t, want, got)
	require.NotContains(t, said, "steps run on the first")
	_, said = train("cuda:all")
	require.Contains(t, said, "steps run on the first of 2 devices")
	// Every GPU is compared with PyTorch.
	o = cradio("conformance", "--device", "cuda:all", "--filter", "nano/base-48x96")
	o.succeeds(t)
	require.Regexp(t, `(?s)^cuda:0\n\n.*\ncuda:1\n\n`, o.stdout)
	cradio("conformance", "--device", "cuda:2").fails(t, exitError, "there is no GPU 2")
	cradio(nano("embed", dir, "--device", "cpu:all")...).fails(t, exitError, "there is only one cpu")
}
