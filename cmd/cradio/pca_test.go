package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"cradio/radio/image"

	"github.com/stretchr/testify/require"
)

// drawn reads a PNG that a command wrote.
func drawn(t *testing.T, path string) *image.RGB {
	t.Helper()
	img, err := image.DecodeFile(path, image.DecodeOptions{})
	require.NoError(t, err)
	return img
}

// parsed is what --json prints.
func parsed[T any](t *testing.T, o outcome) (v T) {
	t.Helper()
	o.succeeds(t)
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &v), o.stdout)
	return v
}

func TestPCA(t *testing.T) {
	out := filepath.Join(t.TempDir(), "x.png")
	args := nano("pca", picture("chelsea.jpg"), "-o", out, "-s", "48x64", "--threads", "1")
	o := cradio(args...)
	o.succeeds(t)
	require.Contains(t, o.stdout, "x.png: features of synthetic:nano at 48x64 pixels; ")
	require.Contains(t, o.stdout, "synthetic weights")
	first := read(t, out)
	require.Contains(t, string(first), "synthetic weights", "the file says so too")
	img := drawn(t, out)
	require.Greater(t, img.W, 3*384, "three panels of a readable size")

	cradio(append(args, "--threads", "2")...).succeeds(t)
	require.Equal(t, first, read(t, out), "the same image again, on any number of threads")
	cradio(append(args, "--smooth")...).succeeds(t)
	require.NotEqual(t, first, read(t, out), "blended")
	cradio(append(args, "--scale", "2", "--panels", "map")...).succeeds(t)
	require.Less(t, drawn(t, out).W, img.W)
}

func TestPCAJSON(t *testing.T) {
	v := parsed[pcaJSON](t, cradio(nano("pca", picture("chelsea.jpg"), picture("gray.jpg"), "--json", "-s", "48x64")...))
	require.Equal(t, "features", v.Layer)
	require.True(t, v.Synthetic)
	require.Len(t, v.Shares, 3)
	require.Len(t, v.Images, 2)
	require.Equal(t, [2]int{300, 451}, v.Images[0].Original)
	require.Len(t, v.Images[0].Colours, 3)
	require.Len(t, v.Images[0].Colours[0], 4)
	require.Nil(t, v.Images[0].Shares)
	each := parsed[pcaJSON](t, cradio(nano("pca", picture("chelsea.jpg"), picture("gray.jpg"), "--json", "-s", "48x64", "--each")...))
	require.NotEqual(t, v.Images[0].Colours, each.Images[0].Colours)
	require.Len(t, each.Images[0].Shares, 3)
}

// TestPCABasis: kept, taken again with the same colours to the last bit, and refused for
// other features.
func TestPCABasis(t *testing.T) {
	dir := t.TempDir()
	basis := filepath.Join(dir, "b.safetensors")
	images := []string{picture("chelsea.jpg"), picture("astronaut.png")}
	args := append([]string{"pca", "--json", "-s", "64x64", "--save-basis", basis}, images...)
	kept := parsed[pcaJSON](t, cradio(nano(args...)...))
	folder := filepath.Join(dir, "frames") + string(filepath.Separator)
	again := parsed[pcaJSON](t, cradio(nano(append([]string{"pca", "--json", "-s", "64x64", "--basis", basis, "-o", folder}, images...)...)...))
	for i := range images {
		require.Equal(t, kept.Images[i].Colours, again.Images[i].Colours)
	}
	require.Equal(t, []string{"astronaut.pca.png", "chelsea.pca.png"}, left(t, folder))

	out := filepath.Join(dir, "x.png")
	for want, args := range map[string][]string{
		`a basis of block 0, found one of another layer, "features"`: {"--block", "0", "-m", "synthetic:nano"},
		`found one of another model, "synthetic:nano"`:               {"-m", "../../conformance/checkpoints/hub"},
		"--basis already has the components":                         {"--skip", "1", "-m", "synthetic:nano"},
	} {
		cradio(append([]string{"pca", images[0], "-s", "64x64", "-o", out, "--basis", basis}, args...)...).fails(t, exitError, want)
	}
	cradio(nano("pca", images[0], "-o", out, "--basis", images[0])...).fails(t, exitError, "want a safetensors file, found a JPEG image")
	require.NoFileExists(t, out)
}

func TestPCALayersAndForeground(t *testing.T) {
	const hub = "../../conformance/checkpoints/hub"
	args := []string{"pca", picture("chelsea.jpg"), "--json", "-s", "64x96", "-m", hub}
	plain := parsed[pcaJSON](t, cradio(args...))
	block := parsed[pcaJSON](t, cradio(append(args, "--block", "-2")...))
	require.Equal(t, "block 1", block.Layer)
	require.NotEqual(t, plain.Images[0].Colours, block.Images[0].Colours)
	adaptor := parsed[pcaJSON](t, cradio(append(args, "--adaptor", "clip")...))
	require.Equal(t, "adaptor clip", adaptor.Layer)
	fine := parsed[pcaJSON](t, cradio(append(args, "--adaptor", "sam")...))
	require.Len(t, fine.Images[0].Colours, fine.Images[0].Rows)
	front := parsed[pcaJSON](t, cradio(append(args, "--foreground", "auto")...))
	require.NotNil(t, front.Images[0].Foreground)
	require.Greater(t, float64(*front.Images[0].Foreground), 0.0)
	require.Less(t, float64(*front.Images[0].Foreground), 1.0)
}

