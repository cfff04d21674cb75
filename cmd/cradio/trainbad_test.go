package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// copied copies a folder, and returns the copy.
func copied(t *testing.T, dir string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy")
	require.NoError(t, os.CopyFS(to, os.DirFS(dir)))
	return to
}

// damage changes a byte in the middle of a file, or cuts its end off.
func damage(t *testing.T, path string, cut bool) {
	t.Helper()
	text := read(t, path)
	if cut {
		text = text[:len(text)-len(text)/8-1]
	} else {
		text[len(text)/2] ^= 0x55
	}
	require.NoError(t, os.WriteFile(path, text, 0o644))
}

// TestResumeOfDamagedCheckpoints: a damaged one is named, the one before it is gone on from, and the run
// comes to the same head. Without a whole one the run stops, and leaves everything as it was.
func TestResumeOfDamagedCheckpoints(t *testing.T) {
	dir, whole := shapes(t, "12"), filepath.Join(t.TempDir(), "run")
	args := func(out string, more ...string) []string {
		return append(trainOnNano("classify", dir, "--out", out, "--epochs", "3", "--batch", "8", "--blocks", "1", "--every-steps", "1"), more...)
	}
	cradio(args(whole)...).succeeds(t)
	want := read(t, filepath.Join(whole, "head", "head.safetensors"))
	for _, file := range []string{"step-000000006.json", "step-000000006.safetensors"} {
		for _, cut := range []bool{false, true} {
			out := copied(t, whole)
			path := filepath.Join(out, "checkpoints", file)
			damage(t, path, cut)
			o := cradio(args(out, "--resume")...)
			o.succeeds(t)
			require.Contains(t, o.stderr, "warning: a checkpoint cannot be used: "+path)
			require.Contains(t, o.stderr, "warning: going on from the checkpoint before it, of step 5")
			require.Equal(t, want, read(t, filepath.Join(out, "head", "head.safetensors")))
		}
	}
	out := copied(t, whole)
	for _, step := range []int{5, 6} {
		damage(t, filepath.Join(out, "checkpoints", fmt.Sprintf("step-%09d.json", step)), true)
	}
	before := left(t, filepath.Join(out, "checkpoints"))
	cradio(args(out, "--resume")...).fails(t, exitError, "none of the 2 checkpoints is whole: begin anew in another folder; the last: "+filepath.Join(out, "checkpoints", "step-000000006.json")+": is damaged")
	require.Equal(t, before, left(t, filepath.Join(out, "checkpoints")))

	out = copied(t, whole)
	gone := filepath.Join(dir, "train", "circle", "circle-0000.png")
	require.NoError(t, os.Remove(gone))
	o := cradio(args(out, "--resume")...)
	o.fails(t, exitError, out+": the run to go on with differs: the training data were ")
	o.fails(t, exitError, ": 1 is not among them any more ("+gone+")")
	require.Equal(t, left(t, filepath.Join(whole, "checkpoints")), left(t, filepath.Join(out, "checkpoints")))
}

