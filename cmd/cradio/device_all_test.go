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
	cradio(nano("embed", dir, "--device", "cuda:2")...).fails(t, exitError, "GPU 2: want one of 0 to 1")
	cradio(nano("embed", dir, "--device", "cpu:all")...).fails(t, exitError, "there is only one cpu")
}
