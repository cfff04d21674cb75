package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"cradio/cpu"
	"cradio/graph"

	"github.com/stretchr/testify/require"
)

func TestInfo(t *testing.T) {
	o := cradio("info", "-m", "synthetic:nano", "-s", "48x64", "-b", "2", "--plan")
	o.succeeds(t)
	for _, want := range []string{
		"synthetic:nano, synthetic weights: the features carry no meaning",
		"3 of width 64, 2 heads of 32, MLP of 256",
		"At 48×64 pixels, batch 2, on ",
		"20: 3×4 patches and 8 more",
		"summary (2, 192), features (2, 12, 64)",
		"blocks.2.attn",
		" instructions, arena ",
	} {
		require.Contains(t, o.stdout, want)
	}
	cradio("info", "-m", "synthetic:nano", "-s", "48", "--device", "cpu").succeeds(t)
	cradio("info", "-m", "synthetic:nano", "--device", "abacus").fails(t, exitError, "--device abacus: not available in this program, must be one of: cpu")
	cradio("info", "-m", "synthetic:nano", "--device", "cpu:1").fails(t, exitError, "--device cpu:1: device is \"cpu:1\", and there is only one cpu: leave the number out")
	if !slices.Contains(graph.Devices(), "cuda") {
		cradio("info", "-m", "synthetic:nano", "--device", "cuda:1").fails(t, exitError,
			"--device cuda:1: this program was built without GPUs: build it with the tag nvidia (cuda/README.md says how), or choose cpu")
	}
	cradio("info", "-m", "synthetic:nano", "-b", "0").fails(t, exitError, "--batch 0")
	cradio("info", "-m", "synthetic:nano", "-s", "50").fails(t, exitError, "the nearest supported size is 48×48")
}

func TestInfoJSON(t *testing.T) {
	o := cradio("info", "-m", "../../conformance/checkpoints/hub", "-s", "64", "--json", "--plan")
	o.succeeds(t)
	var r infoReport
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &r))
	require.False(t, r.Synthetic)
	require.Equal(t, []string{"clip", "sam"}, r.Adaptors)
	require.Equal(t, 16+r.ClassTokens+r.Registers, r.Cost.Tokens)
	require.Equal(t, 4*r.Parameters, r.Cost.Weights)
	require.Positive(t, r.Cost.Arena)
	require.Contains(t, r.Plan, "blocks.0.attn")
}

// TestInfoOfPrecisions: narrower weights are smaller, and the plan says what is narrow.
func TestInfoOfPrecisions(t *testing.T) {
	packed := map[string]int{}
	for _, dtype := range []string{"bfloat16", "int8"} {
		o := cradio("info", "-m", "synthetic:nano", "-s", "64", "--json", "--plan", "--dtype", dtype)
		o.succeeds(t)
		var r infoReport
		require.NoError(t, json.Unmarshal([]byte(o.stdout), &r))
		require.Contains(t, r.Plan, "→"+dtype)
		packed[dtype] = r.Cost.Packed
	}
	require.Positive(t, packed["int8"])
	if level, _ := cpu.Choose(); level >= cpu.AVX2 { // plain keeps both as float32
		require.Less(t, packed["int8"], packed["bfloat16"])
	}
}

// TestInfoCountsWindows: operations are those of the program that runs, whatever its
// schedule of windows. Of three blocks one is global here, the last: 16 patches see one
// another and 8 prefix tokens, in the others windows of 2×2.
func TestInfoCountsWindows(t *testing.T) {
	const d, hidden, patches, tokens = 64, 256, int64(16), int64(24)
	linear := func(tokens int64) int64 { return 2 * tokens * d * (4*d + 2*hidden) }
	whole := infoOf(t, "-m", "synthetic:nano", "-s", "64").Cost.FLOPs
	require.Equal(t, 2*patches*768*d+3*(linear(tokens)+4*tokens*tokens*d), whole)

	dir := filepath.Join(t.TempDir(), "nano")
	cradio("synth", "nano", "--out", dir).succeeds(t)
	path := filepath.Join(dir, "config.json")
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	var config map[string]any
	require.NoError(t, json.Unmarshal(data, &config))
	args, ok := config["args"].(map[string]any)
	require.True(t, ok)
	args["vitdet_num_global"] = 1
	data, err = json.Marshal(config)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, data, 0o644))
	windows := infoOf(t, "-m", dir, "-s", "64", "--vitdet-window", "2").Cost.FLOPs
	require.Equal(t, 2*patches*768*d+2*(linear(patches)+4*patches*4*d)+linear(tokens)+4*tokens*tokens*d, windows)
}

// infoOf is what info says of a model.
func infoOf(t *testing.T, args ...string) (r infoReport) {
	t.Helper()
	o := cradio(append([]string{"info", "--json"}, args...)...)
	o.succeeds(t)
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &r))
	return r
}

func TestBytesText(t *testing.T) {
	require.Equal(t, "1.5 KiB", bytesText(1536))
	require.Equal(t, "374.7 MiB", bytesText(392_900_000))
}

// A plan for a GPU needs none, nor a build for GPUs.
func TestInfoGPU(t *testing.T) {
	o := cradio("info", "-m", "synthetic:B", "-s", "224", "--dtype", "bfloat16", "--gpu", "h200", "--plan")
	o.succeeds(t)
	require.Contains(t, o.stdout, "H200, compute capability 9.0, 132 multiprocessors")
	require.Contains(t, o.stdout, "\nlaunches  kernel")
	require.Contains(t, o.stdout, "\n12        hopper_128x64_f32          96      384      230016  24×4   0.73   blocks.0\n")
	o = cradio(nano("info", "--gpu", "7.5:40", "--json")...)
	o.succeeds(t)
	require.Contains(t, o.stdout, `"machine": "7.5:40, compute capability 7.5, 40 multiprocessors"`)
	cradio(nano("info", "--gpu", "A1000")...).fails(t, exitError, `--gpu: the GPU is "A1000", want one of A10, A100, `)
	cradio(nano("info", "--gpu", "A100", "--device", "cpu")...).fails(t, exitError, "leave out --device")
	cradio(nano("info", "--gpu", "T4", "--dtype", "bfloat16")...).fails(t, exitError, "T4 has compute capability 7.5, and bfloat16 needs 8.0")
}
