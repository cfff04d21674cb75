package radio

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

var narrow = []DType{BFloat16, Int8}

// off is the root mean square of the difference, relative to that of want.
func off(want, got *tensor.Dense) float64 {
	var d, n float64
	for i, w := range want.Float32s() {
		d += math.Pow(float64(got.Float32s()[i])-float64(w), 2)
		n += math.Pow(float64(w), 2)
	}
	return math.Sqrt(d / n)
}

// Narrow precisions are near float32, give float32, and take no more memory.
func TestPrecisions(t *testing.T) {
	x := pattern(2, 64, 48)
	exact := openNano(t, Options{})
	want := forward(t, exact, x, Request{})
	plan, err := exact.Plan(2, 64, 48, Request{})
	require.NoError(t, err)
	for i, dtype := range narrow {
		m := openNano(t, Options{DType: dtype})
		got := forward(t, m, x, Request{})
		most := []float64{0.02, 0.04}[i]
		require.Less(t, off(want.Summary, got.Summary), most, "%v", dtype)
		require.Less(t, off(want.Features, got.Features), most, "%v", dtype)
		require.Greater(t, off(want.Features, got.Features), most/20, "%v rounds", dtype)

		p, err := m.Plan(2, 64, 48, Request{})
		require.NoError(t, err)
		require.Contains(t, p.String(), dtype)
		require.LessOrEqual(t, p.ArenaBytes(), plan.ArenaBytes())
		require.Equal(t, p.PackedBytes(), m.PackedBytes(), "what the plan says is what is packed")
	}
	require.Equal(t, plan.PackedBytes(), exact.PackedBytes())
}

// The same bits for any number of threads, run to run, and alone or in a batch.
func TestPrecisionsAreDeterministic(t *testing.T) {
	x := pattern(2, 64, 48)
	n := 3 * 64 * 48
	for _, dtype := range narrow {
		want := forward(t, openNano(t, Options{DType: dtype, Threads: 1}), x, Request{})
		for _, threads := range []int{2, 3, 5} {
			m := openNano(t, Options{DType: dtype, Threads: threads})
			for range 2 {
				got := forward(t, m, x, Request{})
				require.Equal(t, want.Summary.Data(), got.Summary.Data())
				require.Equal(t, want.Features.Data(), got.Features.Data())
			}
		}
		second := tensor.New(tensor.WithShape(1, 3, 64, 48), tensor.WithBacking(x.Float32s()[n:]))
		got := forward(t, openNano(t, Options{DType: dtype}), second, Request{})
		require.Equal(t, want.Summary.Float32s()[192:], got.Summary.Float32s())
	}
}

// Every kind of request and option runs in every precision.
func TestPrecisionsRunEverything(t *testing.T) {
	x := pattern(1, 64, 64)
	req := Request{Layout: NCHW, Intermediates: &Intermediates{Last: 2, Dense: true, Prefix: true}, Taps: []string{"blocks.1.attn.qkv", "blocks.1.mlp.gelu"}}
	want := forward(t, openNano(t, Options{}), x, req)
	for _, dtype := range narrow {
		for _, opt := range []Options{{}, {NoFusion: true}, {CheckFinite: true}} {
			opt.DType = dtype
			got := forward(t, openNano(t, opt), x, req)
			for path, tap := range want.Taps {
				require.Less(t, off(tap, got.Taps[path]), 0.06, "%s", path)
			}
			for i, in := range want.Intermediates {
				require.Less(t, off(in.Features, got.Intermediates[i].Features), 0.06)
			}
		}
		windows := Options{ViTDet: ViTDet{Window: 2, NumGlobal: 1}}
		want := forward(t, openNano(t, windows), x, Request{})
		windows.DType = dtype
		require.Less(t, off(want.Features, forward(t, openNano(t, windows), x, Request{}).Features), 0.06)
	}
}

// A NaN in the pixels is found in the first value that it reaches.
func TestPrecisionsCheckFinite(t *testing.T) {
	x := pattern(1, 32, 32)
	x.Float32s()[5] = float32(math.NaN())
	for _, dtype := range narrow {
		_, err := openNano(t, Options{DType: dtype, CheckFinite: true}).Forward(context.Background(), x)
		require.ErrorContains(t, err, "conditioned: Normalize gave NaN at [0 0 0 5]")
	}
}
