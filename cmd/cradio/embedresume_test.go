package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cradio/loader"

	"github.com/stretchr/testify/require"
)

// checkpoint writes a folder with the weights of a seed.
func synthesised(t *testing.T, dir, seed string) string {
	t.Helper()
	cradio("synth", "nano", "--out", dir, "--seed", seed, "--force").succeeds(t)
	return dir
}

// several is a folder of n images.
func several(t *testing.T, n int) string {
	t.Helper()
	dir := t.TempDir()
	for i := range n {
		from := []string{"gray.jpg", "rgba.png", "plain.gif"}[i%3]
		require.NoError(t, os.WriteFile(filepath.Join(dir, fmt.Sprintf("%02d%s", i, filepath.Ext(from))), read(t, picture(from)), 0o644))
	}
	return dir
}

// TestReplacedCheckpoint: lines of one model are not followed by those of another, whatever
// stands in the folder's place now.
func TestReplacedCheckpoint(t *testing.T) {
	for name, replace := range map[string]func(t *testing.T, ck string){
		"weights": func(t *testing.T, ck string) { synthesised(t, ck, "7") },
		"weights of the same size and time": func(t *testing.T, ck string) {
			path := filepath.Join(ck, "model.safetensors")
			info, err := os.Stat(path)
			require.NoError(t, err)
			data := read(t, path)
			copy(data[len(data)-64:], make([]byte, 64))
			require.NoError(t, os.WriteFile(path, data, 0o644))
			require.NoError(t, os.Chtimes(path, info.ModTime(), info.ModTime()))
		},
		"preprocessor": func(t *testing.T, ck string) {
			require.NoError(t, os.WriteFile(filepath.Join(ck, "preprocessor_config.json"),
				[]byte(`{"do_normalize": true, "do_center_crop": false, "size": {"height": 16, "width": 16}}`), 0o644))
		},
		"config": func(t *testing.T, ck string) {
			path := filepath.Join(ck, "config.json")
			text := strings.Replace(string(read(t, path)), `{`, `{"align_corners": false, `, 1)
			require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
		},
	} {
		t.Run(name, func(t *testing.T) {
			ck := synthesised(t, filepath.Join(t.TempDir(), "ck"), "")
			images := several(t, 3)
			out := filepath.Join(t.TempDir(), "x.jsonl")
			run := func() outcome { return cradio("embed", images, "-m", ck, "-s", "16", "--resume", "-o", out) }
			run().succeeds(t)
			finished := read(t, out)
			replace(t, ck)
			run().fails(t, exitError, "its lines were computed by another model than "+ck+": their identity is ")
			require.Equal(t, finished, read(t, out), "nothing is left to do, and still")

			require.NoError(t, os.WriteFile(filepath.Join(images, "new.gif"), read(t, picture("plain.gif")), 0o644))
			run().fails(t, exitError, "give the model of the lines, choose another name, or remove the file to start again")
			require.Equal(t, finished, read(t, out))
			require.Equal(t, []string{"x.jsonl"}, left(t, filepath.Dir(out)))

			partial := strings.Join(strings.SplitAfter(string(finished), "\n")[:2], "") // as an interrupted run leaves it
			require.NoError(t, os.Rename(out, out+".partial"))
			require.NoError(t, os.WriteFile(out+".partial", []byte(partial), 0o644))
			run().fails(t, exitError, "another model")
			require.Equal(t, partial, string(read(t, out+".partial")))
		})
	}
}

