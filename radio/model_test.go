package radio

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"testing"

	"cradio/loader"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// openNano opens the nano model; set changes its config.json first.
func openNano(t testing.TB, opt Options, change ...func(tree map[string]any)) *Model {
	tree := nanoConfig(t)
	for _, f := range change {
		f(tree)
	}
	c, err := parse(t, tree)
	require.NoError(t, err)
	m, err := New(c, loader.NewSynthetic(""), opt)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, m.Close()) })
	return m
}

// pattern is pixels (b, 3, h, w) that differ everywhere.
func pattern(b, h, w int) *tensor.Dense {
	d := make([]float32, b*3*h*w)
	for i := range d {
		d[i] = float32(math.Mod(float64(i)*0.6180339887, 1))
	}
	return tensor.New(tensor.WithShape(b, 3, h, w), tensor.WithBacking(d))
}

func forward(t testing.TB, m *Model, x *tensor.Dense, req Request) *Output {
	out, err := m.Run(context.Background(), x, req)
	require.NoError(t, err)
	return out
}

func TestForwardShapes(t *testing.T) {
	m := openNano(t, Options{})
	out := forward(t, m, pattern(2, 48, 80), Request{})
	require.Equal(t, tensor.Shape{2, 192}, out.Summary.Shape())
	require.Equal(t, tensor.Shape{2, 15, 64}, out.Features.Shape())
	require.Equal(t, [2]int{3, 5}, [2]int{out.Rows, out.Cols})

	planes := forward(t, m, pattern(2, 48, 80), Request{Layout: NCHW})
	require.Equal(t, tensor.Shape{2, 64, 3, 5}, planes.Features.Shape())
	for d := range 64 {
		for i := range 15 {
			require.Equal(t, out.Features.Float32s()[(15+i)*64+d], planes.Features.Float32s()[(64+d)*15+i])
		}
	}
	require.Nil(t, forward(t, m, pattern(1, 16, 16), Request{NoFeatures: true}).Features)
}

// A batch gives what its images give alone.
func TestBatchEqualsSingles(t *testing.T) {
	m := openNano(t, Options{})
	x := pattern(3, 32, 48)
	out := forward(t, m, x, Request{})
	n := 3 * 32 * 48
	for i := range 3 {
		one := tensor.New(tensor.WithShape(1, 3, 32, 48), tensor.WithBacking(x.Float32s()[i*n:(i+1)*n]))
		got := forward(t, m, one, Request{})
		require.Equal(t, out.Summary.Float32s()[i*192:(i+1)*192], got.Summary.Float32s())
		require.Equal(t, out.Features.Float32s()[i*6*64:(i+1)*6*64], got.Features.Float32s())
	}
}

func TestThreadsDoNotChangeResults(t *testing.T) {
	want := forward(t, openNano(t, Options{Threads: 1}), pattern(2, 64, 48), Request{})
	for _, threads := range []int{2, 3, 5} {
		got := forward(t, openNano(t, Options{Threads: threads}), pattern(2, 64, 48), Request{})
		require.Equal(t, want.Summary.Data(), got.Summary.Data())
		require.Equal(t, want.Features.Data(), got.Features.Data())
	}
}

// Several goroutines use one model at once, at several sizes; run with -race.
func TestConcurrentUse(t *testing.T) {
	m := openNano(t, Options{Programs: 2})
	sizes := [][2]int{{16, 16}, {32, 48}, {48, 16}}
	var want []*Output
	for _, s := range sizes {
		want = append(want, forward(t, m, pattern(1, s[0], s[1]), Request{}))
	}
	var wg sync.WaitGroup
	for g := range 6 {
		wg.Go(func() {
			for i := range 5 {
				k := (g + i) % len(sizes)
				out, err := m.Forward(context.Background(), pattern(1, sizes[k][0], sizes[k][1]))
				if err != nil {
					t.Error(err)
					return
				}
				if fmt.Sprint(out.Summary.Data()) != fmt.Sprint(want[k].Summary.Data()) {
					t.Errorf("size %v: another result than alone", sizes[k])
				}
			}
		})
	}
	wg.Wait()
}

