package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestColumns: a list whose columns have names of their own, in each command that reads one.
func TestColumns(t *testing.T) {
	dir := shapes(t, "6")
	text := "number,what,kind,size\n"
	pictures, err := filepath.Glob(filepath.Join(dir, "train", "*", "*.png"))
	require.NoError(t, err)
	for i, path := range pictures {
		name, err := filepath.Rel(dir, path)
		require.NoError(t, err)
		text += fmt.Sprintf("%d,%s,%s,%d\n", i, strings.TrimSuffix(filepath.ToSlash(name), ".png"), filepath.Base(filepath.Dir(path)), i%3)
	}
	list := filepath.Join(dir, "x.csv")
	require.NoError(t, os.WriteFile(list, []byte(text), 0o644))
	run, store := filepath.Join(t.TempDir(), "run"), filepath.Join(t.TempDir(), "store")
	unclear := `x.csv: line 1: has the columns ["number" "what" "kind" "size"]: want path, and either label or labels; the label may be "number", "kind", "size": name the columns by --columns, such as path=1,label=2`
	for _, args := range [][]string{
		trainOnNano("classify", list, "--out", run, "--epochs", "1"),
		{"eval", "head", run, list, "--part", "all", "--model", "synthetic:nano"},
		{"eval", "knn", list, "--model", "synthetic:nano", "--size", "32", "--k", "3"},
		{"features", list, "--out", store, "--model", "synthetic:nano", "--size", "32"},
		{"zeroshot", list, "--labelled", "-m", adaptors, "--text", "synthetic:40"},
	} {
		cradio(args...).fails(t, exitError, unclear)
		cradio(append(args, "--columns", "label=3")...).succeeds(t)
	}
	knn := []string{"eval", "knn", list, "--model", "synthetic:nano", "--size", "32"}
	for flag, want := range map[string]string{
		"dx":                 `--columns dx: want path, label, labels or split, and the name or number of a column, such as label=dx`,
		"path=":              `--columns path=: want path, label`,
		"label=a,label=b":    `--columns: label is there twice`,
		"label=a,labels=b":   `--columns: give label, or labels, whose values are separated by semicolons`,
		"label=a":            `none is "a", which was given for label: name the columns by --columns`,
		"path=2,label=2":     `"what" was given for label and for path`,
		"label=3,split=kind": `"kind" was given for label and for split`,
		"path=what,label=9":  `none is "9", which was given for label`,
	} {
		cradio(append(knn, "--columns", flag)...).fails(t, exitError, want)
	}
	for _, args := range [][]string{{"eval", "knn", store, "--k", "1"}, trainOnNano("classify", store, "--out", run+"2"), {"features", dir, "--no-labels", "--out", store + "2"}} {
		cradio(append(args, "--columns", "label=2")...).fails(t, exitError, "--columns: is for a list with labels, which ")
	}
	cradio("zeroshot", list, "--labels", "a,b", "-m", adaptors, "--text", "synthetic:40", "--columns", "label=2").fails(t, exitError, "--columns belongs to --labelled")
	masks, masked := filepath.Join(t.TempDir(), "masks"), filepath.Join(t.TempDir(), "run")
	cradio("eval", "generate", masks, "--kind", "masks", "--classes", "2", "--each", "4", "--pixels", "32").succeeds(t)
	cradio(trainOnNano("segment", masks, "--out", masked, "--epochs", "1", "--batch", "2")...).succeeds(t)
	cradio("eval", "head", masked, masks, "--model", "synthetic:nano", "--columns", "label=2").fails(t, exitError, "--columns: is for a list with labels, which ")
	cradio("eval", "knn", dir, "--columns", "label=2").fails(t, exitError, "is a folder of classes: columns are for lists")
}
