//go:build nvidia && cudasim && linux && cgo && (amd64 || arm64)

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Commands that show, label, search and measure compute on GPUs what they compute on the CPU: the same lines in the same
// order, with numbers that are close. Each asks for the GPU that it is told.
func TestDeviceCUDAWalk(t *testing.T) {
	t.Setenv("CRADIO_EMULATED_GPUS", "2")
	classes, masks, depths := shapes(t, "6"), t.TempDir(), t.TempDir()
	cradio("eval", "generate", masks, "--kind", "masks", "--classes", "2", "--each", "2", "--pixels", "48").succeeds(t)
	cradio("eval", "generate", depths, "--kind", "depth", "--classes", "2", "--each", "2", "--pixels", "48").succeeds(t)
	trained := func(task, set string) string {
		out := filepath.Join(t.TempDir(), "run")
		cradio(trainOnNano(task, set, "--out", out, "--epochs", "1", "--batch", "4")...).succeeds(t)
		return out
	}
	classify, segment, depth := trained("classify", classes), trained("segment", masks), trained("depth", depths)
	w, cat := walk{t.TempDir(), t.TempDir()}, picture("chelsea.jpg")
	for _, c := range []struct {
		device string
		args   []string // with % for a folder of the device
	}{
		{"cuda", nano("similar", cat, picture("gray.jpg"), "--at", "0,0", "--at", "225,150", "-s", "48x64", "--json")},
		{"cuda", nano("compare", cat, "-s", "48x64", "--with-block", "0", "--json")},
		{"cuda", nano("attention", cat, "-s", "48x64", "--from", "cls", "--from", "0,0", "--head", "all", "--json")},
		{"cuda:1", nano("clusters", cat, "-s", "64x64", "-k", "4", "--json")},
		{"cuda:1", nano("pca", cat, "-s", "64x64", "--json")},
		{"cuda", []string{"zeroshot", cat, "-m", adaptors, "-s", "48", "--text", "synthetic:40", "--labels", "cat,dog", "--templates", "base", "--json"}},
		{"cuda:1", []string{"predict", "digits", sevenPNG, "--json"}},
		{"cuda:all", nano("predict", classify, filepath.Join(classes, "test"), "--json")},
		{"cuda", nano("predict", segment, filepath.Join(masks, "images"), "--out", "%/masks", "--json")},
		{"cuda", nano("predict", segment, filepath.Join(masks, "images", "circle-0001.png"), "--window", "32", "--stride", "16", "--out", "%/windows", "--json")},
		{"cuda:all", nano("predict", depth, filepath.Join(depths, "images"), "--out", "%/depths", "--json")},
		{"cuda:1", nano("eval", "head", classify, classes, "--json")},
		{"cuda:all", nano("eval", "head", segment, masks, "--json")},
		{"cuda", nano("eval", "head", depth, depths, "--json")},
		{"cuda", onShapes("knn", classes, "-k", "1", "--json")},
		{"cuda:all", onShapes("probe", classes, "--epochs", "2", "--input", "summary,mean,class:last:1", "--json")},
		{"cuda:1", onShapes("logistic", classes, "--c", "0.01,1", "--input", "both", "--json")},
		{"cuda:all", nano("features", classes, "-s", "32", "--source", "summary,mean", "--out", "%/store", "--json")},
		{"cuda:all", []string{"index", classes, "-m", adaptors, "--adaptor", "clip", "--text", "synthetic:40", "-s", "32", "--out", "%/x.index"}},
		{"cuda", []string{"search", "%/x.index", cat, "--json"}},
		{"cuda", []string{"search", "%/x.index", "a red bicycle", "--json"}},
	} {
		cradio(w.on("cuda:2", c.args)...).fails(t, exitError, "there is no GPU 2")
		w.requireClose(t, c.device, c.args, 1e-5)
	}
	w.requireClose(t, "cpu", []string{"eval", "probe", "%/store", "--epochs", "2", "--input", "mean", "--json"}, 1e-5)
	w.requireSeen(t, "masks/circle-0000.png", "windows/circle-0001.png", "depths/square-0001.png")

	t.Setenv("CRADIO_EMULATED_GPUS", "1:90:132") // as an H200
	for _, args := range [][]string{
		nano("similar", cat, "--at", "0,0", "-s", "48x64", "--json"),
		nano("predict", depth, filepath.Join(depths, "images"), "--out", "%/bfloat16", "--json"),
		{"text", file(t, "line.txt", []byte("a photo of a tabby cat\n")), "--text", "synthetic:40", "--unit"},
	} {
		w.requireClose(t, "cuda", append(args, "--dtype", "bfloat16"), 1e-2)
	}
}

