package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"cradio/radio/data"

	"github.com/stretchr/testify/require"
)

// TestEvalStored: features of a store, and of files of cradio embed, give the figures of the images.
func TestEvalStored(t *testing.T) {
	dir, out := shapes(t, "18"), t.TempDir()
	store, npz, npy := filepath.Join(out, "store"), filepath.Join(out, "x.npz"), filepath.Join(out, "x.npy")
	cradio(onNano(dir, "--out", store, "--source", "summary,mean", "--views", "2")...).succeeds(t)
	for _, path := range []string{npz, npy} {
		args := []string{"embed", dir, "--out", path, "--model", "synthetic:nano", "--size", "32"}
		if path == npz {
			args = append(args, "--features")
		}
		cradio(args...).succeeds(t)
	}
	for _, command := range [][]string{{"knn", "--k", "5"}, {"logistic", "--c", "0.1,1"}} {
		for _, input := range []string{"summary", "mean", "both"} {
			rest := append(command[1:], "--json", "--input", input)
			want := parsed[evalReport](t, cradio(onShapes(append([]string{command[0], dir}, rest...)...)...))
			for _, path := range []string{store, npz, npy} {
				if path == npy && input != "summary" {
					continue
				}
				o := cradio(append([]string{"eval", command[0], path}, rest...)...)
				o.succeeds(t)
				got := parsed[evalReport](t, o)
				require.Equal(t, path, got.Data)
				require.True(t, got.Synthetic)
				require.Equal(t, "synthetic:nano", got.Model)
				require.Equal(t, want.Images, got.Images)
				if input == "summary" { // means are rounded in another order
					require.Equal(t, want.Confusion, got.Confusion)
				}
				require.InDelta(t, float64(want.Top1), float64(got.Top1), 0.2)
				require.Equal(t, want.Width, got.Width)
			}
		}
	}
}

// TestEvalProbeOfStore: probes read the rows of a store where they lie, in both types.
func TestEvalProbeOfStore(t *testing.T) {
	dir := shapes(t, "18")
	for _, input := range []string{"summary", "summary,mean,both"} {
		want := parsed[evalReport](t, cradio(onShapes("probe", dir, "--input", input, "--epochs", "3", "--json")...))
		for _, dtype := range []string{"float32", "bfloat16"} {
			store := filepath.Join(t.TempDir(), "store")
			cradio(onNano(dir, "--out", store, "--source", "summary,mean", "--out-dtype", dtype)...).succeeds(t)
			got := parsed[evalReport](t, cradio("eval", "probe", store, "--input", input, "--epochs", "3", "--json"))
			require.Equal(t, want.Images, got.Images)
			require.Len(t, got.Probe.Heads, len(want.Probe.Heads))
			if dtype == "float32" && input == "summary" {
				require.Equal(t, want.Probe, got.Probe)
				require.Equal(t, want.Confusion, got.Confusion)
			}
			require.InDelta(t, float64(want.Top1), float64(got.Top1), 0.35, "%s %s", input, dtype)
		}
	}
}

// TestEvalLabels: the labels of a file of features may be in a list, and NaN is skipped.
func TestEvalLabels(t *testing.T) {
	dir := t.TempDir()
	list := "path,label,split\n"
	for i := range 12 {
		name := fmt.Sprintf("%d.png", i)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), read(t, picture("rgba.png")), 0o644))
		list += fmt.Sprintf("%s,%s,%s\n", name, []string{"cat", "dog"}[i%2], []string{"train", "test"}[i/8])
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "bad.png"), []byte("no picture"), 0o644))
	npy, labels := filepath.Join(dir, "x.npy"), filepath.Join(dir, "labels.csv")
	cradio(nano("embed", dir, "--out", npy, "--missing", "nan", "--size", "32")...)
	require.NoError(t, os.WriteFile(labels, []byte(list+"none.png,cat,train\nbad.png,dog,train\n"), 0o644))
	o := cradio("eval", "knn", npy, "--labels", labels, "--k", "3", "--json")
	require.Equal(t, exitFailed, o.code, o.stderr)
	require.Contains(t, o.stderr, "labels.csv: 1 image of 14 has no features in ")
	require.Contains(t, o.stderr, "bad.png: has no finite features: it failed when they were computed")
	v := parsed[evalReport](t, outcome{stdout: o.stdout})
	require.Equal(t, map[data.Part]int{data.Train: 8, data.Val: 0, data.Test: 4}, v.Images)
	cradio("eval", "knn", npy, "--k", "3").fails(t, exitError, npy+": the part train has no pictures")
	require.NoError(t, os.WriteFile(labels, []byte("path,label\nelse.png,cat\n"), 0o644))
	cradio("eval", "knn", npy, "--labels", labels).fails(t, exitError, "none of its 1 image is in "+npy)
}

func TestEvalStoredErrors(t *testing.T) {
	dir, out := shapes(t, "6"), t.TempDir()
	store, plain, npz := filepath.Join(out, "store"), filepath.Join(out, "plain"), filepath.Join(out, "x.npz")
	cradio(onNano(dir, "--out", store)...).succeeds(t)
	cradio(onNano(dir, "--no-labels", "--out", plain)...).succeeds(t)
	cradio("embed", dir, "--out", npz, "--model", "synthetic:nano", "--size", "32").succeeds(t)
	for want, args := range map[string][]string{
		"--size: the features of " + store + " are computed already; leave it out": {store, "--size", "32"},
		"--test other: must be a share of " + store:                                {store, "--test", "other"},
		"--labels: the labels are in " + store:                                     {store, "--labels", "x.csv"},
		"--labels: is for features in an .npz or .npy file":                        {dir, "--labels", "x.csv"},
		"want the source mean, found [summary]; run cradio features with --source": {store, "--input", "mean"},
		"--adaptor clip: a store has its summary only":                             {store, "--adaptor", "clip", "--input", "both"},
		plain + ": has no labels; make it of a folder":                             {plain},
		npz + ": has no array features, which --input both needs":                  {npz, "--input", "both"},
		"--val and --test: the fractions are 2 for val":                            {store, "--val", "2"},
	} {
		cradio(append([]string{"eval", "knn"}, args...)...).fails(t, exitError, want)
	}
	o := cradio("eval", "knn", store, "--plan", "--k", "1")
	o.succeeds(t)
	require.Contains(t, o.stdout, " features each, computed already; ")
	p := parsed[planned](t, cradio("eval", "probe", store, "--plan", "--json"))
	require.Equal(t, 192, p.Width)
	require.Zero(t, p.Total)
	found, err := filepath.Glob(filepath.Join(store, "*", "0-summary.float32"))
	require.NoError(t, err)
	rows := read(t, found[0])
	rows[5] ^= 2
	require.NoError(t, os.WriteFile(found[0], rows, 0o644))
	cradio("eval", "knn", store, "--k", "1").fails(t, exitError, found[0]+": row 0: want checksum ")
}