func TestExternalPreprocessing(t *testing.T) {
	inside, outside := openNano(t, Options{}), openNano(t, Options{ExternalPreprocessing: true})
	mean, std := outside.Conditioner()
	x := pattern(1, 32, 32)
	want := forward(t, inside, x, Request{})
	y := x.Clone().(*tensor.Dense)
	for i, v := range y.Float32s() {
		c := i / (32 * 32)
		y.Float32s()[i] = (v - mean[c]) / std[c]
	}
	require.Equal(t, want.Summary.Data(), forward(t, outside, y, Request{}).Summary.Data())
	require.NotEqual(t, want.Summary.Data(), forward(t, outside, x, Request{}).Summary.Data())
}

func TestAlignCornersOption(t *testing.T) {
	no := false
	require.True(t, openNano(t, Options{}).Config().AlignCorners)
	require.False(t, openNano(t, Options{AlignCorners: &no}).Config().AlignCorners)
	m := openNano(t, Options{}, func(tree map[string]any) { tree["align_corners"] = false })
	require.False(t, m.Config().AlignCorners)
}

func TestSizesAreChecked(t *testing.T) {
	var log bytes.Buffer
	m := openNano(t, Options{Log: slog.New(slog.NewTextHandler(&log, nil))}, func(tree map[string]any) { tree["max_resolution"] = 64 })
	for _, c := range []struct {
		x    *tensor.Dense
		want string
	}{
		{pattern(1, 50, 64), "image is 50×64: height and width must be multiples of 16; the nearest supported size is 48×64"},
		{tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(1, 4, 16, 16)), "pixels are (1, 4, 16, 16), want (B, 3, H, W)"},
		{tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(3, 16, 16)), "want (B, 3, H, W)"},
		{tensor.New(tensor.Of(tensor.Float64), tensor.WithShape(1, 3, 16, 16)), "want (1, 3, 16, 16) of float32"},
	} {
		_, err := m.Forward(context.Background(), c.x)
		require.ErrorContains(t, err, c.want)
	}
	require.Empty(t, log.String())
	forward(t, m, pattern(1, 64, 64), Request{})
	require.Empty(t, log.String())
	forward(t, m, pattern(1, 80, 64), Request{})
	require.Contains(t, log.String(), "position table is extrapolated")
}

func TestRequestsAreChecked(t *testing.T) {
	m := openNano(t, Options{})
	for _, c := range []struct {
		req  Request
		want string
	}{
		{Request{Layout: "hwc"}, `layout is "hwc", want nlc or nchw`},
		{Request{Adaptors: []string{"clip"}}, `no adaptor "clip": this checkpoint has none`},
		{Request{Taps: []string{"blocks.9.attn.qkv"}}, `no tensor at path "blocks.9.attn.qkv"`},
		{Request{Intermediates: &Intermediates{Blocks: []int{3}}}, "block 3 does not exist; the model has 3, 0 to 2 or -3 to -1"},
		{Request{Intermediates: &Intermediates{Last: 4}}, "the last 4 blocks of 3 do not exist"},
		{Request{Intermediates: &Intermediates{Last: 1, Alpha: "beta"}}, `alpha scheme "beta"`},
	} {
		_, err := m.Run(context.Background(), pattern(1, 16, 16), c.req)
		require.ErrorContains(t, err, c.want)
	}
}

func TestIntermediates(t *testing.T) {
	m := openNano(t, Options{})
	x := pattern(2, 32, 16)
	out := forward(t, m, x, Request{
		Intermediates: &Intermediates{Blocks: []int{-1, 0, 2}, Prefix: true}, Taps: []string{"blocks.0"}, Layout: NCHW,
	})
	require.Len(t, out.Intermediates, 2, "sorted, and one given twice counts once")
	require.Equal(t, 0, out.Intermediates[0].Block)
	require.Equal(t, 2, out.Intermediates[1].Block)
	require.Equal(t, tensor.Shape{2, 64, 2, 1}, out.Intermediates[0].Features.Shape())
	require.Equal(t, tensor.Shape{2, 8, 64}, out.Intermediates[0].Prefix.Shape())
	require.Equal(t, out.Features.Data(), out.Intermediates[1].Features.Data())
	require.Equal(t, out.Taps["blocks.0"].Float32s()[:8*64], out.Intermediates[0].Prefix.Float32s()[:8*64])
}

