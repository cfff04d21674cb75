package main

import (
	"bytes"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cradio/radio/data"

	"github.com/stretchr/testify/require"
)

// shapes is a small generated set of two classes.
func shapes(t *testing.T, each string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "shapes")
	o := cradio("eval", "generate", dir, "--classes", "2", "--each", each, "--pixels", "32")
	o.succeeds(t)
	require.Contains(t, o.stdout, "2 classes, 32 pixels")
	return dir
}

// onShapes appends what makes an evaluation fast.
func onShapes(args ...string) []string {
	return append(append([]string{"eval"}, args...), "--model", "synthetic:nano", "--size", "32")
}

func TestEvalKNN(t *testing.T) {
	dir := shapes(t, "18")
	drawing := filepath.Join(t.TempDir(), "confusion.png")
	args := onShapes("knn", dir, "--k", "5,1", "--shots", "1,3", "--draws", "2", "--confusion", drawing)
	o := cradio(args...)
	o.succeeds(t)
	require.Contains(t, o.stdout, "synthetic:nano: 6 images of test, 2 classes; 192 features (summary)\ntop-1 ")
	require.Contains(t, o.stdout, "mean recall ")
	require.Contains(t, o.stdout, "  k 1   top-1 ")
	require.Contains(t, o.stdout, "  3 images of each class: top-1 ")
	require.Contains(t, o.stderr, "cradio: train: 24 pictures of 2 classes, 12 each\n")
	require.NotContains(t, o.stderr, "\r", "no bar without a terminal")
	img, err := png.Decode(bytes.NewReader(read(t, drawing)))
	require.NoError(t, err)
	require.Greater(t, img.Bounds().Dy(), 480)

	v := parsed[evalReport](t, cradio(append(args, "--json")...))
	require.Equal(t, data.Test, v.Part)
	require.Equal(t, map[data.Part]int{data.Train: 24, data.Val: 6, data.Test: 6}, v.Images)
	require.Equal(t, []int{5, 1}, []int{v.K[0].K, v.K[1].K})
	require.Equal(t, v.Top1, v.K[0].Top1)
	require.Equal(t, number(1), v.Top5, "two classes")
	require.LessOrEqual(t, v.Interval[0], v.Top1)
	require.GreaterOrEqual(t, v.Interval[1], v.Top1)
	require.Equal(t, []int{1, 3}, []int{v.FewShot[0].Shots, v.FewShot[1].Shots})
	require.Equal(t, []int{2, 5}, []int{v.FewShot[0].K, v.FewShot[1].K}, "no more vote than there are")
	total := 0
	for _, row := range v.Confusion {
		for _, n := range row {
			total += n
		}
	}
	require.Equal(t, 6, total)
	require.Empty(t, v.Skipped)
	require.Equal(t, cradio(append(args, "--json")...).stdout, cradio(append(args, "--json", "--threads", "1")...).stdout)
}

func TestEvalLogistic(t *testing.T) {
	dir := shapes(t, "18")
	o := cradio(onShapes("logistic", dir, "--c", "0.01,1", "--input", "both")...)
	o.succeeds(t)
	require.Contains(t, o.stdout, "256 features (both)")
	require.Contains(t, o.stdout, "best of 2 on val")
	v := parsed[evalReport](t, cradio(onShapes("logistic", dir, "--c", "1", "--input", "mean", "--json")...))
	require.Equal(t, 64, v.Width)
	require.Len(t, v.Logistic.Sweep, 1)
	require.True(t, v.Logistic.Converged)
	require.Greater(t, float64(v.Top1), 0.4)

	require.NoError(t, os.RemoveAll(filepath.Join(dir, "test")))
	o = cradio(onShapes("logistic", dir, "--c", "1", "--raw")...)
	o.succeeds(t)
	require.Contains(t, o.stderr, "there is no test part: C was chosen on the images that the figures are of, which flatters")
}

func TestEvalAdaptor(t *testing.T) {
	dir := shapes(t, "6")
	args := []string{"eval", "knn", dir, "--k", "2", "--model", "../../conformance/checkpoints/hub", "--size", "32", "--json"}
	own := parsed[evalReport](t, cradio(args...))
	for _, input := range []string{"summary", "mean", "both"} {
		v := parsed[evalReport](t, cradio(append(args, "--adaptor", "clip", "--input", input)...))
		require.Equal(t, "clip", v.Adaptor)
		require.NotEqual(t, own.Width, v.Width)
	}
	cradio(append(args, "--adaptor", "none")...).fails(t, exitError, "none")
}

