package main

import (
	"bytes"
	"context"
	"fmt"
	stdimage "image"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// square is a picture file of n×n pixels.
func square(t *testing.T, n int) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, stdimage.NewGray(stdimage.Rect(0, 0, n, n))))
	return file(t, fmt.Sprintf("%d.png", n), b.Bytes())
}

// TestEmbedUsage: what is wrong with the command line is said before anything
// is read or written.
func TestEmbedUsage(t *testing.T) {
	good := picture("gray.jpg")
	empty := t.TempDir()
	for want, args := range map[string][]string{
		"no IMAGE given": {},
		`invalid argument "0" for "-s, --size" flag: size is 0, want 1 to 32768 pixels`:                               {good, "-s", "0"},
		`size is "12by3", want card, native, N, HxW, short:N, long:N or pixels:N`:                                     {good, "-s", "12by3"},
		"size pixels:5000: Python's processor has no such size":                                                       {good, "-s", "pixels:5000", "--exact"},
		"--size 100: image is 100×100: height and width must be multiples of 16; the nearest supported size is 96×96": {good, "-s", "100"},
		"--layout hwc: must be nlc or nchw":                                                                           {good, "--layout", "hwc"},
		"--batch 0: must be at least 1":                                                                               {good, "-b", "0"},
		"--max-pixels 0: must be at least 1":                                                                          {good, "--max-pixels", "0"},
		"tf32 is a precision of NVIDIA GPUs from 8.0 on: choose device cuda, or float32, bfloat16 or int8":            {good, "--dtype", "tf32"},
		`--dtype: dtype is "half", want one of [float32 bfloat16 int8 float64 tf32]`:                                  {good, "--dtype", "half"},
		"--threads -1: must be at least 1":                                                                            {good, "--threads", "-1"},
		"--align-corners maybe: must be auto, true or false":                                                          {good, "--align-corners", "maybe"},
		"--vitdet-window -2":                                                        {good, "--vitdet-window", "-2"},
		`no adaptor "clip": this checkpoint has none`:                               {good, "--adaptor", "clip"},
		"--intermediates x: want blocks, as in 3,7,-1, or last:4":                   {good, "--intermediates", "x"},
		"--intermediates last:: want blocks":                                        {good, "--intermediates", "last:"},
		"block 3 does not exist; the model has 3, 0 to 2 or -3 to -1":               {good, "--intermediates", "3"},
		`no format for the extension ".csv"`:                                        {good, "-o", filepath.Join(empty, "x.csv")},
		"an .npy file holds one array, so it cannot hold adaptors or intermediates": {good, "--intermediates", "1", "-o", filepath.Join(empty, "x.npy")},
		"--missing zero: must be skip or nan":                                       {good, "--missing", "zero"},
		"--missing nan: works only with .npy":                                       {good, "--missing", "nan", "-o", filepath.Join(empty, "x.npz")},
		`--out-dtype: dtype is "int8", must be`:                                     {good, "--out-dtype", "int8", "--json"},
		"--out-dtype float16: needs --out or --json":                                {good, "--out-dtype", "fp16"},
		"--out-dtype float64: the model computes in float32":                        {good, "--out-dtype", "float64", "--json"},
		"--out-dtype bfloat16: only .safetensors can store it":                      {good, "--out-dtype", "bf16", "-o", filepath.Join(empty, "x.npz")},
		"is also the file of --out; choose another name":                            {good, "-o", filepath.Join(empty, "x.jsonl"), "--failures", filepath.Join(empty, "x.jsonl")},
		"is written with --out too; choose another name":                            {good, "-o", filepath.Join(empty, "x.npy"), "--failures", filepath.Join(empty, "x.npy.json")},
		"no folder " + filepath.Join(empty, "none"):                                 {good, "--failures", filepath.Join(empty, "none", "x.jsonl")},
		"--resume needs --out FILE.jsonl":                                           {good, "--resume"},
		"only .jsonl files can be resumed":                                          {good, "--resume", "-o", filepath.Join(empty, "x.npz")},
		"there is no folder":                                                        {good, "-o", filepath.Join(empty, "no", "x.npz")},
		"is a folder; choose the name of a file":                                    {good, "-o", folder(t, "x.npz")},
		"no images in this folder":                                                  {empty},
		"no images match":                                                           {filepath.Join(empty, "*.jpg")},
		"not a pattern":                                                             {filepath.Join(empty, "[a")},
		"standard input can be one image":                                           {"-", "-"},
		"list of images: open":                                                      {"@" + filepath.Join(empty, "none.txt")},
		"is empty; want a path on each line":                                        {"@" + file(t, "list.txt", []byte("\n"))},
	} {
		cradio(nano(append([]string{"embed"}, args...)...)...).fails(t, exitError, want)
	}
	require.Empty(t, left(t, empty))
}

// folder makes a folder of that name.
func folder(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.Mkdir(path, 0o755))
	return path
}

func TestUnknownModel(t *testing.T) {
	for model, want := range map[string]string{
		"no/such/folder":    "no such file or folder; give the folder of a checkpoint",
		"synthetic:Z":       `no synthetic model "Z"`,
		picture("gray.jpg"): "want safetensors, or what torch.save writes, found",
		t.TempDir():         "config.json",
	} {
		cradio("embed", picture("gray.jpg"), "-m", model).fails(t, exitError, want)
	}
}