// TestSameModelElsewhere: a folder may be spelled otherwise, copied or moved.
func TestSameModelElsewhere(t *testing.T) {
	dir := t.TempDir()
	ck := synthesised(t, filepath.Join(dir, "ck"), "")
	images := several(t, 4)
	out := filepath.Join(t.TempDir(), "x.jsonl")
	cradio("embed", images+"/00.jpg", "-m", ck, "-s", "16", "-o", out).succeeds(t)
	elsewhere := filepath.Join(dir, "elsewhere")
	require.NoError(t, os.CopyFS(elsewhere, os.DirFS(ck)))
	for i, model := range []string{dir + "/./ck/", filepath.Join(dir, "ck", "..", "ck"), elsewhere} {
		o := cradio("embed", fmt.Sprintf("%s/0%d.*", images, 0), images+"//"+left(t, images)[i+1], "-m", model, "-s", "16", "--resume", "-o", out)
		o.succeeds(t)
		require.Contains(t, o.stderr, "1 of 2 images already done")
	}
	all := []string{"embed", images, "-m", elsewhere, "-s", "16", "-o"}
	cradio(append(all, out, "--resume")...).succeeds(t)
	fresh := filepath.Join(t.TempDir(), "x.jsonl")
	cradio(append(all, fresh)...).succeeds(t)
	require.Equal(t, string(read(t, fresh)), string(read(t, out)))
}

// TestGoOnWithAFirstRun: one without --resume, over images some of which are gone now.
func TestGoOnWithAFirstRun(t *testing.T) {
	images := several(t, 4)
	out := filepath.Join(t.TempDir(), "x.jsonl")
	args := nano("embed", images, "-s", "16", "-o", out)
	cradio(args...).succeeds(t)
	require.NoError(t, os.Remove(filepath.Join(images, "01.png")))
	require.NoError(t, os.WriteFile(filepath.Join(images, "00a.png"), read(t, picture("rgba.png")), 0o644))
	o := cradio(append(args, "--resume")...)
	o.succeeds(t)
	require.Contains(t, o.stderr, "3 of 4 images already done")
	require.Contains(t, o.stderr, "1 line of images that are no longer inputs will be dropped")
	resumed := read(t, out)
	cradio(args...).succeeds(t)
	require.Equal(t, string(read(t, out)), string(resumed))

	for flag, value := range map[string]string{"--dtype": "bfloat16", "--alpha": "drop", "--orient": "", "--features": "", "--align-corners": "false"} {
		more := []string{"--resume", flag}
		if value != "" {
			more = append(more, value)
		}
		cradio(append(args, more...)...).fails(t, exitError, "cannot be resumed")
	}
	printed := cradio(nano("embed", images, "-s", "16", "--json")...).stdout
	require.NotContains(t, printed, `"identity"`)
	cradio(nano("embed", images, "-s", "16", "--resume", "-o", file(t, "x.jsonl", []byte(printed)))...).
		fails(t, exitError, "line 1 has no identity or no settings of its model: it was printed with --json")
}

// changing changes a file when it is read.
type changing struct {
	change func()
	data   io.Reader
}

func (c *changing) Read(p []byte) (int, error) {
	if c.change != nil {
		c.change()
		c.change = nil
	}
	return c.data.Read(p)
}

// TestReplacedInUse: a checkpoint that changes while it is in use ends the run, in every
// format, and nothing computed after that is kept.
func TestReplacedInUse(t *testing.T) {
	for _, extension := range []string{"", ".npz", ".jsonl", ".parquet"} {
		ck := synthesised(t, filepath.Join(t.TempDir(), "ck"), "")
		dir := t.TempDir()
		args := []string{"embed", picture("gray.jpg"), picture("rgba.png"), "-", "-m", ck, "-s", "16"}
		if extension != "" {
			args = append(args, "-o", filepath.Join(dir, "x"+extension))
		}
		stdin := &changing{func() {
			later := time.Now().Add(time.Hour)
			require.NoError(t, os.Chtimes(filepath.Join(ck, "model.safetensors"), later, later))
		}, strings.NewReader(string(read(t, picture("plain.gif"))))}
		var stdout, stderr strings.Builder
		code := run(t.Context(), newRoot(), args, stdin, &stdout, &stderr)
		outcome{stderr: stderr.String(), code: code}.fails(t, exitError, "while it is used")
		require.Empty(t, left(t, dir))
	}
}

