package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEvalHeadClasses(t *testing.T) {
	dir := shapes(t, "12")
	run := filepath.Join(t.TempDir(), "run")
	cradio(trainOnNano("classify", dir, "--out", run, "--epochs", "3", "--batch", "8")...).succeeds(t)
	args := []string{"eval", "head", run, dir, "--model", "synthetic:nano"}
	o := cradio(args...)
	o.succeeds(t)
	require.Contains(t, o.stdout, ": 4 images, 2 classes\ntop-1 ")
	require.Contains(t, o.stdout, "  circle               recall ")
	v := parsed[headReport](t, cradio(append(args, "--json", "--part", "all")...))
	require.Equal(t, 24, v.Images)
	require.LessOrEqual(t, v.Interval[0], *v.Top1)
	require.Len(t, v.Confusion, 2)
	o = cradio(append(args, "--plan")...)
	o.succeeds(t)
	require.Contains(t, o.stdout, ": 4 images\n")

	require.NoError(t, os.Rename(filepath.Join(dir, "test", "square"), filepath.Join(dir, "test", "cross")))
	cradio(args...).fails(t, exitError, "which knows circle, square")
	cradio(append(args, "--part", "none")...).fails(t, exitError, "--part none: must be train, val, test or all")
	cradio("eval", "head", run).fails(t, exitError, "want a HEAD and DATA; found 1 argument")
	cradio("eval", "head", run, dir).fails(t, exitError, "--model is missing: the head was trained on synthetic:nano; give --model synthetic:nano")
	cradio("eval", "head", run, dir, "--min", "2", "--max", "1").fails(t, exitError, "must be positive, and max above min")
	cradio("eval", "head", run, dir, "--window", "4", "--stride", "5").fails(t, exitError, "leave gaps")
}

// TestEvalHeadDigits: the model that is part of the program reads its own pictures.
func TestEvalHeadDigits(t *testing.T) {
	dir := t.TempDir()
	for _, d := range []string{"2", "7"} {
		require.NoError(t, os.Mkdir(filepath.Join(dir, d), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, d, "1.png"), read(t, "../../radio/digits/pictures/"+d+".png"), 0o644))
	}
	v := parsed[headReport](t, cradio("eval", "head", "digits", dir, "--json"))
	require.Equal(t, number(1), *v.Top1)
	require.Len(t, v.Classes, 10)
}

func TestEvalHeadMaps(t *testing.T) {
	for kind, command := range map[string]string{"masks": "segment", "depth": "depth"} {
		dir := filepath.Join(t.TempDir(), kind)
		cradio("eval", "generate", dir, "--kind", kind, "--classes", "2", "--each", "4", "--pixels", "48").succeeds(t)
		run := filepath.Join(t.TempDir(), "run")
		cradio(trainOnNano(command, dir, "--out", run, "--epochs", "1", "--batch", "4")...).succeeds(t)
		for _, windows := range [][]string{nil, {"--window", "32", "--stride", "16"}} {
			args := append([]string{"eval", "head", run, dir, "--model", "synthetic:nano"}, windows...)
			cradio(args...).succeeds(t)
			o := cradio(append(args, "--json")...)
			if kind == "masks" {
				v := parsed[masksReport](t, o)
				require.Equal(t, 8, v.Images)
				require.Len(t, v.Classes, 3)
				require.Positive(t, float64(v.PixelAccuracy))
			} else {
				v := parsed[depthReport](t, o)
				require.Equal(t, 8, v.Images)
				require.Positive(t, v.AbsRel)
			}
		}
		require.NoError(t, os.Remove(filepath.Join(dir, kind, "circle-0001.png")))
		o := cradio("eval", "head", run, dir, "--model", "synthetic:nano")
		require.Equal(t, exitFailed, o.code)
		require.Contains(t, o.stderr, "circle-0001.png: has no partner")
	}
}
