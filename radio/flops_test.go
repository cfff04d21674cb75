package radio

import (
	"context"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// The count against the published cost of ViT-B/16 at 224 pixels, 17.58 billion
// multiply-adds (timm 1.0's results), which counts a classifier of 1000 more.
func TestFLOPsOfViT(t *testing.T) {
	c := &Config{Width: 768, Depth: 12, Heads: 12, Hidden: 3072, Patch: 16, Grid: 14, NumClasses: 1, SummaryIdxs: []int{0}}
	flops := func(c *Config) float64 {
		n, err := FLOPs(c, ViTDet{}, 1, 224, 224, Request{})
		require.NoError(t, err)
		return n
	}
	require.InEpsilon(t, 2*17.58e9, flops(c), 0.005)
	c.FeatureNormalizer = 768
	require.InEpsilon(t, 2*(17.58e9+196*768*768), flops(c), 0.005)
}

// FLOPs counts what runs, with windows too, in every block of the compiled program.
func TestFLOPsOfWindows(t *testing.T) {
	v := ViTDet{Window: 2}
	m, err := Open(context.Background(), "synthetic:B", Options{ViTDet: v})
	require.NoError(t, err)
	defer m.Close()
	plan, err := m.Plan(3, 64, 64, Request{})
	require.NoError(t, err)
	c := m.Config()
	n, err := FLOPs(&c, v, 3, 64, 64, Request{})
	require.NoError(t, err)
	require.Equal(t, plan.FLOPs(), n)
	without, err := FLOPs(&c, ViTDet{}, 3, 64, 64, Request{})
	require.NoError(t, err)
	require.Equal(t, without, n, "the window is in the configuration of the model")

	blocks := regexp.MustCompile(`blocks\.(\d+)\.attn\.context`)
	seen := 0
	for _, i := range plan.Instructions() {
		at := blocks.FindStringSubmatch(i.Path())
		if at == nil {
			continue
		}
		seen++
		block, err := strconv.Atoi(at[1])
		require.NoError(t, err)
		// Four windows of 2×2 patches, or one image of 16 patches and the prefix of 8.
		want := 4.0 * 3 * 24 * 24 * 768
		if m.net.windowed(block) {
			want = 4 * 3 * 4 * 4 * 4 * 768
		}
		require.Equal(t, want, i.FLOPs(), "block %d", block)
	}
	require.Equal(t, c.Depth, seen)
	c.Window = 0
	without, err = FLOPs(&c, ViTDet{}, 3, 64, 64, Request{})
	require.NoError(t, err)
	require.Less(t, n, without)
}

func TestFLOPsRefuses(t *testing.T) {
	data, err := SyntheticConfig("nano")
	require.NoError(t, err)
	c, err := ParseConfig(data)
	require.NoError(t, err)
	_, err = FLOPs(c, ViTDet{}, 1, 50, 64, Request{})
	require.ErrorContains(t, err, "50")
	_, err = FLOPs(c, ViTDet{Window: -1}, 1, 64, 64, Request{})
	require.ErrorContains(t, err, "window -1")
	_, err = FLOPs(c, ViTDet{}, 1, 64, 64, Request{Adaptors: []string{"none"}})
	require.Error(t, err)
}
