package main

import (
	stdimage "image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// repaint writes the masks of a folder with another colour for each class, in files whose names end in _mask.
func repaint(t *testing.T, from, to string, colours ...color.Color) {
	t.Helper()
	entries, err := os.ReadDir(from)
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(to, 0o777))
	for _, e := range entries {
		r, err := os.Open(filepath.Join(from, e.Name()))
		require.NoError(t, err)
		img, err := png.Decode(r)
		require.NoError(t, err)
		require.NoError(t, r.Close())
		mask := img.(*stdimage.Paletted)
		painted := stdimage.NewNRGBA(mask.Bounds())
		for y := range mask.Bounds().Dy() {
			for x := range mask.Bounds().Dx() {
				painted.Set(x, y, colours[mask.ColorIndexAt(x, y)])
			}
		}
		w, err := os.Create(filepath.Join(to, e.Name()[:len(e.Name())-len(".png")]+"_mask.png"))
		require.NoError(t, err)
		require.NoError(t, png.Encode(w, painted))
		require.NoError(t, w.Close())
	}
}

// TestClassMaps: masks of colours, and masks in black and white, train the head that their classes train.
func TestClassMaps(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "scenes")
	cradio("eval", "generate", dir, "--kind", "masks", "--classes", "2", "--each", "4", "--pixels", "32").succeeds(t)
	white, red, green := color.NRGBA{255, 255, 255, 255}, color.NRGBA{255, 0, 0, 255}, color.NRGBA{0, 255, 0, 255}
	repaint(t, filepath.Join(dir, "masks"), filepath.Join(dir, "colours"), color.Black, red, green)
	repaint(t, filepath.Join(dir, "masks"), filepath.Join(dir, "white"), color.Black, white, white)
	train := func(out string, args ...string) outcome {
		return cradio(append([]string{"train", "segment", dir, "--model", "synthetic:nano", "--size", "32", "--epochs", "1", "--batch", "2", "--val", "0.3", "--out", filepath.Join(dir, out)}, args...)...)
	}
	train("classes").succeeds(t)
	train("mapped", "--masks", "colours", "--class-map", "#000000:0,#ff0000:1,#00ff00:2").succeeds(t)
	head := func(out string) []byte {
		contents, err := os.ReadFile(filepath.Join(dir, out, "head", "head.safetensors"))
		require.NoError(t, err)
		return contents
	}
	require.Equal(t, head("classes"), head("mapped"))
	table := filepath.Join(dir, "class_dict.csv")
	require.NoError(t, os.WriteFile(table, []byte("name,r,g,b\nground,0,0,0\ncircle,255,0,0\nsquare,0,255,0\n"), 0o666))
	train("table", "--masks", "colours", "--class-map", table).succeeds(t)
	require.Equal(t, head("classes"), head("table"))
	require.Regexp(t, `"0": "ground",\s+"1": "circle",\s+"2": "square"`, string(read(t, filepath.Join(dir, "table", "head", "head.json"))))
	train("mapped", "--masks", "colours", "--class-map", "#000000:0,#ff0000:2,#00ff00:1", "--resume").fails(t, exitError,
		`task.class_map was "#000000:0,#00ff00:2,#ff0000:1", is "#000000:0,#00ff00:1,#ff0000:2"; give the same options`)
	train("white-run", "--masks", "white").fails(t, exitError, "the masks have 1 class: must be 2 to 255; in black and white masks, whose 255 would not count, give --class-map 0:0,255:1")
	list := filepath.Join(dir, "map.txt")
	require.NoError(t, os.WriteFile(list, []byte("0:0\n255:1\n"), 0o666))
	train("white-run", "--masks", "white", "--class-map", list).succeeds(t)

	cradio("eval", "head", filepath.Join(dir, "white-run"), dir, "--targets", "white", "--class-map", "0:0,255:1", "--model", "synthetic:nano").succeeds(t)
	o := cradio("eval", "masks", filepath.Join(dir, "masks"), filepath.Join(dir, "colours"), "--classes", "3", "--class-map", "#000000:0,#ff0000:1,#00ff00:2")
	o.succeeds(t)
	require.Contains(t, o.stdout, "100.0 %")
	train("x", "--class-map", "0:0", "--zero-ignored").fails(t, exitError, "leave 0 out of the map instead")
	train("x", "--class-map", "0").fails(t, exitError, `class map: "0": want VALUE:CLASS`)
	require.NoError(t, os.WriteFile(list, []byte("0:0\n0:1\n"), 0o666))
	train("x", "--class-map", list).fails(t, exitError, "map.txt: class map: \"0\" is there twice")
	require.NoDirExists(t, filepath.Join(dir, "x"))
}
