package main

import (
	"path/filepath"
	"testing"

	"cradio/radio/image"

	"github.com/stretchr/testify/require"
)

func TestPCA(t *testing.T) {
	out := filepath.Join(t.TempDir(), "x.png")
	args := nano("pca", picture("chelsea.jpg"), "-o", out, "-s", "48x64")
	o := cradio(args...)
	o.succeeds(t)
	require.Contains(t, o.stdout, "x.png: features of synthetic:nano at 48x64 pixels; ")
	require.Contains(t, o.stdout, "synthetic weights")
	first := read(t, out)
	require.Contains(t, string(first), "synthetic weights", "the file says so too")
	img, err := image.Decode(first, image.DecodeOptions{})
	require.NoError(t, err)
	require.Equal(t, [2]int{48, 64 + 1 + 64}, [2]int{img.H, img.W})
	require.Equal(t, img.Pix[3*65:3*66], img.Pix[3*80:3*81], "one patch, one colour")

	cradio(args...).succeeds(t)
	require.Equal(t, first, read(t, out), "the same picture again")

	cradio(append(args, "--scale", "2", "--smooth")...).succeeds(t)
	img, err = image.DecodeFile(out, image.DecodeOptions{})
	require.NoError(t, err)
	require.Equal(t, [2]int{96, 128 + 2 + 128}, [2]int{img.H, img.W})
	require.NotEqual(t, img.Pix[3*130:3*131], img.Pix[3*150:3*151], "blended")
}

// TestPCAShape: by default the picture's shape is kept.
func TestPCAShape(t *testing.T) {
	out := filepath.Join(t.TempDir(), "x.png")
	cradio(nano("pca", picture("wide.png"), "-o", out)...).succeeds(t)
	img, err := image.DecodeFile(out, image.DecodeOptions{})
	require.NoError(t, err)
	wide, err := image.DecodeFile(picture("wide.png"), image.DecodeOptions{})
	require.NoError(t, err)
	require.InDelta(t, float64(wide.W)/float64(wide.H), float64(img.W)/2/float64(img.H), 0.5)
}

func TestPCARefuses(t *testing.T) {
	out := filepath.Join(t.TempDir(), "x.png")
	for want, args := range map[string][]string{
		"wants one PICTURE, found 0":          {"-o", out},
		"--out is missing":                    {picture("gray.jpg")},
		"wants a name that ends in .png":      {picture("gray.jpg"), "-o", "x.jpg"},
		"--scale 0: wants 1 to 16":            {picture("gray.jpg"), "-o", out, "--scale", "0"},
		"it is an empty file":                 {file(t, "empty.jpg", nil), "-o", out},
		"the nearest supported size is 48×48": {picture("gray.jpg"), "-o", out, "-s", "50"},
		"x.png/no; make it first":             {picture("gray.jpg"), "-s", "32", "-o", filepath.Join(out, "no", "x.png")},
	} {
		cradio(nano(append([]string{"pca"}, args...)...)...).fails(t, exitError, want)
	}
	require.Empty(t, left(t, filepath.Dir(out)))
}
