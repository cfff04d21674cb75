package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"cradio/loader"
	"cradio/loader/npy"
	"cradio/radio/output"

	"github.com/stretchr/testify/require"
)

const synthetic = "cradio: warning: synthetic:nano has synthetic weights: the features carry no meaning"

func TestEmbedPrints(t *testing.T) {
	o := cradio(nano("embed", picture("chelsea.jpg"), "--size", "48x64", "--features")...)
	o.succeeds(t)
	require.Contains(t, o.stderr, synthetic)
	require.Contains(t, o.stdout, "chelsea.jpg: 48×64 pixels, 3×4 patches\n  summary (192,): norm ")
	require.Contains(t, o.stdout, "\n  features (12, 64): norm ")
}

// line is a JSON line of a picture.
type line struct {
	Path                    string
	Model                   string
	Synthetic               bool
	Height, Width           int
	Summary                 []float32
	Features                [][]float32
	Adaptors, Intermediates map[string]struct{ Features [][]float32 }
}

func lines(t *testing.T, text string) []line {
	t.Helper()
	var list []line
	for l := range strings.Lines(text) {
		var v line
		require.NoError(t, json.Unmarshal([]byte(l), &v))
		list = append(list, v)
	}
	return list
}

func TestEmbedJSON(t *testing.T) {
	o := cradio(nano("embed", picture("chelsea.jpg"), picture("gray.jpg"), "-s", "32", "--json", "-f", "--intermediates", "0,-1")...)
	o.succeeds(t)
	got := lines(t, o.stdout)
	require.Len(t, got, 2)
	require.Equal(t, picture("chelsea.jpg"), got[0].Path)
	require.True(t, got[0].Synthetic)
	require.Equal(t, "synthetic:nano", got[0].Model)
	require.Len(t, got[0].Summary, 192)
	require.Len(t, got[0].Features, 4)
	require.Len(t, got[0].Intermediates, 2)
	require.Equal(t, got[0].Features, got[0].Intermediates["2"].Features, "the last block has no norm after it")
}

// TestEmbedInputs: files, folders, patterns, lists and standard input, in order.
func TestEmbedInputs(t *testing.T) {
	dir := album(t)
	list := file(t, "list.txt", []byte(picture("gray.jpg")+"\r\n\n"+picture("rgba.png")+"\n"))
	at := func(names ...string) []string {
		for i := range names {
			names[i] = filepath.Join(dir, names[i])
		}
		return names
	}
	for name, c := range map[string]struct {
		args  []string
		stdin string
		want  []string
		says  string
	}{
		"folder":                 {[]string{dir}, "", at("a.jpg", "b.PNG", "inside/c.webp"), dir + ": 3 images; left out: 1 .txt"},
		"pattern":                {[]string{filepath.Join(dir, "*.*")}, "", at("a.jpg", "b.PNG"), ""},
		"twice":                  {at("a.jpg", "a.jpg"), "", at("a.jpg", "a.jpg"), ""},
		"list":                   {[]string{"@" + list}, "", []string{picture("gray.jpg"), picture("rgba.png")}, ""},
		"list on standard input": {[]string{"@-"}, picture("gray.jpg"), []string{picture("gray.jpg")}, ""},
		"standard input":         {[]string{"-", picture("gray.jpg")}, string(read(t, picture("plain.gif"))), []string{"-", picture("gray.jpg")}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			o := cradioWith(t.Context(), c.stdin, nano(append([]string{"embed", "-s", "16", "--json"}, c.args...)...)...)
			o.succeeds(t)
			var got []string
			for _, l := range lines(t, o.stdout) {
				got = append(got, l.Path)
			}
			require.Equal(t, c.want, got)
			require.Contains(t, o.stderr, c.says)
		})
	}
}

// TestStandardInputIsTheFile: the same numbers.
func TestStandardInputIsTheFile(t *testing.T) {
	a := cradio(nano("embed", picture("gray.jpg"), "-s", "32", "--json")...)
	b := cradioWith(t.Context(), string(read(t, picture("gray.jpg"))), nano("embed", "-", "-s", "32", "--json")...)
	require.Equal(t, lines(t, a.stdout)[0].Summary, lines(t, b.stdout)[0].Summary)
}