func TestViTDetOptions(t *testing.T) {
	c, err := parse(t, nanoConfig(t))
	require.NoError(t, err)
	for _, v := range []ViTDet{{Window: 2}, {Window: 2, NumGlobal: 3}, {Window: -1}, {Window: 2, NumWindowed: -1}} {
		_, err := New(c, loader.NewSynthetic(""), Options{ViTDet: v})
		require.ErrorContains(t, err, "ViTDet")
	}
	m := openNano(t, Options{ViTDet: ViTDet{Window: 2, NumGlobal: 1}})
	_, err = m.Forward(context.Background(), pattern(1, 48, 32))
	require.ErrorContains(t, err, "multiples of 32; the nearest supported size is 64×32")
	_, err = m.Run(context.Background(), pattern(1, 64, 32), Request{Intermediates: &Intermediates{Last: 1}})
	require.ErrorContains(t, err, "not available in ViTDet mode")
	require.Equal(t, tensor.Shape{1, 8, 64}, forward(t, m, pattern(1, 64, 32), Request{}).Features.Shape())
}

// One window over the whole image, whose prefix takes no part in the windowed
// blocks, is not the same as no window.
func TestViTDetSetsThePrefixAside(t *testing.T) {
	x := pattern(1, 32, 32)
	plain := forward(t, openNano(t, Options{}), x, Request{})
	window := forward(t, openNano(t, Options{ViTDet: ViTDet{Window: 2, NumGlobal: 1}}), x, Request{Taps: []string{"tokens"}})
	require.NotEqual(t, plain.Summary.Data(), window.Summary.Data())
	require.Equal(t, forward(t, openNano(t, Options{}), x, Request{Taps: []string{"tokens"}}).Taps["tokens"].Data(), window.Taps["tokens"].Data())
}

func TestCloseAndCancel(t *testing.T) {
	m, err := Open(context.Background(), "synthetic:nano", Options{})
	require.NoError(t, err)
	require.True(t, m.Synthetic())
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = m.Forward(ctx, pattern(1, 16, 16))
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, m.Close())
	require.NoError(t, m.Close())
	_, err = m.Forward(context.Background(), pattern(1, 16, 16))
	require.ErrorIs(t, err, ErrClosed)
	_, err = Open(ctx, "synthetic:nano", Options{})
	require.ErrorIs(t, err, context.Canceled)
}

func TestCheckFiniteNamesThePlace(t *testing.T) {
	m := openNano(t, Options{CheckFinite: true})
	x := pattern(1, 16, 16)
	forward(t, m, x, Request{})
	x.Float32s()[5] = float32(math.Inf(1))
	_, err := m.Forward(context.Background(), x)
	require.ErrorContains(t, err, "conditioned: Normalize gave +Inf at [0 0 0 5]")
}

// Memory grows linearly with the tokens: bytes per token at 224, 512 and 1024
// pixels are within 10 % of each other, for a model of full width.
func TestArenaGrowsLinearly(t *testing.T) {
	tree := nanoConfig(t)
	set(tree, "args.model_kwargs", map[string]any{"depth": 2})
	c, err := parse(t, tree)
	require.NoError(t, err)
	m, err := New(c, loader.NewSynthetic(""), Options{})
	require.NoError(t, err)
	defer m.Close()
	low, high := math.Inf(1), 0.0
	for _, size := range []int{224, 512, 1024} {
		p, err := m.Plan(1, size, size, Request{})
		require.NoError(t, err)
		per := float64(p.ArenaBytes()) / float64(c.Tokens(size, size)+c.Prefix())
		t.Logf("%d px: arena %.1f MB, %.0f bytes a token", size, float64(p.ArenaBytes())/1e6, per)
		low, high = min(low, per), max(high, per)
	}
	require.LessOrEqual(t, high/low, 1.1)
}

func TestProgramsAreBounded(t *testing.T) {
	m := openNano(t, Options{Programs: 3})
	for i := range 8 {
		forward(t, m, pattern(1, 16, 16*(i+1)), Request{})
	}
	require.Equal(t, 3, m.programs.order.Len())
	require.Len(t, m.programs.byKey, 3)
}

func TestFloat64IsCloseToFloat32(t *testing.T) {
	x := pattern(1, 48, 32)
	single := forward(t, openNano(t, Options{}), x, Request{})
	double := forward(t, openNano(t, Options{DType: Float64}), x, Request{})
	require.Equal(t, tensor.Float64, double.Summary.Dtype())
	for i, v := range double.Summary.Float64s() {
		require.InDelta(t, v, single.Summary.Float32s()[i], 1e-5)
	}
	_, err := Open(context.Background(), "synthetic:nano", Options{DType: "float8"})
	require.ErrorContains(t, err, `dtype is "float8", want one of [float32 bfloat16 int8 float64 tf32]`)
}
