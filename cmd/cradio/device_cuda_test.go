//go:build nvidia && cudasim && linux && cgo && (amd64 || arm64)

package main

import (
	"encoding/json"
	"math"
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
	cradio(nano("embed", picture("gray.jpg"), "--device", "cuda:1")...).fails(t, exitError, "GPU 1: want one of 0 to 0")
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
