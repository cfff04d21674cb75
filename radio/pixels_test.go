package radio

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// TestPixelsInAnyOrder: how pixels lie in memory does not change what is made of them.
func TestPixelsInAnyOrder(t *testing.T) {
	const b, h, w = 2, 32, 48
	x := different(b, h, w)
	lastChannels := make([]float32, b*h*w*3)
	wide := make([]float32, b*3*h*(w+16))
	for i, v := range x.Float32s() {
		n, c, y, col := i/(3*h*w), i/(h*w)%3, i/w%h, i%w
		lastChannels[((n*h+y)*w+col)*3+c] = v
		wide[((n*3+c)*h+y)*(w+16)+col+8] = v
	}
	views := map[string]func() *tensor.Dense{
		"channels last": func() *tensor.Dense {
			v := tensor.New(tensor.WithShape(b, h, w, 3), tensor.WithBacking(lastChannels))
			require.NoError(t, v.T(0, 3, 1, 2))
			return v
		},
		"cut out": func() *tensor.Dense {
			v, err := tensor.New(tensor.WithShape(b, 3, h, w+16), tensor.WithBacking(wide)).Slice(nil, nil, nil, tensor.S(8, 8+w))
			require.NoError(t, err)
			return v.(*tensor.Dense)
		},
		"column-major": func() *tensor.Dense {
			return tensor.New(tensor.WithShape(b, 3, h, w), tensor.AsFortran(append([]float32(nil), x.Float32s()...)))
		},
		"first of a batch": func() *tensor.Dense {
			more := tensor.New(tensor.WithShape(b+1, 3, h, w), tensor.WithBacking(append(append([]float32(nil), x.Float32s()...), make([]float32, 3*h*w)...)))
			v, err := more.Slice(tensor.S(0, b))
			require.NoError(t, err)
			return v.(*tensor.Dense)
		},
	}
	for _, dtype := range DTypes() {
		if dtype.GPUAlone() {
			continue
		}
		m := openNano(t, Options{DType: dtype})
		want := forward(t, m, x, Request{})
		for name, view := range views {
			got := forward(t, m, view(), Request{})
			require.Equal(t, want.Summary.Data(), got.Summary.Data(), "%s, %s", dtype, name)
			require.Equal(t, want.Features.Data(), got.Features.Data(), "%s, %s", dtype, name)
		}
		for text, x := range map[string]*tensor.Dense{
			"pixels are nil, want (B, 3, H, W)":      nil,
			"pixels are (), want (B, 3, H, W)":       {},
			"of uint8, want (1, 3, 16, 16) of float": tensor.New(tensor.Of(tensor.Uint8), tensor.WithShape(1, 3, 16, 16)),
			"of int, want (1, 3, 16, 16) of float":   tensor.New(tensor.Of(tensor.Int), tensor.WithShape(1, 3, 16, 16)),
			"pixels are (3, 16, 16), want":           tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(3, 16, 16)),
			"pixels are (1, 16, 16, 3), want":        tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(1, 16, 16, 3)),
		} {
			_, err := m.Forward(context.Background(), x)
			require.ErrorContains(t, err, text)
		}
	}
}
