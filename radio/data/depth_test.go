package data_test

import (
	stdimage "image"
	"image/color"
	"path/filepath"
	"testing"

	"cradio/radio/data"

	"github.com/stretchr/testify/require"
)

func TestReadDepth(t *testing.T) {
	deep := stdimage.NewGray16(stdimage.Rect(0, 0, 2, 1))
	deep.SetGray16(1, 0, color.Gray16{2500})
	dir := tree(t, map[string]string{"deep.png": encoded(t, deep), "grey.png": "png:1"})
	d, err := data.ReadDepth(filepath.Join(dir, "deep.png"), data.Millimetres, 1, 2)
	require.NoError(t, err)
	require.Equal(t, []float32{0, 2.5}, d.Metres)
	_, err = data.ReadDepth(filepath.Join(dir, "deep.png"), data.Millimetres, 2, 2)
	require.ErrorContains(t, err, "deep.png: has 2×1 pixels, its picture has 2×2 (width×height)")
	_, err = data.ReadDepth(filepath.Join(dir, "grey.png"), data.KITTI, 0, 0)
	require.ErrorContains(t, err, "grey.png: is a PNG, grey, with 8 bits: want a depth for each pixel, in a grey PNG with 16 bits")
	_, err = data.ReadDepth(filepath.Join(dir, "deep.png"), 0, 0, 0)
	require.ErrorContains(t, err, "1 m is 0 in the file")
}
