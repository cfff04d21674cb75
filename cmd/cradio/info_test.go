package main

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"testing"

	"cradio/cpu"
	"cradio/radio"

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

// TestFlopsOfViT: the formula against the published cost of ViT-B/16 at 224
// pixels, 17.58 billion multiply-adds (timm 1.0's results), which counts a
// classifier of 1000 more.
func TestFlopsOfViT(t *testing.T) {
	c := radio.Config{Width: 768, Depth: 12, Hidden: 3072, Patch: 16, NumClasses: 1}
	require.InEpsilon(t, 2*17.58e9, float64(flops(c, 224, 224)), 0.005)
	c.FeatureNormalizer = 768
	require.InEpsilon(t, 2*(17.58e9+196*768*768), float64(flops(c, 224, 224)), 0.005)
}

// TestWindowedBlocks: which blocks run in windows, against the compiled program.
func TestWindowedBlocks(t *testing.T) {
	ctx := context.Background()
	m, err := radio.Open(ctx, "synthetic:B", radio.Options{ViTDet: radio.ViTDet{Window: 2}})
	require.NoError(t, err)
	defer m.Close()
	plan, err := m.Plan(1, 64, 64, radio.Request{})
	require.NoError(t, err)
	c := m.Config()
	for i := range c.Depth {
		// Four windows of 2×2 patches, or one image of 16 and the prefix.
		shape := `\(1, 24, 768\)`
		if windowed(c, i) {
			shape = `\(4, 4, 768\)`
		}
		require.Regexp(t, regexp.MustCompile(fmt.Sprintf(`blocks\.%d\.attn\S* +Attention\S* +%s`, i, shape)), plan.String())
	}
	require.Less(t, flops(c, 1024, 1024), flops(radio.Config{
		Width: 768, Depth: 12, Hidden: 3072, Patch: 16, NumClasses: 4, Registers: 4,
	}, 1024, 1024))
}

func TestBytesText(t *testing.T) {
	require.Equal(t, "1.5 KiB", bytesText(1536))
	require.Equal(t, "374.7 MiB", bytesText(392_900_000))
}
