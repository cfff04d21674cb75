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
	// Every GPU is compared with PyTorch.
	o = cradio("conformance", "--device", "cuda:all", "--filter", "nano/base-48x96")
	o.succeeds(t)
	require.Regexp(t, `(?s)^cuda:0\n\n.*\ncuda:1\n\n`, o.stdout)
	cradio("conformance", "--device", "cuda:2").fails(t, exitError, "there is no GPU 2")
	cradio(nano("embed", dir, "--device", "cpu:all")...).fails(t, exitError, "there is only one cpu")
}
