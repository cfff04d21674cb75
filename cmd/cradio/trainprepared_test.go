package main

import (
	"encoding/json"
	"fmt"
	stdimage "image"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"cradio/radio/head"
	"cradio/radio/image"

	"github.com/stretchr/testify/require"
)

// ppm writes pixels as a file without anything else.
func ppm(t *testing.T, img *image.RGB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "plain.ppm")
	require.NoError(t, os.WriteFile(path, append(fmt.Appendf(nil, "P6 %d %d 255\n", img.W, img.H), img.Pix...), 0o644))
	return path
}

// TestTrainPrepared: a head on pictures that were decoded fast, or whose transparency was dropped, remembers it, from
// images and from a store. predict prepares images alike then.
func TestTrainPrepared(t *testing.T) {
	for name, c := range map[string]struct {
		pictures      [2]string
		stored, given []string // flags
		pixels        func(img *image.RGB, path string) (*image.RGB, error)
		want          head.Picture
	}{
		"fast": {[2]string{"chelsea.jpg", "coffee-progressive-444.jpg"}, []string{"--fast-decode"}, []string{"--fast-decode"},
			func(_ *image.RGB, path string) (*image.RGB, error) {
				return image.DecodeFile(path, image.DecodeOptions{Draft: [2]int{32, 32}})
			},
			head.Picture{FastDecode: true}},
		"alpha": {[2]string{"rgba.png", "gray-alpha.png"}, []string{"--alpha", "drop"}, []string{"--drop-alpha"},
			func(img *image.RGB, _ string) (*image.RGB, error) { return img, nil }, head.Picture{Alpha: head.AlphaDrop}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			set, store := filepath.Join(dir, "set"), filepath.Join(dir, "store")
			for i, file := range c.pictures {
				class := filepath.Join(set, string(rune('a'+i)))
				require.NoError(t, os.MkdirAll(class, 0o777))
				require.NoError(t, os.WriteFile(filepath.Join(class, file), read(t, picture(file)), 0o644))
			}
			cradio(append(onNano(set, "--out", store, "--size", "32"), c.stored...)...).succeeds(t)
			train := func(run, data string, args ...string) outcome {
				return cradio(trainOnNano(append([]string{"classify", data, "--out", filepath.Join(dir, run), "--val", "0", "--epochs", "1", "--size", "32"}, args...)...)...)
			}
			prepared := func(run string) head.Picture {
				var spec struct{ Picture head.Picture }
				require.NoError(t, json.Unmarshal(read(t, filepath.Join(dir, run, "head", "head.json")), &spec))
				return spec.Picture
			}
			c.want.Size = "32"
			train("plain", set).succeeds(t)
			require.Equal(t, head.Picture{Size: "32"}, prepared("plain"))
			train("images", set, c.given...).succeeds(t)
			train("stored", store).succeeds(t)
			path := picture(c.pictures[0])
			img, err := image.DecodeFile(path, image.DecodeOptions{})
			require.NoError(t, err)
			img, err = c.pixels(img, path)
			require.NoError(t, err)
			same := ppm(t, img)
			answers := func(run string, args ...string) [2]string {
				o := cradio(append([]string{"predict", filepath.Join(dir, run), path, same, "--model", "synthetic:nano", "--json"}, args...)...)
				o.succeeds(t)
				lines := strings.Split(strings.TrimSpace(o.stdout), "\n")
				require.Len(t, lines, 2)
				return [2]string{strings.Replace(lines[0], path, same, 1), lines[1]}
			}
			for _, run := range []string{"images", "stored"} {
				require.Equal(t, c.want, prepared(run))
				require.Equal(t, answers(run)[0], answers(run)[1])
			}
			require.NotEqual(t, answers("plain")[0], answers("plain")[1])
			if name == "alpha" {
				require.NotEqual(t, answers("images")[0], answers("images", "--alpha", "white")[0])
			}
			o := train("other", store, c.given[0]+"=false")
			o.fails(t, exitError, store+": preprocessing: want ")
			train("plain", set, append(c.given, "--resume")...).fails(t, exitError, "was not set, is true")
		})
	}
}

// TestPredictDecodedFast: masks are of the whole image, and eval head compares them with its mask, where the head has
// images decoded fast.
func TestPredictDecodedFast(t *testing.T) {
	dir := t.TempDir()
	set, run, out := filepath.Join(dir, "set"), filepath.Join(dir, "run"), filepath.Join(dir, "out")
	for _, folder := range []string{"images", "masks"} {
		require.NoError(t, os.MkdirAll(filepath.Join(set, folder), 0o777))
	}
	var w, h int
	for _, file := range []string{"chelsea.jpg", "odd-444.jpg"} {
		require.NoError(t, os.WriteFile(filepath.Join(set, "images", file), read(t, picture(file)), 0o644))
		var err error
		h, w, err = image.Bounds(read(t, picture(file)))
		require.NoError(t, err)
		mask := stdimage.NewGray(stdimage.Rect(0, 0, w, h))
		for i := range mask.Pix {
			mask.Pix[i] = uint8(i / 50 % 2)
		}
		f, err := os.Create(filepath.Join(set, "masks", strings.TrimSuffix(file, ".jpg")+".png"))
		require.NoError(t, err)
		require.NoError(t, png.Encode(f, mask))
		require.NoError(t, f.Close())
	}
	cradio(trainOnNano("segment", set, "--out", run, "--val", "0", "--epochs", "1", "--size", "32", "--batch", "2", "--fast-decode")...).succeeds(t)
	for _, more := range [][]string{nil, {"--window", "64"}} {
		cradio(append([]string{"predict", run, filepath.Join(set, "images"), "--out", out, "--model", "synthetic:nano"}, more...)...).succeeds(t)
		for _, file := range []string{"chelsea", "odd-444"} {
			h, w, err := image.Bounds(read(t, filepath.Join(set, "images", file+".jpg")))
			require.NoError(t, err)
			for _, name := range []string{file + ".png", file + "-overlay.png"} {
				gotH, gotW, err := image.Bounds(read(t, filepath.Join(out, name)))
				require.NoError(t, err)
				require.Equal(t, [2]int{h, w}, [2]int{gotH, gotW}, name)
			}
		}
		cradio(append([]string{"eval", "head", run, set, "--model", "synthetic:nano"}, more...)...).succeeds(t)
	}
	cat := filepath.Join(set, "images", "chelsea.jpg")
	cradio("predict", run, cat, cat, "--out", out, "--model", "synthetic:nano").fails(t, exitError, cat+": is given twice; leave it out once")
}

// TestClassesOnTwoLines: the name of a class may have a newline, which no message has.
func TestClassesOnTwoLines(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no file has such a name")
	}
	dir := shapes(t, "12")
	require.NoError(t, os.Rename(filepath.Join(dir, "train", "circle"), filepath.Join(dir, "train", "cir\ncle")))
	set, run := filepath.Join(dir, "train"), filepath.Join(t.TempDir(), "run")
	o := cradio(trainOnNano("classify", set, "--out", run, "--epochs", "1", "--val", "0.5")...)
	o.succeeds(t)
	require.Contains(t, o.stderr, `cir\ncle`)
	for line := range strings.Lines(o.stderr) {
		require.True(t, strings.HasPrefix(line, "cradio: "), line)
	}
	cradio("eval", "head", run, filepath.Join(dir, "test"), "--model", "synthetic:nano").fails(t, exitError, `knows "cir\ncle"`)
}