// TestEveryTensorIsFinite: NaN is looked for in all that is written, and costs one image.
func TestEveryTensorIsFinite(t *testing.T) {
	ck := filepath.Join(t.TempDir(), "ck")
	require.NoError(t, os.CopyFS(ck, os.DirFS("../../conformance/checkpoints/hub")))
	spoil(t, filepath.Join(ck, "model.safetensors"), "adaptors.clip.feat_mlp.final.2.bias")
	args := []string{"embed", picture("gray.jpg"), "-m", ck, "-s", "16"}
	for _, extension := range []string{".npz", ".safetensors", ".jsonl"} {
		out := filepath.Join(t.TempDir(), "x"+extension)
		cradio(append(args, "-o", out, "--adaptor", "clip", "--features")...).fails(t, exitFailed, "1 of 1 image failed: no file was written")
		o := cradio(append(args, "-o", out, "--adaptor", "clip", "--features")...)
		require.Regexp(t, `skipped: .*gray.jpg: adaptor.clip.features\[0, \d+\] is NaN: the checkpoint holds values`, o.stderr)
		require.Empty(t, left(t, filepath.Dir(out)))
		cradio(append(args, "-o", out, "--adaptor", "clip", "--features=false")...).succeeds(t)
	}
	cradio(append(args, "--json", "--adaptor", "clip", "--features")...).fails(t, exitFailed, "1 of 1 image failed")
	cradio(append(args, "-o", filepath.Join(t.TempDir(), "x.npy"), "--features")...).succeeds(t)
	cradio(append(args, "-o", filepath.Join(t.TempDir(), "x.npz"), "--adaptor", "clip", "-f", "--strict")...).fails(t, exitFailed, "(stopped there: --strict)")
}

// spoil makes NaN of a tensor whose name holds part.
func spoil(t *testing.T, path, part string) {
	t.Helper()
	spoilWith(t, path, part, []byte{0, 0, 0xc0, 0x7f})
}

// spoilWith makes another number of its first element.
func spoilWith(t *testing.T, path, part string, value []byte) {
	t.Helper()
	f, err := loader.OpenFile(path)
	require.NoError(t, err)
	var tensors []loader.Tensor
	spoilt := false
	for _, name := range f.Names() {
		info, _ := f.Lookup(name)
		data, err := f.Bytes(name)
		require.NoError(t, err)
		data = append([]byte(nil), data...)
		if !spoilt && strings.Contains(name, part) && info.DType == loader.F32 {
			copy(data, value)
			spoilt = true
		}
		tensors = append(tensors, loader.Tensor{Name: name, DType: info.DType, Shape: info.Shape, Data: loader.ByteData(data)})
	}
	require.True(t, spoilt)
	meta := f.Metadata()
	require.NoError(t, f.Close())
	require.NoError(t, loader.Write(path, tensors, meta))
}

// TestProcessorOfAnySize: sizes that the model does not support become the nearest that it does.
func TestProcessorOfAnySize(t *testing.T) {
	ck := synthesised(t, filepath.Join(t.TempDir(), "ck"), "")
	for _, size := range []string{
		`"size": {"height": 100, "width": 96}`, `"size": {"shortest_edge": 100}`, `"size": {"shortest_edge": 96}, "do_center_crop": true, "crop_size": 100`,
	} {
		text := `{"do_normalize": false, "do_center_crop": false, ` + size + `}`
		if strings.Contains(size, "do_center_crop") {
			text = `{"do_normalize": false, ` + size + `}`
		}
		require.NoError(t, os.WriteFile(filepath.Join(ck, "preprocessor_config.json"), []byte(text), 0o644))
		o := cradio("embed", picture("gray.jpg"), picture("rgba.png"), "-m", ck)
		o.succeeds(t)
		require.Contains(t, o.stdout, " 96×", size)
	}
}
