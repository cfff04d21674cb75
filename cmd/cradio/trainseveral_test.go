package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// severalList writes a list of the generated shapes with several labels each: the shape, and whether its
// number is even. A third of the images has no label.
func severalList(t *testing.T, dir, name string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "*", "*", "*.png"))
	require.NoError(t, err)
	csv := strings.HasSuffix(name, ".csv")
	var b strings.Builder
	if csv {
		b.WriteString("path,labels,split\n")
	}
	for i, path := range found {
		path, err = filepath.Rel(dir, path)
		require.NoError(t, err)
		folders := strings.Split(filepath.ToSlash(path), "/")
		labels := []string{folders[1]}
		if i%2 == 0 {
			labels = append(labels, "even")
		}
		if i%3 == 0 {
			labels = nil
		}
		if csv {
			fmt.Fprintf(&b, "%s,%s,%s\n", path, strings.Join(labels, ";"), folders[0])
			continue
		}
		quoted := []string{}
		for _, l := range labels {
			quoted = append(quoted, fmt.Sprintf("%q", l))
		}
		fmt.Fprintf(&b, "{\"path\": %q, \"labels\": [%s], \"split\": %q}\n", path, strings.Join(quoted, ","), folders[0])
	}
	list := filepath.Join(dir, name)
	require.NoError(t, os.WriteFile(list, []byte(b.String()), 0o644))
	return list
}

// TestSeveralLabels: lists of several labels train, and everything that follows reports average
// precision. CSV and JSONL come to the same figures, and so does a store.
func TestSeveralLabels(t *testing.T) {
	dir := shapes(t, "12")
	var figures []map[string]any
	for _, name := range []string{"many.csv", "many.jsonl"} {
		list := severalList(t, dir, name)
		run := filepath.Join(t.TempDir(), "run")
		o := cradio(trainOnNano("classify", list, "--out", run, "--epochs", "3", "--batch", "8")...)
		o.succeeds(t)
		require.Contains(t, o.stdout, "best map ")
		require.Contains(t, o.stderr, " without a class")
		require.NotContains(t, left(t, run), "confusion.png", "an image has no one class")
		require.Contains(t, string(read(t, filepath.Join(run, "head", "head.json"))), `"multi_label": true`)

		v := parsed[map[string]any](t, cradio("eval", "head", run, list, "--model", "synthetic:nano", "--json"))
		for _, figure := range []string{"mean_average_precision", "micro_average_precision", "mean_f1", "micro_f1", "exact"} {
			require.Contains(t, v, figure)
		}
		require.NotContains(t, v, "top1")
		require.Len(t, v["classes"], 3)
		delete(v, "head")
		delete(v, "data")
		figures = append(figures, v)
		o = cradio("eval", "head", run, list, "--model", "synthetic:nano", "--part", "all")
		o.succeeds(t)
		require.Contains(t, o.stdout, "mean average precision   ")
		require.Contains(t, o.stdout, "  even                 average precision ")
	}
	require.Equal(t, figures[0], figures[1])

	store := filepath.Join(t.TempDir(), "store")
	cradio(onNano(filepath.Join(dir, "many.csv"), "--out", store)...).succeeds(t)
	last := parsed[trained](t, cradio("train", "classify", store, "--model", "synthetic:nano", "--out", filepath.Join(t.TempDir(), "run"), "--epochs", "3", "--batch", "8", "--json")).Last
	for _, figure := range []string{"map", "micro_ap", "f1", "micro_f1", "exact", "loss"} {
		require.Contains(t, last, figure)
	}
}