// TestPCAOnePatch: and an image of one colour.
func TestPCAOnePatch(t *testing.T) {
	out := filepath.Join(t.TempDir(), "x.png")
	for _, name := range []string{"one-pixel.png", "bilevel.png"} {
		for _, size := range []string{"16", "48"} {
			cradio(nano("pca", picture(name), "-o", out, "-s", size)...).succeeds(t)
			cradio(nano("clusters", picture(name), "-o", out, "-s", size, "-k", "30")...).succeeds(t)
			cradio(nano("similar", picture(name), "-o", out, "-s", size, "--at", "0,0", "--smooth")...).succeeds(t)
			cradio(nano("attention", picture(name), "-o", out, "-s", size, "--from", "0.5,0.5", "--smooth")...).succeeds(t)
			cradio(nano("compare", picture(name), "-o", out, "-s", size, "--with-dtype", "bfloat16")...).succeeds(t)
		}
	}
}

// TestPCAShape: by default the image's shape is kept.
func TestPCAShape(t *testing.T) {
	v := parsed[pcaJSON](t, cradio(nano("pca", picture("wide.png"), "--json")...))
	wide := drawn(t, picture("wide.png"))
	require.InDelta(t, float64(wide.W)/float64(wide.H), float64(v.Images[0].Width)/float64(v.Images[0].Height), 0.5)
}

// TestShowFailures: an image that cannot be read is left out, unless it is the only one.
func TestShowFailures(t *testing.T) {
	out := filepath.Join(t.TempDir(), "x.png")
	bad := file(t, "bad.jpg", []byte("hello"))
	o := cradio(nano("pca", bad, picture("gray.jpg"), "-o", out, "-s", "32")...)
	o.fails(t, exitFailed, "1 of 2 images failed")
	require.FileExists(t, out)
	o = cradio(nano("clusters", bad, bad, "-o", out, "-s", "32")...)
	o.fails(t, exitFailed, "2 of 2 images failed: nothing was written")
	cradio(nano("similar", bad, picture("gray.jpg"), "--at", "0,0", "-o", out, "-s", "32")...).fails(t, exitError, "cannot be read, but --at is a position in it")
	cradio(nano("attention", bad, "-o", out)...).fails(t, exitError, "bad.jpg")
}

// TestShowFolder: a file for each image, of which none takes the place of another.
func TestShowFolder(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.jpg", "a.png"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), read(t, picture("gray.jpg")), 0o644))
	}
	before := read(t, filepath.Join(dir, "a.png"))
	for range 2 {
		cradio(nano("clusters", filepath.Join(dir, "a.jpg"), filepath.Join(dir, "a.png"), "-o", dir, "-s", "32")...).succeeds(t)
	}
	require.Equal(t, []string{"a.2.clusters.png", "a.clusters.png", "a.jpg", "a.png"}, left(t, dir))
	require.Equal(t, before, read(t, filepath.Join(dir, "a.png")))
}

func TestPCARefuses(t *testing.T) {
	out := filepath.Join(t.TempDir(), "x.png")
	for want, args := range map[string][]string{
		"no IMAGE given":                                 {"-o", out},
		"--out is missing":                               {picture("gray.jpg")},
		"must end in .png, or be a folder":               {picture("gray.jpg"), "-o", "x.jpg"},
		"--scale 0: must be 0.05 to 16":                  {picture("gray.jpg"), "-o", out, "--scale", "0"},
		"--scale NaN: must be 0.05":                      {picture("gray.jpg"), "-o", out, "--scale", "NaN"},
		"it is an empty file":                            {file(t, "empty.jpg", nil), "-o", out},
		"the nearest supported size is 48×48":            {picture("gray.jpg"), "-o", out, "-s", "50"},
		"x.png/no; make it first":                        {picture("gray.jpg"), "-s", "32", "-o", filepath.Join(out, "no", "x.png")},
		"--panels picture: must be one or more of image": {picture("gray.jpg"), "-o", out, "--panels", "picture"},
		"map is given twice":                             {picture("gray.jpg"), "-o", out, "--panels", "map,map"},
		"block 7 does not exist":                         {picture("gray.jpg"), "-o", out, "--block", "7"},
		"--block x: must be the number":                  {picture("gray.jpg"), "-o", out, "--block", "x"},
		"cannot be combined":                             {picture("gray.jpg"), "-o", out, "--block", "1", "--adaptor", "clip"},
		"--foreground up: must be auto":                  {picture("gray.jpg"), "-o", out, "--foreground", "up"},
		"--foreground-at 0.5: must be":                   {picture("gray.jpg"), "-o", out, "--foreground-at", "0.5"},
		"--deviations 0: must be above 0":                {picture("gray.jpg"), "-o", out, "--deviations", "0"},
		"ends in .safetensors":                           {picture("gray.jpg"), "-o", out, "--save-basis", "b.npz"},
		"the panels have more than 67 million":           {picture("gray.jpg"), "-o", out, "--scale", "16", "-s", "512"},
		"skip is 64, must be 0 to 63":                    {picture("gray.jpg"), "-o", out, "--skip", "64", "-s", "32"},
	} {
		cradio(nano(append([]string{"pca"}, args...)...)...).fails(t, exitError, want)
	}
	require.Empty(t, left(t, filepath.Dir(out)))
}
