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
	for name, w := range map[string]struct {
		text string
		want []uint8
	}{
		"palette.png": {"0:7,2:1", []uint8{1, 255, 7}},
		"grey.png":    {"#020202:1", []uint8{255, 1, 255}},
		"colour.png":  {"#80ffff:0, #800202:3\n#800000:2\n", []uint8{2, 3, 0}},
		"equal.png":   {"255:1,0:0", []uint8{0, 255, 1}},
	} {
		classes, err := data.ParseClassMap(w.text)
		require.NoError(t, err)
		got, err = mask(name, data.MaskOptions{Classes: 8, Map: classes})
		require.NoError(t, err)
		require.Equal(t, w.want, got, name)
	}
	both, err := data.ParseClassMap("0:0")
	require.NoError(t, err)
	for want, err := range map[string]error{
		"masks have a class map, and 0 is to be ignored: leave 0 out of the map instead":                   second(mask("grey.png", data.MaskOptions{Classes: 3, Map: both, ZeroIgnored: true})),
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

func TestClassMap(t *testing.T) {
	for text, want := range map[string]string{"255:1 0:0": "0:0,255:1", "#FF8000:2,#000000:1": "#000000:1,#ff8000:2"} {
		m, err := data.ParseClassMap(text)
		require.NoError(t, err)
		require.Equal(t, want, m.String())
	}
	m, err := data.ParseClassMap("7:0,8:4,11:2")
	require.NoError(t, err)
	require.Equal(t, 5, m.Classes())
	for text, want := range map[string]string{
		" ,":            "is empty: want VALUE:CLASS",
		"3":             `"3": want VALUE:CLASS, such as 255:1 or #ff8000:1`,
		"256:1":         `"256" must be a value from 0 to 255, or a colour`,
		"#fff:1":        `"#fff" must be a value from 0 to 255, or a colour`,
		"1:255":         "the class must be 0 to 254; leave out what does not count",
		"1:road":        "the class must be 0 to 254",
		"1:0,#00ff00":   `"#00ff00": want VALUE:CLASS`,
		"1:0 #00ff00:1": "give values or colours, not both",
		"1:0,1:1":       `"1" is there twice`,
	} {
		_, err := data.ParseClassMap(text)
		require.ErrorContains(t, err, want, text)
	}
}

func second[T any](_ T, err error) error { return err }