// TestDamagedRuns: a head, a model or an adapter that is damaged, lost or of another run is named by
// predict and by eval head.
func TestDamagedRuns(t *testing.T) {
	dir := shapes(t, "12")
	image := filepath.Join(dir, "test", "circle", left(t, filepath.Join(dir, "test", "circle"))[0])
	runs := map[string]string{}
	for name, more := range map[string][]string{"frozen": nil, "blocks": {"--blocks", "1"}, "adapter": {"--lora", "2"}, "longer": {"--lora", "2", "--epochs", "2"}} {
		runs[name] = filepath.Join(t.TempDir(), name)
		cradio(append(trainOnNano("classify", dir, "--out", runs[name], "--batch", "8", "--epochs", "1"), more...)...).succeeds(t)
	}
	answer := func(run, want string) {
		t.Helper()
		for _, args := range [][]string{{"predict", run, image}, {"eval", "head", run, dir}} {
			if _, err := os.Stat(filepath.Join(run, "model")); err != nil {
				args = append(args, "--model", "synthetic:nano") // the run has no model of its own
			}
			cradio(args...).fails(t, exitError, want)
		}
	}
	for _, c := range []struct{ run, file, cut, changed string }{
		{"blocks", "head/head.json", "want JSON, found unexpected EOF", ""},
		{"blocks", "head/head.safetensors", "the file is damaged", "as head.json says, found "},
		{"blocks", "model/model.safetensors", "the file is damaged", ""},
		{"adapter", "adapter/adapter_config.json", "want JSON, found unexpected EOF", ""},
		{"adapter", "adapter/adapter_model.safetensors", "the file is damaged", "the file is damaged; save or copy the adapter again"},
	} {
		file := filepath.FromSlash(c.file)
		run := copied(t, runs[c.run])
		damage(t, filepath.Join(run, file), true)
		answer(run, filepath.Join(run, file)+": ")
		answer(run, c.cut)
		if c.changed != "" {
			run = copied(t, runs[c.run])
			damage(t, filepath.Join(run, file), false)
			answer(run, filepath.Join(run, file)+": ")
			answer(run, c.changed)
		}
	}
	run := copied(t, runs["blocks"])
	damage(t, filepath.Join(run, "model", "model.safetensors"), false)
	answer(run, "trained on another model, "+filepath.Join(runs["blocks"], "model")+": its weights have SHA-256 ")

	run = copied(t, runs["adapter"])
	require.NoError(t, os.Remove(filepath.Join(run, "adapter", "adapter_config.json")))
	answer(run, filepath.Join(run, "adapter")+": want the folder of an adapter, with adapter_config.json and adapter_model.safetensors, found no adapter_config.json")
	require.NoError(t, os.RemoveAll(filepath.Join(run, "adapter")))
	answer(run, "trained on another model, synthetic:nano: its adapter has SHA-256 ")
	require.NoError(t, os.CopyFS(filepath.Join(run, "adapter"), os.DirFS(filepath.Join(runs["longer"], "adapter"))))
	answer(run, "trained on another model, synthetic:nano: its adapter has SHA-256 ")
	cradio("predict", runs["adapter"], image, "--model", "synthetic:B").fails(t, exitError, "is for a weight of (64, 64), that of the model is (768, 768): the adapter is for another model")
	cradio("predict", runs["frozen"], image, "--model", "synthetic:B").fails(t, exitError, "reads summary of width 192, that of this model has 2304; open the model that it was trained on")
}

