package radio

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// Every path that Paths lists can be asked for, and has that shape; with adaptors, windows and
// intermediates too.
func TestPathsCanBeAskedFor(t *testing.T) {
	hub, err := Open(t.Context(), "../conformance/checkpoints/hub", Options{})
	require.NoError(t, err)
	t.Cleanup(func() { hub.Close() })
	var adaptors []string
	for _, a := range hub.Config().Adaptors {
		adaptors = append(adaptors, a.Name)
	}
	require.NotEmpty(t, adaptors)
	for _, c := range []struct {
		m   *Model
		req Request
	}{
		{openNano(t, Options{}), Request{}},
		{openNano(t, Options{DType: BFloat16}), Request{Layout: NCHW, Intermediates: &Intermediates{Last: 2, Dense: true, Prefix: true}}},
		{openNano(t, Options{ViTDet: ViTDet{Window: 2, NumGlobal: 1}}), Request{}},
		{hub, Request{Adaptors: adaptors}},
	} {
		for _, batch := range []int{1, 3} {
			list, err := c.m.Paths(batch, 64, 96, c.req)
			require.NoError(t, err)
			require.Greater(t, len(list), 30)
			require.True(t, slices.IsSortedFunc(list, func(a, b TapPath) int {
				if a.Path < b.Path {
					return -1
				}
				return 1
			}))
			req := c.req
			for _, p := range list {
				req.Taps = append(req.Taps, p.Path)
			}
			out := forward(t, c.m, different(batch, 64, 96), req)
			require.Len(t, out.Taps, len(list))
			for _, p := range list {
				require.Equal(t, tensor.Shape(p.Shape), out.Taps[p.Path].Shape(), p.Path)
			}
		}
	}
}

func TestPathsErrors(t *testing.T) {
	m := openNano(t, Options{})
	_, err := m.Paths(0, 32, 32, Request{})
	require.ErrorContains(t, err, "must be at least 1")
	var size *SizeError
	_, err = m.Paths(1, 30, 32, Request{})
	require.ErrorAs(t, err, &size)
	_, err = m.Paths(1, 32, 32, Request{Layout: "x"})
	require.ErrorContains(t, err, "layout")
	require.NoError(t, m.Close())
	_, err = m.Paths(1, 32, 32, Request{})
	require.ErrorIs(t, err, ErrClosed)
}

// Taps that an Encoder is asked for arrive: for each image those of the image alone, and for
// all together those of Model.Run.
func TestTapsOfAnEncoder(t *testing.T) {
	for _, opt := range []Options{{}, {DType: Float64}, {ViTDet: ViTDet{Window: 2, NumGlobal: 1}}} {
		m := openNano(t, opt)
		list, err := m.Paths(1, 64, 96, Request{})
		require.NoError(t, err)
		e := keepSize(t, 2)
		e.Model = m
		for _, p := range list {
			e.Request.Taps = append(e.Request.Taps, p.Path)
		}
		images := []Input{decoded("0", grey(64, 96, 3)), decoded("1", grey(64, 96, 200)), decoded("2", grey(64, 96, 90))}
		for _, borrow := range []bool{false, true} {
			e.Borrow = borrow
			require.NoError(t, e.Stream(t.Context(), images, func(r Result) error {
				require.Len(t, r.Taps, len(list))
				alone := *e
				alone.BatchSize = 1
				img, _ := images[r.Index].Load()
				want, err := alone.Encode(t.Context(), img)
				require.NoError(t, err)
				for _, p := range list {
					shape := tensor.Shape(p.Shape)
					if shape[0] == 1 && p.Path != "patch_generator.pos_embed" {
						shape = shape[1:]
					}
					require.Equal(t, shape, r.Taps[p.Path].Shape(), p.Path)
					require.Equal(t, want.Items[0].Taps[p.Path].Data(), r.Taps[p.Path].Data(), p.Path)
				}
				return nil
			}))
		}
		all, err := e.encodeAll(t.Context(), images)
		require.NoError(t, err)
		x := tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(3, 3, 64, 96))
		for i, in := range images {
			img, _ := in.Load()
			require.NoError(t, e.Processor.Pixels(x.Float32s()[i*3*64*96:][:3*64*96], img))
		}
		want := forward(t, m, x, e.Request)
		for _, p := range list {
			require.Equal(t, want.Taps[p.Path].Shape(), all.Taps[p.Path].Shape(), p.Path)
			require.Equal(t, want.Taps[p.Path].Data(), all.Taps[p.Path].Data(), p.Path)
		}
	}
}
