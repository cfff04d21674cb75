package main

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPlans: every command of training, prediction and evaluation has a dry run that prints lines, or
// one JSON object, and writes nothing; and help with an example.
func TestPlans(t *testing.T) {
	work := t.TempDir()
	labels, masks, depth := shapes(t, "6"), filepath.Join(work, "masks"), filepath.Join(work, "depth")
	cradio("eval", "generate", masks, "--kind", "masks", "--classes", "2", "--each", "2", "--pixels", "32").succeeds(t)
	cradio("eval", "generate", depth, "--kind", "depth", "--classes", "2", "--each", "2", "--pixels", "32").succeeds(t)
	head, scenes := filepath.Join(work, "head"), filepath.Join(work, "scenes")
	cradio(trainOnNano("classify", labels, "--out", head, "--epochs", "1")...).succeeds(t)
	cradio(trainOnNano("segment", masks, "--out", scenes, "--epochs", "1", "--val", "0")...).succeeds(t)
	t.Chdir(t.TempDir())
	onNano := []string{"--model", "synthetic:nano", "--size", "32"}
	for _, c := range [][]string{
		append([]string{"features", labels, "--out", "out"}, onNano...),
		append([]string{"train", "classify", labels, "--out", "out"}, onNano...),
		append([]string{"train", "segment", masks, "--out", "out"}, onNano...),
		append([]string{"train", "depth", depth, "--out", "out"}, onNano...),
		{"predict", head, filepath.Join(labels, "test"), "--model", "synthetic:nano", "--out", "out.csv"},
		{"predict", scenes, filepath.Join(masks, "images"), "--model", "synthetic:nano", "--out", "out"},
		append([]string{"eval", "knn", labels, "--k", "1"}, onNano...),
		append([]string{"eval", "logistic", labels}, onNano...),
		append([]string{"eval", "probe", labels}, onNano...),
		{"eval", "head", head, labels, "--model", "synthetic:nano"},
		{"eval", "masks", filepath.Join(masks, "masks"), filepath.Join(masks, "masks"), "--classes", "3"},
		{"eval", "depth", filepath.Join(depth, "depth"), filepath.Join(depth, "depth")},
		{"eval", "generate", "out"},
	} {
		o := cradio(append(c, "--plan")...)
		o.succeeds(t)
		require.NotEmpty(t, o.stdout, c)
		o = cradio(append(c, "--plan", "--json")...)
		o.succeeds(t)
		var v map[string]any
		require.NoError(t, json.Unmarshal([]byte(o.stdout), &v), c)
		require.Empty(t, left(t, "."), c)

		name := c[:2]
		if c[0] == "features" || c[0] == "predict" {
			name = c[:1]
		}
		o = cradio(append(append([]string{}, name...), "--help")...)
		o.succeeds(t)
		require.Contains(t, o.stdout, "Examples:\n  cradio ", name)
	}
}

// TestEvalPairsPlan: what would be compared, and what has no prediction.
func TestEvalPairsPlan(t *testing.T) {
	dir := t.TempDir()
	at := func(parts ...string) string { return filepath.Join(append([]string{dir}, parts...)...) }
	for _, deep := range []bool{false, true} {
		command := map[bool][]string{false: {"eval", "masks", at("p0"), at("l0"), "--classes", "2"}, true: {"eval", "depth", at("p1"), at("l1")}}[deep]
		grey(t, filepath.Join(command[2], "a.png"), deep, 0, 1, 1, 1)
		grey(t, filepath.Join(command[3], "a.png"), deep, 0, 1, 1, 1)
		grey(t, filepath.Join(command[3], "b.png"), deep, 0, 1, 1, 1)
		v := parsed[pairsPlan](t, cradio(append(command, "--plan", "--json")...))
		require.Equal(t, 1, v.Pairs)
		require.Equal(t, filepath.Join(command[3], "b.png"), v.Missing[0].Path)
		o := cradio(append(command, "--plan")...)
		o.succeeds(t)
		require.Contains(t, o.stdout, "1 pair")
		require.Contains(t, o.stdout, "; 1 file without a prediction, such as "+filepath.Join(command[3], "b.png"))
	}
}
