package conformance

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// For a reference of ones, ulp is 2⁻²³ and the floor 2⁻²³/√12. One unit in the last place of
// one value in 144 is smaller.
var (
	ones  = slices.Repeat([]float32{1}, 144)
	floor = 0x1p-23 / math.Sqrt(12)
)

// off returns ones with an error of rms e.
func off(e float64) []float64 {
	return slices.Repeat([]float64{1 + e, 1 - e}, len(ones)/2)
}

func TestCompare(t *testing.T) {
	for name, c := range map[string]struct {
		ours, torch    float64
		ratio, counted float64
	}{
		"an ordinary error":                   {3e-6, 4e-6, 0.75, 0.75},
		"both exact":                          {0, 0, 1, 1},
		"ours below what can be told":         {floor / 2, 0, 1, 1},
		"PyTorch's below, ours above":         {3 * floor, floor / 9, 27, 3},
		"ours exact, PyTorch's not":           {0, 4 * floor, 0, 0.25},
		"ours smaller than the truth's own":   {floor / 3, 4 * floor, 1. / 12, 0.25},
		"larger than the baseline":            {6e-6, 4e-6, 1.5, 1.5},
		"both below, ours larger than theirs": {floor * 0.9, floor * 0.1, 9, 1},
		"PyTorch exact, ours not":             {3 * floor, 0, 3, 3},
	} {
		t.Run(name, func(t *testing.T) {
			x, err := compare("b", "n", off(c.ours), ones, &Baseline{Error: Error{RMS: c.torch}})
			require.NoError(t, err)
			require.InDelta(t, c.ours, x.Ours.RMS, 1e-15)
			require.InDelta(t, c.ours, x.Ours.Max, 1e-15)
			require.InEpsilon(t, 1+c.ratio, 1+x.Ratio, 1e-6)
			require.InEpsilon(t, c.counted, x.counted, 1e-6)
			require.Equal(t, c.ratio > MaxRatio, x.missed() != "")
		})
	}
}

// If one value is off in the last place, and this error is larger than PyTorch's, the limit is
// exceeded. The reason mentions it.
func TestCompareLastPlace(t *testing.T) {
	truth := append([]float32{200}, ones...)
	const unit = 0x1p-16 // of 200
	n := math.Sqrt(float64(len(truth)))
	ours := append([]float64{200 + unit}, off(0)...)
	x, err := compare("b", "n", ours, truth, &Baseline{Error: Error{RMS: unit / n / 2}})
	require.NoError(t, err)
	require.InEpsilon(t, unit/n, x.LastPlace, 1e-12)
	require.InEpsilon(t, 2, x.Ratio, 1e-12)
	require.InEpsilon(t, 2, x.counted, 1e-12)
	require.Contains(t, x.missed(), "one value off by one unit in the last place would give")

	x, err = compare("b", "n", ours, truth, &Baseline{Error: Error{RMS: unit / n}})
	require.NoError(t, err)
	require.Empty(t, x.missed())
}

func TestCompareRefuses(t *testing.T) {
	_, err := compare("b", "n", []float64{1}, ones, nil)
	require.ErrorContains(t, err, "has 1 values, want 144 as in the reference")
	_, err = compare("b", "n", append([]float64{1, math.NaN()}, off(0)[2:]...), ones, nil)
	require.ErrorContains(t, err, "is NaN at value 1")
	_, err = compare("b", "n", append([]float64{1, 1, 1, math.Inf(1)}, off(0)[4:]...), ones, nil)
	require.ErrorContains(t, err, "is +Inf at value 3")
	_, err = compare("b", "n", []float64{1}, []float32{float32(math.Inf(-1))}, nil)
	require.ErrorContains(t, err, "the bundle is damaged")
	x, err := compare("b", "n", nil, nil, &Baseline{})
	require.NoError(t, err)
	require.Zero(t, x.Ours.RMS)
}

func TestULP(t *testing.T) {
	for x, want := range map[float32]float64{
		1: 0x1p-23, -1: 0x1p-23, 1.5: 0x1p-23, 0.75: 0x1p-24, 40: 0x1p-18, 0: 0x1p-149,
		math.SmallestNonzeroFloat32: 0x1p-149, math.MaxFloat32: 0x1p104,
	} {
		require.Equal(t, want, ulp(x), x)
	}
}

func TestEstimates(t *testing.T) {
	b := &Bundle{kind: forward, entry: &entry{TorchError: torchError{
		Float32:    map[string]Error{"summary": {Max: 4, RMS: 2}, "features": {Max: 9, RMS: 3}, "odd": {RMS: 7}},
		RMSOfTruth: map[string]float64{"summary": 2, "features": 10},
	}}}
	r := &run{Suite: &Suite{Bundles: []*Bundle{b}}}
	require.Equal(t, &Baseline{Error: Error{Max: 4, RMS: 2}}, r.baseline(b, "summary", ones))
	// The largest relative error: 4/2 and 2/2, of a truth whose rms is 1.
	require.Equal(t, &Baseline{Error: Error{Max: 2, RMS: 1}, Estimated: true}, r.baseline(b, "tokens", ones))
	require.Nil(t, r.baseline(&Bundle{kind: forward}, "tokens", ones))
	require.Nil(t, r.baseline(&Bundle{kind: gradient, entry: b.entry}, "loss", ones))
	require.Nil(t, r.baseline(&Bundle{kind: intermediates}, "0/0", ones), "no such call")
}

func TestTapPath(t *testing.T) {
	for name, want := range map[string]string{
		"conditioned": "conditioned", "tokens": "tokens", "final": "final",
		"patches": "patch_generator.patches", "pos_embed": "patch_generator.pos_embed",
		"block.0": "blocks.0", "block.12.norm1": "blocks.12.norm1", "block.1.qkv": "blocks.1.attn.qkv",
		"block.1.context": "blocks.1.attn.context", "block.1.proj": "blocks.1.attn.proj", "block.1.mid": "blocks.1.mid",
		"block.1.norm2": "blocks.1.norm2", "block.1.fc1": "blocks.1.mlp.fc1", "block.1.gelu": "blocks.1.mlp.gelu",
		"block.1.fc2": "blocks.1.mlp.fc2",
	} {
		got, err := tapPath(name)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for _, name := range []string{"", "block", "block.", "block.x", "block.-1", "block.01", "block.1.", "block.1.x", "tail"} {
		_, err := tapPath(name)
		require.Error(t, err, name)
	}
	adaptor, part, ok := adaptorOutput("adaptor.siglip-1.5.summary")
	require.True(t, ok)
	require.Equal(t, []string{"siglip-1.5", "summary"}, []string{adaptor, part})
	_, _, ok = adaptorOutput("adaptor.summary")
	require.False(t, ok)
}
