//go:build nvidia && cudasim && linux && cgo && (amd64 || arm64)

package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// Commands compute on the device cuda what they compute on the CPU, through gorgonia.org/cu on an
// emulated driver.
func TestDeviceCUDA(t *testing.T) {
	summary := func(device string) []float64 {
		o := cradio(nano("embed", picture("gray.jpg"), "-s", "48", "--json", "--device", device)...)
		o.succeeds(t)
		var found struct{ Summary []float64 }
		require.NoError(t, json.Unmarshal([]byte(o.stdout), &found))
		require.NotEmpty(t, found.Summary)
		return found.Summary
	}
	requireSimilar(t, summary("cpu"), summary("cuda"))
	text := func(device string) []float64 {
		o := cradio("text", file(t, "line.txt", []byte("a photo of a tabby cat\n")), "--text", "synthetic:40", "--device", device)
		o.succeeds(t)
		var found struct{ Embedding []float64 }
		require.NoError(t, json.Unmarshal([]byte(o.stdout), &found))
		return found.Embedding
	}
	requireSimilar(t, text("cpu"), text("cuda"))
	o := cradio("info", "-m", "synthetic:nano", "-s", "48", "--plan", "--device", "cuda")
	o.succeeds(t)
	require.Contains(t, o.stdout, "emulator, compute capability 8.0")
	require.Regexp(t, `(?m)^\d+ +attention_f32 +`, o.stdout, "the launches")
	t.Setenv("CRADIO_EMULATED_GPUS", "1:90:132") // as an H200
	o = cradio("info", "-m", "synthetic:B", "-s", "224", "--dtype", "bfloat16", "--plan", "--device", "cuda")
	o.succeeds(t)
	require.Contains(t, o.stdout, "emulator, compute capability 9.0, 132 multiprocessors")
	require.Contains(t, o.stdout, "\n12        hopper_128x64_f32          96      384      230016  24×4   0.73   blocks.0\n")
	t.Setenv("CRADIO_EMULATED_GPUS", "")
	cradio(nano("embed", picture("gray.jpg"), "--device", "cuda:1")...).fails(t, exitError, "there is no GPU 1: the only one is cuda:0")
}

// requireSimilar checks that two devices compute the same, and that there are two: they round differently.
func requireSimilar(t *testing.T, want, got []float64) {
	t.Helper()
	require.NotEmpty(t, want)
	require.Len(t, got, len(want))
	off, size := 0.0, 0.0
	for i := range want {
		off += math.Pow(got[i]-want[i], 2)
		size += want[i] * want[i]
	}
	require.Less(t, math.Sqrt(off/size), 1e-5)
	require.NotZero(t, off)
}

// Training computes on the device cuda what it computes on the CPU: heads on features that are computed
// there, blocks of the model, classes of pixels and depths. It goes on from a checkpoint to the same bits.
func TestDeviceCUDATrains(t *testing.T) {
	dirs := map[string]string{"classify": shapes(t, "4"), "segment": t.TempDir(), "depth": t.TempDir()}
	cradio("eval", "generate", dirs["segment"], "--kind", "masks", "--each", "2", "--pixels", "32").succeeds(t)
	cradio("eval", "generate", dirs["depth"], "--kind", "depth", "--each", "2", "--pixels", "32").succeeds(t)
	train := func(device, out, task string, args ...string) trained {
		all := append([]string{task, dirs[task], "--out", out, "--batch", "3", "--epochs", "2", "--json", "--device", device}, args...)
		return parsed[trained](t, cradio(trainOnNano(all...)...))
	}
	for _, c := range [][]string{
		{"classify", "--head", "mlp", "--dropout", "0.1"},
		{"classify", "--blocks", "1", "--drop-path", "0.1", "--ema", "0.9", "--accumulate", "2", "--recompute"},
		{"segment"}, {"depth"},
	} {
		want, got := train("cpu", t.TempDir(), c[0], c[1:]...), train("cuda", t.TempDir(), c[0], c[1:]...)
		require.Positive(t, got.Steps, "%v", c)
		require.InEpsilon(t, float64(want.Loss), float64(got.Loss), 1e-4, "%v", c)
	}
	whole, stopped := filepath.Join(t.TempDir(), "whole"), filepath.Join(t.TempDir(), "stopped")
	train("cuda", whole, "classify", "--blocks", "1")
	train("cuda", stopped, "classify", "--blocks", "1", "--every-steps", "1")
	checkpoints, err := filepath.Glob(filepath.Join(stopped, "checkpoints", "*"))
	require.NoError(t, err)
	slices.Sort(checkpoints)
	require.Greater(t, len(checkpoints), 2)
	for _, last := range checkpoints[len(checkpoints)-2:] { // its description, and its tensors
		require.NoError(t, os.Remove(last))
	}
	train("cuda", stopped, "classify", "--blocks", "1", "--every-steps", "1", "--resume")
	const head = "head/head.safetensors"
	require.Equal(t, read(t, filepath.Join(whole, head)), read(t, filepath.Join(stopped, head)))
	cradio(onShapes("knn", dirs["classify"], "--test", "0.5", "-k", "1", "--device", "cuda")...).succeeds(t)
}
