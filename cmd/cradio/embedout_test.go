package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cradio/loader"
	"cradio/radio/output"

	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/require"
)

// TestFailures: as JSON lines in a file, and with --json among the results, in the order of the inputs.
func TestFailures(t *testing.T) {
	chelsea := read(t, picture("chelsea.jpg"))
	missing := filepath.Join(t.TempDir(), "missing.jpg")
	inputs := []string{
		file(t, "text.jpg", []byte("hello, I am a text")), picture("gray.jpg"), file(t, "cut.jpg", chelsea[:len(chelsea)/2]), file(t, "bomb.png", bomb()), missing,
	}
	kinds := []string{"format", "damaged", "too-large", "missing"}
	list := filepath.Join(t.TempDir(), "failures.jsonl")
	o := cradio(nano(append([]string{"embed", "-s", "16", "--json", "--failures", list}, inputs...)...)...)
	o.fails(t, exitFailed, "4 of 5 images failed")
	var failures []failure
	for text := range strings.Lines(string(read(t, list))) {
		var f failure
		require.NoError(t, json.Unmarshal([]byte(text), &f))
		require.Contains(t, f.Error, filepath.Base(f.Path))
		failures = append(failures, f)
	}
	require.Len(t, failures, 4)
	for i, f := range failures {
		require.Equal(t, kinds[i], f.Kind, f.Error)
	}
	printed := strings.SplitAfter(o.stdout, "\n")
	require.Equal(t, string(read(t, list)), printed[0]+printed[2]+printed[3]+printed[4])
	require.Contains(t, printed[1], `"summary":[`)

	cradio(nano("embed", "-s", "16", "--failures", list, "--strict", picture("gray.jpg"), missing)...).fails(t, exitFailed, "stopped there")
	require.Contains(t, string(read(t, list)), `"kind":"missing"`)
	cradio(nano("embed", "-s", "16", "--failures", list, picture("gray.jpg"))...).succeeds(t)
	require.Empty(t, read(t, list), "those of an earlier run are gone")
}

// TestMissing: of an .npy file, and a row with an error in .parquet.
func TestMissing(t *testing.T) {
	bad := file(t, "text.jpg", []byte("hello"))
	args := append(nano("embed", bad, picture("gray.jpg"), bad, "-s", "16"), "-o")
	dir := t.TempDir()
	npy := filepath.Join(dir, "x.npy")
	o := cradio(append(args, npy)...)
	o.fails(t, exitFailed, npy+": 1 image, summary (1, 192); 2 images failed and left out; the paths of the rows are in "+npy+".json")
	o = cradio(append(args, npy, "--missing", "nan")...)
	o.fails(t, exitFailed, "summary (3, 192); 2 rows of NaN for images that failed; the paths")
	require.Contains(t, string(read(t, npy+".json")), `"row":2`)

	path := filepath.Join(dir, "x.parquet")
	cradio(append(args, path)...).fails(t, exitFailed, "x.parquet: 1 image, summary (1, 192); 2 rows with an error")
	rows, err := parquet.ReadFile[struct {
		Path    string    `parquet:"path"`
		Height  *int32    `parquet:"height,optional"`
		Rows    *int32    `parquet:"rows,optional"`
		Summary []float32 `parquet:"summary,optional,list"`
		Error   *string   `parquet:"error,optional"`
	}](path)
	require.NoError(t, err)
	require.Len(t, rows, 3)
	require.Contains(t, *rows[0].Error, "it is text")
	require.Nil(t, rows[0].Height)
	require.Nil(t, rows[1].Error)
	require.Equal(t, int32(123), *rows[1].Height)
	require.Equal(t, int32(1), *rows[1].Rows)
	require.Equal(t, lines(t, cradio(nano("embed", picture("gray.jpg"), "-s", "16", "--json")...).stdout)[0].Summary, rows[1].Summary)
}

