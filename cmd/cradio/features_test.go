package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"cradio/radio"
	"cradio/radio/data"
	"cradio/radio/features"

	"github.com/stretchr/testify/require"
)

// onNano appends what makes features fast.
func onNano(args ...string) []string {
	return append(append([]string{"features"}, args...), "--model", "synthetic:nano", "--size", "32")
}

func TestFeatures(t *testing.T) {
	dir, store := shapes(t, "6"), filepath.Join(t.TempDir(), "store")
	args := onNano(dir, "--out", store, "--source", "summary,class:last:2", "--source", "block:quarters", "--views", "2", "--out-dtype", "bfloat16")
	o := cradio(append(args, "--plan")...)
	o.succeeds(t)
	require.Contains(t, o.stdout, "24 rows of ")
	require.Contains(t, o.stdout, "all: about ")
	require.NoDirExists(t, store, "--plan writes nothing")
	plan := parsed[featuresJSON](t, cradio(append(args, "--plan", "--json")...))
	require.NotNil(t, plan.Seconds)

	o = cradio(args...)
	o.succeeds(t)
	require.Contains(t, o.stderr, "12 images × 2 views, block:0 (4, 64), block:1 (4, 64), block:2 (4, 64), class:1 (192,), class:2 (192,), summary (192,), bfloat16, ")
	require.Contains(t, o.stderr, " a row; to write: ")
	require.Contains(t, o.stderr, "cradio: train: 8 pictures of 2 classes, 4 each\n")
	require.Equal(t, store+": 24 rows computed, 0 were there\n", o.stdout)
	require.NotContains(t, o.stderr, "\r", "no bar without a terminal")

	v := parsed[featuresJSON](t, cradio(append(args, "--json")...))
	require.Equal(t, map[data.Part]int{data.Train: 8, data.Val: 2, data.Test: 2}, v.Images)
	require.Equal(t, []int{24, 24, 0}, []int{v.Rows, v.Present, v.Computed})
	require.Equal(t, plan.RowBytes, v.RowBytes)
	require.Zero(t, v.Bytes)
	require.Empty(t, v.Skipped)
	require.True(t, v.Synthetic)

	s, err := features.Open(store)
	require.NoError(t, err)
	defer s.Close()
	require.NoError(t, s.Verify(t.Context(), nil))
	require.True(t, filepath.IsAbs(s.Set.Items[0].Path))
	require.Equal(t, []string{"circle", "square"}, s.Set.Classes)
}

// TestFeaturesOfAnything: lists, pairs and images without labels.
func TestFeaturesOfAnything(t *testing.T) {
	masks := filepath.Join(t.TempDir(), "masks")
	cradio("eval", "generate", masks, "--kind", "masks", "--classes", "2", "--each", "2", "--pixels", "32").succeeds(t)
	images := filepath.Join(masks, "images")
	list := filepath.Join(masks, "list.jsonl")
	require.NoError(t, os.WriteFile(list, []byte(`{"path": "images/circle-0000.png", "labels": ["round", "red"], "split": "val"}`+"\n"), 0o644))
	for name, c := range map[string]struct {
		args   []string
		images int
		check  func(d *data.Dataset)
	}{
		"masks": {[]string{images, "--masks", filepath.Join(masks, "masks"), "--source", "features"}, 4, func(d *data.Dataset) {
			require.Equal(t, filepath.Join(masks, "masks", "circle-0000.png"), d.Items[0].Target)
		}},
		"list": {[]string{list}, 1, func(d *data.Dataset) {
			require.True(t, d.MultiLabel)
			require.Equal(t, data.Item{Path: d.Items[0].Path, Labels: []int{0, 1}, Part: data.Val, SHA256: d.Items[0].SHA256, Stamp: d.Items[0].Stamp}, d.Items[0])
		}},
		"a folder of images": {[]string{images}, 4, func(d *data.Dataset) { require.Empty(t, d.Classes) }},
		"folders, no labels": {[]string{masks, "--no-labels"}, 8, func(d *data.Dataset) { require.Empty(t, d.Classes) }},
		"a pattern":          {[]string{filepath.Join(images, "c*.png")}, 2, func(d *data.Dataset) { require.Empty(t, d.Items[0].Labels) }},
	} {
		store := filepath.Join(t.TempDir(), "store")
		o := cradio(onNano(append(c.args, "--out", store)...)...)
		o.succeeds(t)
		s, err := features.Open(store)
		require.NoError(t, err)
		require.Len(t, s.Set.Items, c.images, name)
		c.check(s.Set)
		require.NoError(t, s.Close())
	}
}

// TestFeaturesInterrupted: the message says how to go on, and the next run does.
func TestFeaturesInterrupted(t *testing.T) {
	dir, store := shapes(t, "60"), filepath.Join(t.TempDir(), "store")
	args := onNano(dir, "--out", store, "--views", "4")
	o := interruptedAt(t, "computing features: done 10, of 480", args...)
	o.fails(t, exitInterrupted, " of 480 rows are in "+store+"; run the same command to go on")
	v := parsed[featuresJSON](t, cradio(append(args, "--json")...))
	require.Positive(t, v.Present)
	require.Equal(t, 480, v.Present+v.Computed)
}

