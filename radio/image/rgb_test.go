package image

import (
	stdimage "image"
	"image/color"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFromImage(t *testing.T) {
	rect := stdimage.Rect(5, 7, 7, 8) // one row of two pixels, not at the origin
	fill := func(m interface {
		stdimage.Image
		Set(x, y int, c color.Color)
	}, a, b color.Color) stdimage.Image {
		m.Set(5, 7, a)
		m.Set(6, 7, b)
		return m
	}
	ycc := stdimage.NewYCbCr(rect, stdimage.YCbCrSubsampleRatio444)
	ycc.Y[0], ycc.Cb[0], ycc.Cr[0] = 80, 90, 200
	ycc.Y[1], ycc.Cb[1], ycc.Cr[1] = 255, 128, 128
	r, g, b := color.YCbCrToRGB(80, 90, 200)
	cases := map[string]struct {
		m     stdimage.Image
		pix   []uint8
		alpha []uint8
	}{
		"NRGBA keeps colours under alpha": {
			fill(stdimage.NewNRGBA(rect), color.NRGBA{200, 100, 50, 10}, color.NRGBA{9, 8, 7, 0}),
			[]uint8{200, 100, 50, 9, 8, 7}, []uint8{10, 0},
		},
		"RGBA is divided by alpha": {
			fill(stdimage.NewRGBA(rect), color.RGBA{100, 50, 0, 128}, color.RGBA{3, 2, 1, 255}),
			[]uint8{199, 99, 0, 3, 2, 1}, []uint8{128, 255},
		},
		"Gray": {
			fill(stdimage.NewGray(rect), color.Gray{17}, color.Gray{255}),
			[]uint8{17, 17, 17, 255, 255, 255}, nil,
		},
		"Gray16 keeps its high byte": {
			fill(stdimage.NewGray16(rect), color.Gray16{0x1234}, color.Gray16{0xFFFF}),
			[]uint8{0x12, 0x12, 0x12, 255, 255, 255}, nil,
		},
		"NRGBA64": {
			fill(stdimage.NewNRGBA64(rect), color.NRGBA64{0x1234, 0x5678, 0x9ABC, 0x0100}, color.NRGBA64{1, 2, 3, 0xFFFF}),
			[]uint8{0x12, 0x56, 0x9A, 0, 0, 0}, []uint8{1, 255},
		},
		"Paletted": {
			fill(stdimage.NewPaletted(rect, color.Palette{color.NRGBA{1, 2, 3, 0}, color.RGBA{9, 9, 9, 255}}), color.NRGBA{1, 2, 3, 0}, color.RGBA{9, 9, 9, 255}),
			[]uint8{1, 2, 3, 9, 9, 9}, []uint8{0, 255},
		},
		"YCbCr": {ycc, []uint8{r, g, b, 255, 255, 255}, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := FromImage(c.m)
			require.Equal(t, &RGB{Pix: c.pix, H: 1, W: 2, Alpha: c.alpha}, got)
		})
	}
}

func TestOnWhite(t *testing.T) {
	m := &RGB{Pix: []uint8{10, 20, 30, 10, 20, 30, 10, 20, 30}, H: 1, W: 3, Alpha: []uint8{0, 255, 128}}
	out := m.OnWhite()
	require.Nil(t, out.Alpha)
	require.Equal(t, []uint8{255, 255, 255, 10, 20, 30}, out.Pix[:6])
	for c, v := range []int{10, 20, 30} {
		require.InDelta(t, float64(v*128+255*127)/255, float64(out.Pix[6+c]), 0.5)
	}
	opaque := pattern(2, 2)
	require.Same(t, opaque, opaque.OnWhite())
}

func TestCenterCrop(t *testing.T) {
	// One column, whose red counts the rows from 1.
	column := func(h int) *RGB {
		m := newRGB(h, 1)
		for y := range h {
			m.Pix[3*y] = uint8(y + 1)
		}
		return m
	}
	for _, c := range []struct {
		h, crop int
		want    []uint8
	}{
		{4, 2, []uint8{2, 3}},
		{5, 2, []uint8{2, 3}},          // the odd row goes at the bottom
		{2, 5, []uint8{0, 0, 1, 2, 0}}, // the odd zero goes on top
		{3, 3, []uint8{1, 2, 3}},
		{1, 1, []uint8{1}},
	} {
		out := CenterCrop(column(c.h), c.crop, 1)
		reds := make([]uint8, out.H)
		for y := range reds {
			reds[y] = out.Pix[3*y]
		}
		require.Equal(t, c.want, reds, "%d to %d", c.h, c.crop)
	}
	m := pattern(3, 9)
	require.Equal(t, m.Pix[3*13:3*14], CenterCrop(m, 1, 1).Pix)
}