// TestBadPictures: each is reported with its name and the reason, the good one
// beside it is written, and the exit status says that some failed.
func TestBadPictures(t *testing.T) {
	chelsea := read(t, picture("chelsea.jpg"))
	for want, bad := range map[string]string{
		"it is an empty file, which is not supported":      file(t, "empty.jpg", nil),
		`it is text that begins with "hello, I am a text"`: file(t, "text.jpg", []byte("hello, I am a text")),
		"JPEG: ":       file(t, "truncated.jpg", chelsea[:len(chelsea)/2]),
		"60000":        file(t, "bomb.png", bomb()),
		"no such file": filepath.Join(t.TempDir(), "missing.jpg"),
	} {
		out := filepath.Join(t.TempDir(), "x.jsonl")
		args := nano("embed", bad, picture("gray.jpg"), "-s", "16", "-o", out)
		o := cradio(args...)
		o.fails(t, exitFailed, "1 of 2 images failed")
		require.Contains(t, o.stderr, want)
		require.Contains(t, o.stderr, filepath.Base(bad))
		got := lines(t, string(read(t, out)))
		require.Len(t, got, 1)
		require.Equal(t, picture("gray.jpg"), got[0].Path)

		t.Run("strict "+filepath.Base(bad), func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "x.npz")
			o := cradio(nano("embed", bad, picture("gray.jpg"), "-s", "16", "-o", out, "--strict")...)
			o.fails(t, exitFailed, want)
			require.Contains(t, o.stderr, "(stopped there: --strict)")
			require.Empty(t, left(t, filepath.Dir(out)))
		})
	}
}

// TestAllFail: then there is no file, in any format.
func TestAllFail(t *testing.T) {
	bad := file(t, "empty.jpg", nil)
	for _, extension := range []string{".npy", ".npz", ".safetensors", ".jsonl", ".parquet"} {
		out := filepath.Join(t.TempDir(), "x"+extension)
		cradio(nano("embed", bad, bad, "-o", out)...).fails(t, exitFailed, "2 of 2 images failed: no file was written")
		require.Empty(t, left(t, filepath.Dir(out)))
	}
	cradio(nano("embed", bad)...).fails(t, exitFailed, "1 of 1 image failed")
}

func TestMaxPixels(t *testing.T) {
	cradio(nano("embed", picture("gray.jpg"), "--max-pixels", "100")...).fails(t, exitFailed, "1 of 1 image failed")
}

// cancelling cancels when it is read.
type cancelling struct {
	cancel context.CancelFunc
	block  chan struct{}
}

func (c cancelling) Read([]byte) (int, error) {
	c.cancel()
	<-c.block
	return 0, io.EOF
}

// TestInterrupted: while a picture is awaited, in every format: no file, and
// exit status 130.
func TestInterrupted(t *testing.T) {
	for _, extension := range []string{"", ".npy", ".npz", ".safetensors", ".jsonl", ".parquet"} {
		t.Run(extension, func(t *testing.T) {
			dir := t.TempDir()
			ctx, cancel := context.WithCancel(t.Context())
			stdin := cancelling{cancel, make(chan struct{})}
			defer close(stdin.block)
			args := nano("embed", picture("gray.jpg"), "-", "-s", "16")
			want := "interrupted after "
			if extension != "" {
				args = append(args, "-o", filepath.Join(dir, "x"+extension))
				want = " of 2 images: no file was written"
			}
			var stderr bytes.Buffer
			code := run(ctx, newRoot(), args, stdin, io.Discard, &stderr)
			outcome{stderr: stderr.String(), code: code}.fails(t, exitInterrupted, want)
			require.Empty(t, left(t, dir))
		})
	}
}

// TestResumed: an interrupted run goes on, and ends with the file that one run
// makes; a picture that failed is tried again, and no other.
func TestResumed(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "x.jsonl")
	later := filepath.Join(t.TempDir(), "later.jpg")
	all := []string{picture("gray.jpg"), later, picture("plain.gif")}
	args := nano(append([]string{"embed", "-s", "16", "--resume", "-o", out}, all...)...)

	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	cradioWith(cancelled, "", args...).fails(t, exitInterrupted, "interrupted after 0 of 3 images: run the same command to resume from")
	require.Empty(t, left(t, dir))

	cradio(args...).fails(t, exitFailed, "1 of 3 images failed")
	require.Len(t, lines(t, string(read(t, out))), 2)

	require.NoError(t, os.WriteFile(later, read(t, picture("rgba.png")), 0o644))
	o := cradio(args...)
	o.succeeds(t)
	require.Contains(t, o.stderr, "2 of 3 images already done")
	require.Equal(t, []string{"x.jsonl"}, left(t, dir))
	resumed := read(t, out)

	fresh := filepath.Join(t.TempDir(), "x.jsonl")
	cradio(nano(append([]string{"embed", "-s", "16", "--resume", "-o", fresh}, all...)...)...).succeeds(t)
	require.Equal(t, string(read(t, fresh)), string(resumed))

	o = cradio(args...) // nothing is left to do
	o.succeeds(t)
	require.Contains(t, o.stderr, "3 of 3 images already done")
	require.Equal(t, string(resumed), string(read(t, out)))
	cradio(append(args, "-s", "32")...).fails(t, exitError, "use the same settings, or remove the file")
}