// walk has a folder for what is written by the CPU, and one for what GPUs write.
type walk struct{ cpu, gpu string }

// folder is that of a device.
func (w walk) folder(device string) string {
	if device == "cpu" {
		return w.cpu
	}
	return w.gpu
}

// on is a command line on a device, in whose folder it writes.
func (w walk) on(device string, args []string) []string {
	list := []string{}
	for _, a := range args {
		list = append(list, strings.Replace(a, "%", w.folder(device), 1))
	}
	return append(list, "--device", device)
}

// requireClose checks that a command prints on a device what it prints on the CPU, where numbers differ by so much.
// Where the device is the CPU itself, it reads what GPUs have written.
func (w walk) requireClose(t *testing.T, device string, args []string, tolerance float64) {
	t.Helper()
	of := func(from walk, device string) []string {
		o := cradio(from.on(device, args)...)
		o.succeeds(t)
		return strings.Split(strings.ReplaceAll(strings.TrimSpace(o.stdout), from.folder(device), "%"), "\n")
	}
	from := w
	if device == "cpu" {
		from.cpu = w.gpu
	}
	want, got := of(w, "cpu"), of(from, device)
	require.NotEmpty(t, want[0], "%v", args)
	require.Len(t, got, len(want), "%v", args)
	for i := range want {
		requireNear(t, fmt.Sprintf("%v: line %d", args, i+1), decoded(want[i]), decoded(got[i]), tolerance)
	}
}

// decoded is a line of JSON, or else the line.
func decoded(line string) (v any) {
	if json.Unmarshal([]byte(line), &v) != nil {
		return line
	}
	return v
}

// requireNear checks that two values are equal, except that numbers differ by tolerance × (1 + their size).
func requireNear(t *testing.T, at string, want, got any, tolerance float64) {
	t.Helper()
	switch want := want.(type) {
	case map[string]any:
		require.IsType(t, want, got, at)
		require.Len(t, got, len(want), at)
		for name, v := range want {
			if name != "free_bytes" { // of the disk
				requireNear(t, at+"."+name, v, got.(map[string]any)[name], tolerance)
			}
		}
	case []any:
		require.IsType(t, want, got, at)
		require.Len(t, got, len(want), at)
		for i, v := range want {
			requireNear(t, fmt.Sprintf("%s[%d]", at, i), v, got.([]any)[i], tolerance)
		}
	case float64:
		require.InDelta(t, want, got, tolerance*(1+math.Abs(want)), at)
	default:
		require.Equal(t, want, got, at)
	}
}

// requireSeen checks that pictures that both have written show the same: where one value in a hundred may differ, by
// being rounded to its neighbour, or to another class.
func (w walk) requireSeen(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		want, err := png.Decode(bytes.NewReader(read(t, filepath.Join(w.cpu, name))))
		require.NoError(t, err)
		got, err := png.Decode(bytes.NewReader(read(t, filepath.Join(w.gpu, name))))
		require.NoError(t, err)
		require.Equal(t, want.Bounds(), got.Bounds(), name)
		size, differ := want.Bounds().Size(), 0
		for y := range size.Y {
			for x := range size.X {
				if want.At(x, y) != got.At(x, y) {
					differ++
				}
			}
		}
		require.LessOrEqual(t, 100*differ, size.X*size.Y, name)
	}
}