// TestUnknownLabels: labels that are not known are left out of the loss and of every figure, as where the
// features come from a store. A run on other unknown labels is another run.
func TestUnknownLabels(t *testing.T) {
	dir := shapes(t, "12")
	all := severalList(t, dir, "many.csv")
	var b strings.Builder
	for i, line := range strings.Split(strings.TrimSpace(string(read(t, all))), "\n") {
		unknown := "unknown"
		if i > 0 {
			if unknown = ""; i%4 == 0 && !strings.Contains(line, "even") {
				unknown = "even"
			}
		}
		b.WriteString(line + "," + unknown + "\n")
	}
	some := filepath.Join(dir, "some.csv")
	require.NoError(t, os.WriteFile(some, []byte(b.String()), 0o644))
	hidden := strings.Count(b.String(), ",even\n")
	require.Positive(t, hidden)

	train := func(list string, more ...string) (run string, o outcome) {
		run = filepath.Join(t.TempDir(), "run")
		o = cradio(append(trainOnNano("classify", list, "--out", run, "--epochs", "3", "--batch", "8"), more...)...)
		o.succeeds(t)
		return run, o
	}
	weights := func(run string) []byte { return read(t, filepath.Join(run, "head", "head.safetensors")) }
	whole, _ := train(all)
	masked, o := train(some)
	require.Contains(t, o.stderr, " not known")
	require.NotEqual(t, weights(whole), weights(masked))
	train(some, "--loss", "focal,cross-entropy", "--class-weights", "balanced")

	store := filepath.Join(masked, "features")
	stored := filepath.Join(t.TempDir(), "run")
	cradio("train", "classify", store, "--model", "synthetic:nano", "--out", stored, "--epochs", "3", "--batch", "8").succeeds(t)
	require.Equal(t, weights(masked), weights(stored))

	v := parsed[headReport](t, cradio("eval", "head", masked, some, "--model", "synthetic:nano", "--part", "all", "--json"))
	unknown := 0
	for _, c := range v.Classes {
		unknown += c.Unknown
	}
	require.Equal(t, hidden, unknown)
	cradio(trainOnNano("classify", all, "--out", masked, "--epochs", "3", "--batch", "8", "--resume")...).fails(t, exitError, "the training data were ")
}

func TestSeveralLabelsErrors(t *testing.T) {
	dir := shapes(t, "12")
	list := severalList(t, dir, "many.csv")
	run := filepath.Join(t.TempDir(), "run")
	cradio(trainOnNano("classify", dir, "--out", run, "--epochs", "1", "--batch", "8")...).succeeds(t)
	cradio("eval", "head", run, list, "--model", "synthetic:nano").fails(t, exitError, "has several labels an image, and linear head "+filepath.Join(run, "head")+" answers with one class; give a column label")
	cradio("eval", "knn", list, "--model", "synthetic:nano").fails(t, exitError, "has several labels an image")
	cradio(trainOnNano("classify", list, "--out", run+"2", "--smoothing", "0.1")...).fails(t, exitError, "label smoothing is for one class a picture; these have several")

	for text, want := range map[string]string{
		"path,labels,split\ntrain/circle/circle-0000.png,,train\n":                                                                           "no picture has a label",
		"path,labels,split\ntrain/circle/circle-0000.png,a,train\ntrain/circle/circle-0001.png,,train\ntrain/circle/circle-0002.png,b,val\n": "val has classes that train lacks: b",
		"path,labels,split\ntrain/circle/circle-0000.png,a,train\ntrain/circle/circle-0001.png,a,train\n":                                    "train has one class only, a: want at least two",
		"path,labels,split\ntrain/circle/circle-0000.png,a;b;c,train\ntrain/circle/circle-0001.png,a,train\n":                                "there are 3 classes, and only 2 pictures to train on",
		"path,labels,split\ntrain/circle/circle-0000.png," + strings.Repeat("x", 5000) + ",train\n":                                          "has a label of 5000 bytes",
	} {
		path := filepath.Join(dir, "bad.csv")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
		o := cradio(trainOnNano("classify", path, "--out", run+"3", "--batch", "1")...)
		require.NotZero(t, o.code, text)
		require.Contains(t, o.stderr, want)
	}
}