func TestEvalPlan(t *testing.T) {
	dir := shapes(t, "6")
	o := cradio(onShapes("knn", dir, "--k", "1", "--plan")...)
	o.succeeds(t)
	require.Contains(t, o.stdout, "12 images, 2 classes, 192 features each\none image: ")
	require.Contains(t, o.stdout, "of memory")
	v := parsed[planned](t, cradio(onShapes("logistic", dir, "--plan", "--json")...))
	require.Equal(t, map[data.Part]int{data.Train: 8, data.Val: 2, data.Test: 2}, v.Images)
	require.Positive(t, v.Memory)
	require.Positive(t, float64(v.Total))
}

// TestEvalSplits: sets without parts, lists, and parts from elsewhere.
func TestEvalSplits(t *testing.T) {
	dir := shapes(t, "18")
	whole := filepath.Join(dir, "train")
	v := parsed[evalReport](t, cradio(onShapes("knn", whole, "--k", "1", "--json", "--test", "0.3")...))
	require.Equal(t, 24, v.Images[data.Train]+v.Images[data.Test])
	require.Equal(t, v, parsed[evalReport](t, cradio(onShapes("knn", whole, "--k", "1", "--json", "--test", "0.3")...)))
	v = parsed[evalReport](t, cradio(onShapes("knn", "--train", whole, "--test", filepath.Join(dir, "val"), "--k", "1", "--json")...))
	require.Equal(t, map[data.Part]int{data.Train: 24, data.Val: 0, data.Test: 6}, v.Images)

	list := filepath.Join(dir, "list.csv")
	text := "path,label,split\n"
	for _, name := range []string{"train/circle/circle-0000.png", "train/square/square-0000.png", "test/circle/circle-0005.png"} {
		text += name + "," + strings.Split(name, "/")[1] + "," + strings.Split(name, "/")[0] + "\n"
	}
	require.NoError(t, os.WriteFile(list, []byte(text+"test/none.png,cross,test\n"), 0o644))
	o := cradio(onShapes("knn", list, "--k", "2", "--json")...)
	require.Equal(t, exitFailed, o.code)
	require.Contains(t, o.stderr, "cradio: skipped: open "+filepath.Join(dir, "test", "none.png"))
	require.Contains(t, o.stderr, "1 of 4 images failed")
	v = parsed[evalReport](t, outcome{stdout: o.stdout})
	require.Equal(t, map[data.Part]int{data.Train: 2, data.Val: 0, data.Test: 1}, v.Images)
	require.Equal(t, "missing", v.Skipped[0].Kind)
}

func TestEvalErrors(t *testing.T) {
	dir := shapes(t, "6")
	one := filepath.Join(dir, "train", "circle")
	for want, args := range map[string][]string{
		"no DATA given": {"knn"},
		"want one DATA, or --train instead of it": {"knn", dir, dir},
		"--input x: must be summary, mean or both, class:BLOCK or class:last:N, or some of them with + between": {"knn", dir, "--input", "x"},
		"--input summary,mean: has several values: only probe tries several":                                    {"knn", dir, "--input", "summary,mean"},
		"--input: class:last:4: want last:N with N from 1 to 3":                                                 {"knn", dir, "--input", "class:last:4"},
		"class:9: block 9 does not exist; the model has 3, 0 to 2":                                              {"logistic", dir, "--input", "class:9"},
		"--input class:1: an adaptor has none of these":                                                         {"knn", dir, "--input", "class:1", "--adaptor", "clip"},
		"--k 20: train has only 8 images; give a --k of at most 8":                                              {"knn", dir},
		"k is 0: must be at least 1":                                                                            {"knn", dir, "--k", "0"},
		"the temperature is 0":                                                                                  {"knn", dir, "--temperature", "0"},
		"--shots [0]: must be at least 1":                                                                       {"knn", dir, "--shots", "0"},
		"--draws 0: must be at least 1":                                                                         {"knn", dir, "--draws", "0"},
		"--c x: must be positive numbers":                                                                       {"logistic", dir, "--c", "x"},
		"has no folders: want one for each class":                                                               {"knn", one},
		"--val and --test: the fractions are":                                                                   {"knn", dir, "--test", "1.5"},
		"--test: stat none: no such file":                                                                       {"knn", dir, "--test", "none"},
		"has a part test already":                                                                               {"knn", dir, "--test", filepath.Join(dir, "val")},
		"--confusion x.jpg: must end in .png":                                                                   {"knn", dir, "--confusion", "x.jpg"},
		"--batch 0: must be at least 1":                                                                         {"knn", dir, "--batch", "0"},
	} {
		cradio(onShapes(args...)...).fails(t, exitError, want)
	}
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "train", "square")))
	o := cradio(onShapes("knn", dir, "--k", "1")...)
	o.fails(t, exitError, "train has one class only, circle: want at least two")
	require.NoError(t, os.Mkdir(filepath.Join(dir, "train", "empty"), 0o755))
	cradio(onShapes("knn", dir, "--k", "1")...).fails(t, exitError, "empty: has no pictures: a class needs at least one")
	cradio("eval", "knnn").fails(t, exitError, `no command "knnn" (did you mean knn?)`)
	cradio("eval", "generate").fails(t, exitError, "want one DIR to write; found 0 arguments")
	cradio("eval", "generate", dir).fails(t, exitError, "is not empty; choose another folder")
	cradio("eval", "generate", filepath.Join(dir, "new"), "--classes", "0").fails(t, exitError, "must be at least 1")
}

