package data_test

import (
	stdimage "image"
	"image/color"
	"path/filepath"
	"testing"

	"cradio/radio/data"

	"github.com/stretchr/testify/require"
)

func TestReadMask(t *testing.T) {
	box := stdimage.Rect(0, 0, 3, 1)
	grey, palette := stdimage.NewGray(box), stdimage.NewPaletted(box, color.Palette{color.Black, color.White, color.Transparent})
	grey16, large16, equal, colour := stdimage.NewGray16(box), stdimage.NewGray16(box), stdimage.NewNRGBA(box), stdimage.NewNRGBA(box)
	for x, v := range []uint8{0, 2, 255} {
		grey16.SetGray16(x, 0, color.Gray16{Y: uint16(v)})
		large16.SetGray16(x, 0, color.Gray16{Y: 256 * uint16(v)})
		equal.SetNRGBA(x, 0, color.NRGBA{v, v, v, 255})
		colour.SetNRGBA(x, 0, color.NRGBA{128, v, v, 255})
	}
	copy(grey.Pix, []uint8{0, 2, 255})
	copy(palette.Pix, []uint8{2, 1, 0})
	dir := tree(t, map[string]string{
		"grey.png": encoded(t, grey), "palette.png": encoded(t, palette), "rgb.png": encoded(t, stdimage.NewRGBA(box)), "16.png": encoded(t, large16), "text.png": "text",
		"grey16.png": encoded(t, grey16), "equal.png": encoded(t, equal), "colour.png": encoded(t, colour),
	})
	mask := func(name string, opt data.MaskOptions) ([]uint8, error) {
		m, err := data.ReadMask(filepath.Join(dir, name), opt)
		if err != nil {
			return nil, err
		}
		require.Equal(t, []int{1, 3}, []int{m.H, m.W})
		return m.Pix, nil
	}
	for _, name := range []string{"grey.png", "grey16.png", "equal.png"} {
		got, err := mask(name, data.MaskOptions{Classes: 3, H: 1, W: 3})
		require.NoError(t, err)
		require.Equal(t, []uint8{0, 2, 255}, got, name)
	}
	got, err := mask("grey.png", data.MaskOptions{Classes: 2, ZeroIgnored: true})
	require.NoError(t, err)
	require.Equal(t, []uint8{255, 1, 255}, got)
	got, err = mask("palette.png", data.MaskOptions{Classes: 3})
	require.NoError(t, err)
	require.Equal(t, []uint8{2, 1, 0}, got)
	classes := [256]uint8{7, 255, 1}
	got, err = mask("palette.png", data.MaskOptions{Classes: 8, Map: &classes})
	require.NoError(t, err)
	require.Equal(t, []uint8{1, 255, 7}, got)
	for want, err := range map[string]error{
		"grey.png: has 3×1 pixels, its picture has 4×2 (width×height)":                                     second(mask("grey.png", data.MaskOptions{Classes: 3, H: 2, W: 4})),
		"grey.png: the pixel in column 1, row 0 has the value 2, which is class 2: must be 0 to 1, or 255": second(mask("grey.png", data.MaskOptions{Classes: 2})),
		"the number of classes is 256: must be 1 to 255":                                                   second(mask("grey.png", data.MaskOptions{Classes: 256})),
		"rgb.png: is a PNG, colour with transparency, with 8 bits, partly transparent: want the class":     second(mask("rgb.png", data.MaskOptions{Classes: 3})),
		"colour.png: is a PNG, colour, with 8 bits, which has the colour #800000: want the class of each":  second(mask("colour.png", data.MaskOptions{Classes: 3})),
		"16.png: is a PNG, grey, with 16 bits: the pixel in column 1, row 0 has the value 512: must be":    second(mask("16.png", data.MaskOptions{Classes: 3})),
		"text.png: want a PNG file": second(mask("text.png", data.MaskOptions{Classes: 3})),
	} {
		require.ErrorContains(t, err, want)
	}
}

func second[T any](_ T, err error) error { return err }
