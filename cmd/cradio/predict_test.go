package main

import (
	"bytes"
	stdimage "image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cradio/radio/image"

	"github.com/stretchr/testify/require"
)

const sevenPNG = "../../radio/digits/pictures/7.png"

func TestPredictDigits(t *testing.T) {
	o := cradio("predict", "digits", sevenPNG, "../../radio/digits/pictures/2.png", "--top", "2")
	o.succeeds(t)
	require.Contains(t, o.stdout, sevenPNG+": 7 (97.5 %), ")
	require.Contains(t, o.stdout, "/2.png: 2 (")
	v := parsed[answerJSON](t, cradio("predict", "digits", sevenPNG, "--json"))
	require.Equal(t, "7", v.Label)
	require.Len(t, v.Scores, 10)
	require.Equal(t, v.Score, v.Scores[0])
	sum := 0.0
	for _, s := range v.Scores {
		sum += float64(s)
	}
	require.InDelta(t, 1, sum, 1e-6) // numbers are printed with nine digits

	table := filepath.Join(t.TempDir(), "answers.csv")
	o = cradio("predict", "digits", "../../radio/digits/pictures", file(t, "bad.png", []byte("no picture")), "--out", table)
	o.fails(t, exitFailed, "1 of 11 images failed")
	lines := strings.Split(strings.TrimSpace(string(read(t, table))), "\n")
	require.Len(t, lines, 11)
	require.Equal(t, "path,label,score,score_0,score_1,score_2,score_3,score_4,score_5,score_6,score_7,score_8,score_9", lines[0])
	cradio("predict", "digits", sevenPNG, "--model", "synthetic:B").fails(t, exitError, "--model: digits has a model of its own; leave the flag out")
	cradio("predict", "digits", sevenPNG, "--out", t.TempDir()).fails(t, exitError, "give a FILE.jsonl or FILE.csv")
	cradio("predict", "digits").fails(t, exitError, "want a HEAD and one IMAGE or more; found 1 argument")
}

// TestPredictRun: what was trained answers, with the model in the run, its adapter, or the one given.
func TestPredictRun(t *testing.T) {
	dir := shapes(t, "12")
	picture := filepath.Join(dir, "test", "circle")
	for name, more := range map[string][]string{"frozen": nil, "blocks": {"--blocks", "1"}, "adapter": {"--lora", "2"}} {
		out := filepath.Join(t.TempDir(), "run")
		cradio(append(trainOnNano("classify", dir, "--out", out, "--epochs", "2", "--batch", "8"), more...)...).succeeds(t)
		args := []string{"predict", out, picture}
		if name != "blocks" {
			cradio(args...).fails(t, exitError, "--model is missing: the head was trained on synthetic:nano; give --model synthetic:nano")
			cradio(append(args, "--model", "../../conformance/checkpoints/hub")...).fails(t, exitError, "trained on another model")
			args = append(args, "--model", "synthetic:nano")
		}
		o := cradio(args...)
		o.succeeds(t)
		require.Equal(t, 2, strings.Count(o.stdout, "\n"), o.stdout)
	}
}

func TestPredictMaps(t *testing.T) {
	for kind, command := range map[string]string{"masks": "segment", "depth": "depth"} {
		dir := filepath.Join(t.TempDir(), kind)
		cradio("eval", "generate", dir, "--kind", kind, "--classes", "2", "--each", "6", "--pixels", "48").succeeds(t)
		out, maps := filepath.Join(t.TempDir(), "run"), filepath.Join(t.TempDir(), "maps")
		cradio(trainOnNano(command, dir, "--out", out, "--epochs", "1", "--batch", "4")...).succeeds(t)
		picture := filepath.Join(dir, "images", "circle-0001.png")
		for _, windows := range [][]string{nil, {"--window", "32", "--stride", "16"}} {
			o := cradio(append([]string{"predict", filepath.Join(out, "head"), picture, "--model", "synthetic:nano", "--out", maps, "--json"}, windows...)...)
			v := parsed[mapJSON](t, o)
			img, err := png.Decode(bytes.NewReader(read(t, v.Out)))
			require.NoError(t, err)
			require.Equal(t, 48, img.Bounds().Dx())
			if kind == "masks" {
				over, err := image.DecodeFile(v.Overlay, image.DecodeOptions{})
				require.NoError(t, err)
				require.Equal(t, []int{48, 48}, []int{over.H, over.W})
				require.NotEmpty(t, v.Shares)
				whole, err := image.DecodeFile(picture, image.DecodeOptions{})
				require.NoError(t, err)
				tinted := 0
				for i, c := range img.(*stdimage.Paletted).Pix {
					if c == 0 {
						require.Equal(t, whole.Pix[3*i:3*i+3], over.Pix[3*i:3*i+3], "pixel %d is background", i)
						continue
					}
					tinted++
				}
				if tinted > 0 {
					require.NotEqual(t, whole.Pix, over.Pix)
				}
			} else {
				require.LessOrEqual(t, float64(*v.Near), float64(*v.Far))
			}
		}
		cradio("predict", out, picture, "--model", "synthetic:nano").fails(t, exitError, "--out is missing")
		// A head that was changed after it was saved is refused by name.
		weights := filepath.Join(out, "head", "head.safetensors")
		text := read(t, weights)
		text[len(text)-1] ^= 1
		require.NoError(t, os.WriteFile(weights, text, 0o644))
		cradio("predict", out, picture, "--model", "synthetic:nano", "--out", maps).fails(t, exitError, "head.safetensors")
	}
}