// TestBadSets: sets and options that nothing can be learned from, before features are computed.
func TestBadSets(t *testing.T) {
	dir := shapes(t, "12")
	none := filepath.Join(t.TempDir(), "run")
	nano := []string{"--model", "synthetic:nano", "--size", "32"}
	list := filepath.Join(t.TempDir(), "few.csv")
	text := "path,labels,split\n"
	for i, name := range left(t, filepath.Join(dir, "train", "circle"))[:2] {
		text += filepath.Join(dir, "train", "circle", name) + "," + []string{"a;b;c", "d;e"}[i] + ",train\n"
	}
	require.NoError(t, os.WriteFile(list, []byte(text), 0o644))
	cradio(trainOnNano("classify", list, "--out", none, "--val", "0")...).fails(t, exitError, "there are 5 classes, and only 2 pictures to train on")
	cradio(trainOnNano("classify", dir, "--out", none, "--batch", "1")...).fails(t, exitError, "the batch size is 1: the BatchNorm of the linear head has no variance of one row")
	cradio(trainOnNano("classify", dir, "--out", filepath.Join(dir, "train", ".."))...).fails(t, exitError, "is DATA itself: give a folder of its own")
	cradio(append([]string{"eval", "knn", dir, "--k", "5,500"}, nano...)...).fails(t, exitError, "--k 500: train has only 16 images; give a --k of at most 16")
	require.NoDirExists(t, none)
	for _, val := range []string{"1", "-0.1", "NaN"} {
		cradio(trainOnNano("classify", dir, "--out", none, "--val="+val)...).fails(t, exitError, "--val "+val+": must be at least 0 and below 1; see 'cradio train classify --help'")
	}
	for flags, want := range map[string]string{
		"--dtype float64 --blocks 1": "the model computes in float64, and runs in each step, which computes in float32: choose that, or bfloat16",
		"--dtype float64 --flip":     "the model computes in float64, and runs in each step",
		"--dtype int8 --lora 2":      "the model computes in int8, which has no gradients: what is trained needs float32 or bfloat16; a frozen model may have it",
		"--batch 0":                  "the batch size is 0: must be at least 1",
		"--colour -1":                "--colour -1: must be 0 to 1; see 'cradio train classify --help'",
	} {
		cradio(trainOnNano(append([]string{"classify", dir, "--out", none}, strings.Fields(flags)...)...)...).fails(t, exitError, want)
		require.NoDirExists(t, none, flags)
	}
	tiny := filepath.Join(t.TempDir(), "tiny")
	require.NoError(t, os.CopyFS(tiny, os.DirFS(filepath.Join(dir, "train"))))
	for val, want := range map[string]string{
		"0":     "warning: there is no validation part: the last head is kept, and nothing says how good it is; give --val\n",
		"0.001": "none came to it with --val 0.001: the last head is kept, and nothing says how good it is; give a larger --val, another --seed, or more images\n",
	} {
		o := cradio(trainOnNano("classify", tiny, "--out", none, "--val", val, "--plan")...)
		o.succeeds(t)
		require.Contains(t, o.stderr, want)
	}

	empty := copied(t, dir)
	require.NoError(t, os.Mkdir(filepath.Join(empty, "train", "empty"), 0o755))
	one := copied(t, dir)
	for _, part := range left(t, one) {
		require.NoError(t, os.RemoveAll(filepath.Join(one, part, "square")))
	}
	lacking := copied(t, dir)
	require.NoError(t, os.RemoveAll(filepath.Join(lacking, "train", "square")))
	more := copied(t, lacking)
	require.NoError(t, os.Rename(filepath.Join(more, "test", "square"), filepath.Join(more, "train", "triangle")))
	for _, args := range [][]string{{"train", "classify", empty, "--out", none}, {"eval", "knn", empty}, {"eval", "probe", empty}, {"eval", "logistic", empty}, {"features", empty, "--out", none}} {
		cradio(append(args, nano...)...).fails(t, exitError, filepath.Join(empty, "train", "empty")+": has no pictures: a class needs at least one; remove the folder, or add pictures")
	}
	for _, args := range [][]string{{"train", "classify", one, "--out", none}, {"eval", "knn", one}, {"eval", "probe", one}, {"eval", "logistic", one}} {
		cradio(append(args, nano...)...).fails(t, exitError, one+": train has one class only, circle: want at least two")
	}
	cradio(append([]string{"train", "classify", more, "--out", none}, nano...)...).fails(t, exitError, "val has classes that train lacks: square; a head cannot learn them: add pictures of them to train, or remove those of val")
	require.NoDirExists(t, none)
}

// TestLostFilesOfStores: what reads a store says which of its files is missing, and what to do.
func TestLostFilesOfStores(t *testing.T) {
	dir, store := shapes(t, "12"), filepath.Join(t.TempDir(), "store")
	make := []string{"features", dir, "--model", "synthetic:nano", "--size", "32", "--out"}
	cradio(append(make, store)...).succeeds(t)
	files, err := filepath.Glob(filepath.Join(store, "*", "*"))
	require.NoError(t, err)
	require.Len(t, files, 2)
	for _, file := range append(files, filepath.Join(store, "set.jsonl")) {
		name, err := filepath.Rel(store, file)
		require.NoError(t, err)
		lost := copied(t, store)
		require.NoError(t, os.Remove(filepath.Join(lost, name)))
		for _, args := range [][]string{{"eval", "knn", lost}, {"train", "classify", lost, "--model", "synthetic:nano", "--out", filepath.Join(t.TempDir(), "run")}} {
			o := cradio(args...)
			o.fails(t, exitError, filepath.Join(lost, name)+": want ")
			require.Contains(t, o.stderr, "found no such file")
			require.Contains(t, o.stderr, "run the same cradio features command again")
		}
		cradio(append(make, lost)...).succeeds(t)
		cradio("eval", "knn", lost, "--k", "5").succeeds(t)
	}
}