// TestEvalUnseenClass: an image of a class that train lacks is answered wrong, and this is said.
// TestOneImageEach: a split leaves all images to train where classes have one each, and what that means is said.
func TestOneImageEach(t *testing.T) {
	all := shapes(t, "6")
	dir := t.TempDir()
	for i, name := range left(t, filepath.Join(all, "train", "circle"))[:3] {
		class := filepath.Join(dir, "set", fmt.Sprint(i))
		require.NoError(t, os.MkdirAll(class, 0o777))
		require.NoError(t, os.WriteFile(filepath.Join(class, name), read(t, filepath.Join(all, "train", "circle", name)), 0o644))
	}
	set := filepath.Join(dir, "set")
	cradio(onShapes("knn", set, "--test", "0.6", "--k", "1")...).fails(t, exitError, "has neither a part test nor a part val; give --test, or more images of each class")
	o := cradio(trainOnNano("classify", set, "--val", "0.6", "--epochs", "1", "--out", filepath.Join(dir, "run"))...)
	o.succeeds(t)
	require.Contains(t, o.stderr, "train: 3 pictures of 3 classes, 1 each")
}

func TestEvalUnseenClass(t *testing.T) {
	dir := shapes(t, "6")
	require.NoError(t, os.Rename(filepath.Join(dir, "test", "square"), filepath.Join(dir, "test", "cross")))
	for _, args := range [][]string{{"knn", dir, "--k", "3"}, {"logistic", dir, "--c", "1"}} {
		o := cradio(onShapes(args...)...)
		o.succeeds(t)
		require.Contains(t, o.stderr, "warning: test has pictures of 1 class that train lacks: cross; they are always answered wrong")
		require.Contains(t, o.stdout, "cross                recall   0.0 % of 1 image")
	}
}

func TestEvalProbe(t *testing.T) {
	dir := shapes(t, "18")
	args := onShapes("probe", dir, "--input", "summary,mean,both", "--epochs", "30", "--train-batch", "8", "--rates", "0.001,0.1")
	o := cradio(args...)
	o.succeeds(t)
	require.Contains(t, o.stdout, "best of 6 on val (")
	v := parsed[evalReport](t, cradio(append(args, "--json")...))
	require.Len(t, v.Probe.Heads, 6)
	require.Equal(t, 30*3, v.Probe.Steps)
	require.Equal(t, map[string]int{"summary": 192, "mean": 64, "both": 256}[v.Input], v.Width)
	require.Greater(t, float64(v.Top1), 0.4)
	require.Equal(t, cradio(append(args, "--json")...).stdout, cradio(append(args, "--json", "--threads", "1")...).stdout)

	v = parsed[evalReport](t, cradio(onShapes("probe", dir, "--optimiser", "adamw", "--decay", "0.01", "--warmup", "1", "--json")...))
	require.Len(t, v.Probe.Heads, 13)
	require.Equal(t, "summary", v.Input)
	cradio(onShapes("probe", dir, "--plan")...).succeeds(t)

	o = cradio(onShapes("probe", dir, "--rates", "1e38,0.1")...)
	o.succeeds(t)
	require.Contains(t, o.stderr, "warning: 1 of 2 probes diverged, from rate 1e+38 on: they are left out; smaller --rates")
	for want, args := range map[string][]string{
		"the probe diverged: with rate 1e+38":                  {"--rates", "1e38"},
		"--rates x: must be positive numbers":                  {"--rates", "x"},
		"--optimiser lars: must be sgd or adamw":               {"--optimiser", "lars"},
		"--decay 0.1: must be 0 or more, and goes with":        {"--decay", "0.1"},
		"--epochs 0: must be at least 1":                       {"--epochs", "0"},
		"--train-batch 0: must be at least 1":                  {"--train-batch", "0"},
		"--warmup 10: must be 0 or more, and less than the 10": {"--warmup", "10"},
		"--input x: must be summary, mean or both":             {"--input", "summary,x"},
		"--views 2: ":                                     {"--views", "2"},
		"--views 0: must be at least 1":                   {"--views", "0"},
		"the part val has no images; give a larger --val": {"--train", filepath.Join(dir, "train"), "--test", filepath.Join(dir, "test"), "--val", "0"},
	} {
		args = append(onShapes("probe"), args...)
		if args[len(args)-2] != "--val" {
			args = append(args, dir)
		}
		cradio(args...).fails(t, exitError, want)
	}
}