// TestEmbedFiles: every format holds the numbers that JSON has.
func TestEmbedFiles(t *testing.T) {
	args := nano("embed", picture("chelsea.jpg"), picture("gray.jpg"), picture("plain.gif"), "-s", "32x48", "-f", "-b", "2")
	want := lines(t, cradio(append(args, "--json")...).stdout)
	summary, features := []float32{}, []float32{}
	for _, l := range want {
		summary = append(summary, l.Summary...)
		for _, token := range l.Features {
			features = append(features, token...)
		}
	}
	out := func(t *testing.T, name string, more ...string) string {
		path := filepath.Join(t.TempDir(), name)
		o := cradio(append(append(args, "--out", path), more...)...)
		o.succeeds(t)
		require.Contains(t, o.stderr, synthetic)
		want := []string{name}
		if name == "x.npy" {
			want = append(want, "x.npy.json")
		}
		require.Equal(t, want, left(t, filepath.Dir(path)))
		return path
	}
	t.Run("npy", func(t *testing.T) {
		shape, data, err := npy.Read(bytes.NewReader(read(t, out(t, "x.npy"))))
		require.NoError(t, err)
		require.Equal(t, []int{3, 6, 64}, shape)
		require.Equal(t, features, data)
		shape, data, err = npy.Read(bytes.NewReader(read(t, out(t, "x.npy", "--features=false"))))
		require.NoError(t, err)
		require.Equal(t, []int{3, 192}, shape)
		require.Equal(t, summary, data)
	})
	t.Run("summaries, unless told otherwise", func(t *testing.T) {
		for _, c := range []struct {
			flags []string
			want  []string
		}{
			{nil, []string{"grid", "original_sizes", "sizes", "summary"}},
			{[]string{"--features"}, []string{"features", "grid", "original_sizes", "sizes", "summary"}},
		} {
			path := filepath.Join(t.TempDir(), "x.safetensors")
			cradio(append(nano("embed", picture("gray.jpg"), "-s", "32", "--out", path), c.flags...)...).succeeds(t)
			f, err := loader.OpenFile(path)
			require.NoError(t, err)
			require.Equal(t, c.want, f.Names())
			require.NoError(t, f.Close())
		}
	})
	t.Run("npz", func(t *testing.T) {
		z, err := zip.OpenReader(out(t, "x.npz"))
		require.NoError(t, err)
		defer z.Close()
		member, err := z.Open("features.npy")
		require.NoError(t, err)
		_, data, err := npy.Read(member)
		require.NoError(t, err)
		require.Equal(t, features, data)
		member, err = z.Open("note.npy")
		require.NoError(t, err)
		note, err := npy.ReadStrings(member)
		require.NoError(t, err)
		require.Equal(t, []string{output.SyntheticNote}, note)
	})
	t.Run("safetensors", func(t *testing.T) {
		f, err := loader.OpenFile(out(t, "x.safetensors"))
		require.NoError(t, err)
		defer f.Close()
		data, err := f.Float32("summary", 3, 192)
		require.NoError(t, err)
		require.Equal(t, summary, data)
		require.Equal(t, "true", f.Metadata()["synthetic"])
		require.Regexp(t, "^[0-9a-f]{64}$", f.Metadata()["identity"])
	})
	t.Run("jsonl", func(t *testing.T) {
		require.Equal(t, want, lines(t, string(read(t, out(t, "x.jsonl")))))
	})
	t.Run("report", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "x.npz")
		o := cradio(append(args, "--out", path, "--json")...)
		o.succeeds(t)
		require.JSONEq(t, `{"out": `+string(quoted(t, path))+`, "model": "synthetic:nano", "synthetic": true, "pictures": 3, "failed": [],
			"arrays": [{"name": "summary", "shape": [3, 192]}, {"name": "features", "shape": [3, 6, 64]}]}`, o.stdout)
	})
}

func quoted(t *testing.T, s string) []byte {
	b, err := json.Marshal(s)
	require.NoError(t, err)
	return b
}

