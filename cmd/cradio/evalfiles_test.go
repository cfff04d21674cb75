package main

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// grey writes a grey PNG of 2 x 2 pixels, of 8 or 16 bits.
func grey(t *testing.T, path string, deep bool, values ...int) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	var img image.Image
	r := image.Rect(0, 0, len(values)/2, 2)
	if deep {
		g := image.NewGray16(r)
		for i, v := range values {
			g.SetGray16(i%r.Dx(), i/r.Dx(), color.Gray16{Y: uint16(v)})
		}
		img = g
	} else {
		g := image.NewGray(r)
		for i, v := range values {
			g.Pix[i] = uint8(v)
		}
		img = g
	}
	f, err := os.Create(path)
	require.NoError(t, err)
	require.NoError(t, png.Encode(f, img))
	require.NoError(t, f.Close())
}

func TestEvalMasks(t *testing.T) {
	dir := t.TempDir()
	at := func(parts ...string) string { return filepath.Join(append([]string{dir}, parts...)...) }
	grey(t, at("p", "a.png"), false, 0, 0, 1, 1)
	grey(t, at("l", "a.png"), false, 0, 1, 1, 255)
	grey(t, at("p", "b.png"), false, 1, 1, 1, 1)
	grey(t, at("p", "b-overlay.png"), false, 1, 1, 1, 1)
	grey(t, at("l", "b.png"), false, 1, 1, 1, 1)
	o := cradio("eval", "masks", at("p"), at("l"), "--names", "ground,circle,none")
	o.succeeds(t)
	require.Contains(t, o.stdout, "2 masks\nmIoU            66.7 % (95 %: ")
	require.Contains(t, o.stdout, "  circle               IoU  83.3 %, accuracy  83.3 %, Dice  90.9 %")
	require.NotContains(t, o.stdout, "none")
	v := parsed[masksReport](t, cradio("eval", "masks", at("p", "a.png"), at("l", "a.png"), "--classes", "2", "--json"))
	require.Equal(t, 1, v.Images)
	require.InDelta(t, 0.5, float64(v.MeanIoU), 1e-9)
	require.InDelta(t, 2./3, float64(v.PixelAccuracy), 1e-6)

	grey(t, at("l", "c.png"), false, 0, 0, 0, 0)
	grey(t, at("p", "d.png"), false, 0, 0, 0, 0, 0, 0)
	grey(t, at("l", "d.png"), false, 0, 0, 0, 0)
	o = cradio("eval", "masks", at("p"), at("l"), "--classes", "2")
	require.Equal(t, exitFailed, o.code)
	require.Contains(t, o.stdout, "2 masks")
	require.Contains(t, o.stderr, "c.png: there is no prediction of this name in "+at("p"))
	require.Contains(t, o.stderr, "d.png")
	require.Contains(t, o.stderr, "2 of 4 images failed")
	cradio("eval", "masks", at("p"), at("l")).fails(t, exitError, "--classes 0, with 0 --names: give the number of classes")
	cradio("eval", "masks", at("p")).fails(t, exitError, "want PREDICTED and LABELS; found 1 argument")
	cradio("eval", "masks", at("none"), at("l"), "--classes", "2").fails(t, exitError, "none: no such file")
}

func TestEvalDepth(t *testing.T) {
	dir := t.TempDir()
	p, m := filepath.Join(dir, "p.png"), filepath.Join(dir, "m.png")
	grey(t, p, true, 1100, 2000, 3000, 500)
	grey(t, m, true, 1000, 2000, 0, 20000)
	o := cradio("eval", "depth", p, m, "--max", "10")
	o.succeeds(t)
	require.Contains(t, o.stdout, "1 depth map, 2 pixels\nabs rel   0.0500 (95 %: ")
	require.Contains(t, o.stdout, "δ < 1.25  100.0 %")
	v := parsed[depthReport](t, cradio("eval", "depth", p, m, "--json"))
	require.EqualValues(t, 3, v.Pixels)
	require.InDelta(t, (0.1+0+0.975)/3, v.AbsRel, 1e-6)

	grey(t, p, true, 0, 2000, 3000, 500)
	cradio("eval", "depth", p, m).fails(t, exitError, "p.png: the prediction of pixel 0 is 0: must be a positive finite number; set Min to clip it")
	cradio("eval", "depth", p, m, "--min", "0.001").succeeds(t)
	cradio("eval", "depth", p, m, "--min", "30").fails(t, exitError, "no pixel counts")
	cradio("eval", "depth", p, m, "--min", "3", "--max", "2").fails(t, exitError, "must be positive, and max above min")
}
