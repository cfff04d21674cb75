package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"cradio/radio"

	"github.com/stretchr/testify/require"
)

// TestLayout: DINOv2's four inputs lie in one row without copies; what does not has one.
func TestLayout(t *testing.T) {
	f := &evalFlags{input: "class:last:1,class:last:1+mean,mean+class:last:2,both,class:1+mean"}
	l, err := f.layoutOf(nil, 3)
	require.NoError(t, err)
	require.Equal(t, []radio.Source{"class:1", "class:2", "summary", "mean", "class:2", "mean", "class:1", "class:2", "mean", "class:1", "mean"}, l.sources)
	l, err = (&evalFlags{input: "class:last:1,class:last:1+mean,class:last:2,mean+class:last:2"}).layoutOf(nil, 3)
	require.NoError(t, err)
	require.Equal(t, []radio.Source{"class:1", "class:2", "mean"}, l.sources)
	row := l.row(func(s radio.Source) []float32 { return make([]float32, len(s)) }) // 7, 7 and 4 numbers
	require.Len(t, row, 18)
	var columns []string
	for _, in := range l.columns() {
		columns = append(columns, fmt.Sprint(in))
	}
	require.Equal(t, []string{"{class:last:1 7 14}", "{class:last:1+mean 7 18}", "{class:last:2 0 14}", "{mean+class:last:2 0 18}"}, columns)
}

// TestEvalClassTokens: the class tokens of the last blocks are probed from images and from a store, with
// the same figures, and so they are by kNN.
func TestEvalClassTokens(t *testing.T) {
	dir, store := shapes(t, "18"), filepath.Join(t.TempDir(), "store")
	cradio(onNano(dir, "--out", store, "--source", "class:last:2,mean,summary")...).succeeds(t)
	inputs := "class:last:1,class:last:1+mean,class:last:2,class:last:2+mean"
	rest := []string{"--input", inputs, "--epochs", "3", "--rates", "0.01", "--json"}
	want := parsed[evalReport](t, cradio(onShapes(append([]string{"probe", dir}, rest...)...)...))
	require.Len(t, want.Probe.Heads, 4)
	var names []string
	for _, h := range want.Probe.Heads {
		names = append(names, h.Input)
	}
	require.Equal(t, inputs, strings.Join(names, ","))
	got := parsed[evalReport](t, cradio(append([]string{"eval", "probe", store}, rest...)...))
	require.Equal(t, want.Probe, got.Probe)
	require.Equal(t, want.Confusion, got.Confusion)
	require.Equal(t, map[string]int{"class:last:1": 192, "class:last:1+mean": 256, "class:last:2": 384, "class:last:2+mean": 448}[want.Input], want.Width)

	for _, input := range []string{"class:2", "class:last:2+mean"} {
		rest := []string{"--k", "5", "--input", input, "--json"}
		want := parsed[evalReport](t, cradio(onShapes(append([]string{"knn", dir}, rest...)...)...))
		got := parsed[evalReport](t, cradio(append([]string{"eval", "knn", store}, rest...)...))
		require.Equal(t, want.Confusion, got.Confusion)
		require.Equal(t, want.Width, got.Width)
	}
	cradio("eval", "knn", store, "--k", "5", "--input", "class:0").fails(t, exitError, "want the source class:0, found [class:1 class:2 mean summary]")
	npz := filepath.Join(t.TempDir(), "x.npz")
	cradio("embed", dir, "--out", npz, "--model", "synthetic:nano", "--size", "32").succeeds(t)
	cradio("eval", "knn", npz, "--k", "5", "--input", "class:last:2").fails(t, exitError, npz+": has no class:last:2: a file of cradio embed has the summary and the features")

	run := filepath.Join(t.TempDir(), "run")
	cradio("train", "classify", store, "--model", "synthetic:nano", "--input", "class:last:2,mean", "--epochs", "2", "--batch", "8", "--out", run).succeeds(t)
	require.Contains(t, string(read(t, filepath.Join(run, "head", "head.json"))), "\"class:1\",\n    \"class:2\",\n    \"mean\"")
	cradio("predict", run, filepath.Join(dir, "test"), "--model", "synthetic:nano").succeeds(t)
	cradio(trainOnNano("classify", dir, "--input", "class:last:4", "--out", run+"2")...).fails(t, exitError, "--input: class:last:4: want last:N with N from 1 to 3, the blocks of the model")
}

// TestEvalProbeViews: each epoch takes another view of a store, of one source where it lies and of several.
func TestEvalProbeViews(t *testing.T) {
	dir, store := shapes(t, "18"), filepath.Join(t.TempDir(), "store")
	cradio(onNano(dir, "--out", store, "--source", "summary,mean", "--views", "3")...).succeeds(t)
	for _, input := range []string{"summary", "both"} {
		args := []string{"eval", "probe", store, "--input", input, "--epochs", "3", "--rates", "0.01", "--json"}
		all, one := parsed[evalReport](t, cradio(args...)), parsed[evalReport](t, cradio(append(args, "--views", "1")...))
		require.Equal(t, []int{3, 1}, []int{all.Probe.Views, one.Probe.Views})
		require.Equal(t, all.Images, one.Images)
		require.Equal(t, all.Probe.Steps, one.Probe.Steps, "an epoch takes one view of each image")
		require.NotEqual(t, all.Probe.Heads[0].Last, one.Probe.Heads[0].Last)
		whole := parsed[evalReport](t, cradio(onShapes("probe", dir, "--input", input, "--epochs", "3", "--rates", "0.01", "--json")...))
		require.Equal(t, whole.Probe, one.Probe)
	}
	cradio("eval", "probe", store, "--views", "4").fails(t, exitError, "--views 4: "+store+" has 3 views of each image; make a store with cradio features --views 4")
}