// TestSizeIsSaid: once, before work.
func TestSizeIsSaid(t *testing.T) {
	dir := t.TempDir()
	many := make([]string, 20)
	for i := range many {
		many[i] = picture("gray.jpg")
	}
	for name, c := range map[string]struct {
		flags []string
		want  string
	}{
		"a.npz":         {[]string{"-s", "32"}, "a.npz: 20 images × 192 × 4 bytes: about 15.4 kB\n"},
		"b.safetensors": {[]string{"-s", "32", "-f"}, "b.safetensors: 20 images × 4 × 64 × 4 bytes: about 35.8 kB\n"},
		"c.parquet":     {[]string{"-s", "32", "-f", "--out-dtype", "fp16"}, "c.parquet: 20 images × 4 × 64 × 2 bytes: about 17.9 kB\n"},
		"d.jsonl":       {[]string{"-s", "32", "--intermediates", "0,1"}, "d.jsonl: 20 images × 704 numbers × 12 bytes of text: about 169 kB\n"},
		"e.npy":         {[]string{"-s", "short:32", "-f"}, "e.npy: 20 images × 6 × 64 × 4 bytes: about 30.7 kB; estimated from the first image\n"},
		"f.npz":         {[]string{"-s", "768", "-f"}, "f.npz: 20 images × 2304 × 64 × 4 bytes: about 11.8 MB; --out-dtype float16 halves it\n"},
	} {
		if name == "f.npz" && testing.Short() {
			continue
		}
		o := cradio(nano(append(append([]string{"embed", "-o", filepath.Join(dir, name)}, c.flags...), many...)...)...)
		o.succeeds(t)
		require.Equal(t, 1, strings.Count(o.stderr, filepath.Join(dir, c.want)), o.stderr)
	}
}

// TestOutDType: rounded, in lines too; what a type cannot hold costs one image, and says what to do.
func TestOutDType(t *testing.T) {
	args := nano("embed", picture("gray.jpg"), "-s", "16")
	want := lines(t, cradio(append(args, "--json")...).stdout)[0].Summary
	got := lines(t, cradio(append(args, "--json", "--out-dtype", "half")...).stdout)[0].Summary
	require.NotEqual(t, want, got)
	require.InEpsilonSlice(t, want, got, 0x1p-10)

	ck := filepath.Join(t.TempDir(), "ck")
	require.NoError(t, os.CopyFS(ck, os.DirFS("../../conformance/checkpoints/hub")))
	spoilWith(t, filepath.Join(ck, "model.safetensors"), "adaptors.clip.feat_mlp.final.2.bias", []byte{0x50, 0xc3, 0xc7, 0x47}) // 102310.6
	args = []string{"embed", picture("gray.jpg"), "-m", ck, "-s", "16", "-f", "--adaptor", "clip", "-o"}
	dir := t.TempDir()
	o := cradio(append(args, filepath.Join(dir, "x.npz"), "--out-dtype", "float16")...)
	o.fails(t, exitFailed, "1 of 1 image failed: no file was written")
	require.Regexp(t, `gray.jpg: adaptor.clip.features\[0, \d+\] is 102\d\d\d, and float16 holds at most 65504; choose --out-dtype float32, or bfloat16`, o.stderr)
	cradio(append(args, filepath.Join(dir, "x.npz"))...).succeeds(t)
	path := filepath.Join(dir, "x.safetensors")
	cradio(append(args, path, "--out-dtype", "bf16")...).succeeds(t)
	f, err := loader.OpenFile(path)
	require.NoError(t, err)
	defer f.Close()
	info, _ := f.Lookup("summary")
	require.Equal(t, loader.BF16, info.DType)
	require.Equal(t, string(output.BFloat16), f.Metadata()["dtype"])

	lines := filepath.Join(dir, "x.jsonl")
	all := nano("embed", picture("gray.jpg"), "-s", "16", "-o", lines, "--resume")
	cradio(all...).succeeds(t)
	cradio(append(all, "--out-dtype", "float16")...).fails(t, exitError, "cannot be resumed")
}

// TestOrientationIsSaid: how many images would be turned, where they are not.
func TestOrientationIsSaid(t *testing.T) {
	args := nano("embed", picture("orientation6.jpg"), picture("gray.jpg"), "-s", "16")
	o := cradio(args...)
	o.succeeds(t)
	require.Contains(t, o.stderr, "1 of 2 images has an EXIF orientation that was not applied; --orient applies it\n")
	o = cradio(append(args, picture("orientation6.jpg"))...)
	require.Contains(t, o.stderr, "2 of 3 images have an EXIF orientation that was not applied; --orient applies them\n")
	require.NotContains(t, cradio(append(args, "--orient")...).stderr, "EXIF")
}