// TestFeaturesSkips: images that cannot be read are reported and counted, and damaged rows repaired.
func TestFeaturesSkips(t *testing.T) {
	dir, store := shapes(t, "6"), filepath.Join(t.TempDir(), "store")
	bad := filepath.Join(dir, "train", "circle", "bad.png")
	require.NoError(t, os.WriteFile(bad, []byte("not a picture"), 0o644))
	good := read(t, filepath.Join(dir, "train", "circle", "circle-0000.png"))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "train", "circle", "cut.png"), good[:len(good)-30], 0o644))
	args := onNano(dir, "--out", store)
	o := cradio(args...)
	o.fails(t, exitFailed, "2 images skipped")
	require.Contains(t, o.stderr, "cradio: skipped: "+bad)
	require.Contains(t, o.stderr, "cut.png")
	var v featuresJSON
	require.NoError(t, json.Unmarshal([]byte(cradio(append(args, "--json")...).stdout), &v))
	require.Len(t, v.Skipped, 2)
	require.Equal(t, "damaged", v.Skipped[1].Kind)
	require.Equal(t, 12, v.Images[data.Train]+v.Images[data.Val]+v.Images[data.Test])

	require.NoError(t, os.Remove(bad))
	require.NoError(t, os.Remove(filepath.Join(dir, "train", "circle", "cut.png")))
	found, err := filepath.Glob(filepath.Join(store, "*", "*summary*"))
	require.NoError(t, err)
	rows := read(t, found[0])
	rows[1000] ^= 1
	require.NoError(t, os.WriteFile(found[0], rows, 0o644))
	o = cradio(args...)
	o.succeeds(t)
	require.Equal(t, store+": 1 row computed (1 of them damaged), 11 were there\n", o.stdout)
}

func TestFeaturesErrors(t *testing.T) {
	dir, store := shapes(t, "3"), filepath.Join(t.TempDir(), "store")
	for want, args := range map[string][]string{
		"--out STORE is missing: the folder to write":                                        {dir},
		"--out-dtype int8: must be float32 or bfloat16":                                      {dir, "--out", store, "--out-dtype", "int8"},
		"--source: source \"x\": want summary, features, mean":                               {dir, "--out", store, "--source", "x"},
		"--source: class:last:9: want last:N with N from 1 to 3":                             {dir, "--out", store, "--source", "class:last:9"},
		"--source: source block:7: block 7 does not exist":                                   {dir, "--out", store, "--source", "block:7"},
		"--views and --crops: the number of views is 0":                                      {dir, "--out", store, "--views", "0"},
		"--views and --crops: augment: the scale of crops is 0.5 to 2":                       {dir, "--out", store, "--crops", "0.5,2"},
		"--crops: has 1 number; want two":                                                    {dir, "--out", store, "--crops", "0.5"},
		"--masks and --depth are both given":                                                 {dir, "--out", store, "--masks", dir, "--depth", dir},
		"the source features needs pictures of one size, and size native gives each its own": {dir, "--out", store, "--source", "features", "--size", "native"},
		"- is standard input: a store needs files":                                           {"-", "--out", store},
	} {
		cradio(append(onNano(args[0]), args[1:]...)...).fails(t, exitError, want)
	}
	require.NoDirExists(t, store)
	w, err := features.Create(t.Context(), store, features.Recipe{
		DType: features.Float32, Columns: []features.Column{{Source: radio.MeanSource, Shape: []int{4}}},
	}, nil)
	require.NoError(t, err)
	defer w.Close()
	cradio(onNano(dir, "--out", store)...).fails(t, exitError, store+": want no other process that writes to it, found process ")
}

// TestFeaturesPrune: what the last run did not need goes, what it needed stays.
func TestFeaturesPrune(t *testing.T) {
	dir, store := shapes(t, "6"), filepath.Join(t.TempDir(), "store")
	cradio(onNano(dir, "--out", store, "--source", "mean")...).succeeds(t)
	cradio(onNano(dir, "--out", store, "--views", "2")...).succeeds(t)
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "val")))
	cradio(onNano(dir, "--out", store)...).succeeds(t)
	plan := parsed[pruneJSON](t, cradio("features", "prune", store, "--plan", "--json"))
	require.Equal(t, []int{10, 14, 1}, []int{plan.Kept, plan.Removed, plan.Recipes})
	require.Positive(t, plan.Bytes)
	require.Equal(t, plan, parsed[pruneJSON](t, cradio("features", "prune", store, "--plan", "--json")), "nothing was removed")
	o := cradio("features", "prune", store)
	o.succeeds(t)
	require.Regexp(t, `: 14 rows removed, and all rows of 1 other setting, .*B; 10 rows stay\n`, o.stdout)
	require.Equal(t, []int{10, 0, 0}, func() []int {
		v := parsed[pruneJSON](t, cradio("features", "prune", store, "--json"))
		return []int{v.Kept, v.Removed, v.Recipes}
	}())
	v := parsed[featuresJSON](t, cradio(onNano(dir, "--out", store, "--json")...))
	require.Equal(t, []int{10, 0}, []int{v.Present, v.Computed})
	cradio("features", "prune").fails(t, exitError, "want one STORE; found 0 arguments")
	cradio("features", "prune", dir).fails(t, exitError, "want a store of features")
}