// TestEmbedAdaptors: with the heads of a checkpoint, in the other layout.
func TestEmbedAdaptors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.safetensors")
	o := cradio("embed", picture("gray.jpg"), "-m", "../../conformance/checkpoints/hub", "-s", "32x48",
		"--adaptor", "clip", "--adaptor", "sam", "--adaptor", "clip", "-f", "--layout", "nchw", "--intermediates", "last:1", "-o", path)
	o.succeeds(t)
	require.NotContains(t, o.stderr, "synthetic")
	f, err := loader.OpenFile(path)
	require.NoError(t, err)
	defer f.Close()
	require.Equal(t, []string{
		"adaptor.clip.features", "adaptor.clip.summary", "adaptor.sam.features", "adaptor.sam.summary",
		"features", "grid", "intermediate.2.features", "original_sizes", "sizes", "summary",
	}, f.Names())
	info, _ := f.Lookup("features")
	require.Equal(t, []int{1, 64, 2, 3}, info.Shape)
	require.Equal(t, "nchw", f.Metadata()["layout"])
	require.Equal(t, "false", f.Metadata()["synthetic"])
}

// TestEmbedOrient: a picture lying on its side is turned when asked.
func TestEmbedOrient(t *testing.T) {
	args := nano("embed", picture("orientation6.jpg"), "-s", "32", "--json")
	lying, turned := cradio(args...), cradio(append(args, "--orient")...)
	turned.succeeds(t)
	require.NotEqual(t, lines(t, lying.stdout)[0].Summary, lines(t, turned.stdout)[0].Summary)
}

// TestEmbedFloat64: the reference precision agrees.
func TestEmbedFloat64(t *testing.T) {
	args := nano("embed", picture("gray.jpg"), "-s", "32", "--json", "--threads", "1")
	single, double := cradio(args...), cradio(append(args, "--dtype", "float64")...)
	double.succeeds(t)
	require.InDeltaSlice(t, lines(t, single.stdout)[0].Summary, lines(t, double.stdout)[0].Summary, 1e-3)
}

// TestEmbedNarrow: the faster precisions are near.
func TestEmbedNarrow(t *testing.T) {
	args := nano("embed", picture("gray.jpg"), "-s", "32", "--json")
	want := lines(t, cradio(args...).stdout)[0].Summary
	for _, dtype := range []string{"bfloat16", "int8"} {
		o := cradio(append(args, "--dtype", dtype)...)
		o.succeeds(t)
		got := lines(t, o.stdout)[0].Summary
		require.InDeltaSlice(t, want, got, 0.2)
		require.NotEqual(t, want, got)
	}
}

// TestMixedSizes: with --size native images keep their sizes, to the nearest multiple of the step.
func TestMixedSizes(t *testing.T) {
	model := filepath.Join(t.TempDir(), "m")
	cradio("synth", "nano", "--out", model).succeeds(t)
	require.Contains(t, cradio("embed", square(t, 65), "-m", model, "-s", "native").stdout, "64×64 pixels")

	small, large := square(t, 16), square(t, 32)
	out := filepath.Join(t.TempDir(), "x.npy")
	cradio("embed", small, large, "-m", model, "-s", "native", "-f", "-o", out).fails(t, exitError, "an .npy file holds one array; give all images one size, or choose .npz")
	require.Empty(t, left(t, filepath.Dir(out)))
	cradio("embed", small, large, "-m", model, "-s", "native", "-o", out).succeeds(t) // summaries are of one size
	npz := strings.TrimSuffix(out, "y") + "z"
	o := cradio("embed", small, large, small, "-m", model, "-s", "native", "-f", "-o", npz, "-b", "2")
	o.succeeds(t)
	require.Contains(t, o.stderr, "features.0 (1, 64), features.1 (4, 64), features.2 (1, 64)")
}

// TestFastDecode: the same size, nearly the same numbers, and not with --exact.
func TestFastDecode(t *testing.T) {
	args := nano("embed", picture("chelsea.jpg"), "--json", "-s", "short:64")
	whole, fast := cradio(args...), cradio(append(args, "--fast-decode")...)
	whole.succeeds(t)
	fast.succeeds(t)
	a, b := lines(t, whole.stdout)[0], lines(t, fast.stdout)[0]
	require.Equal(t, len(a.Summary), len(b.Summary))
	require.NotEqual(t, a.Summary, b.Summary)
	cradio(append(args, "--fast-decode", "--exact")...).fails(t, exitError, "contradict each other")
}
