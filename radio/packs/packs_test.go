package packs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"cradio/loader"

	"github.com/stretchr/testify/require"
)

var (
	use     = Use{"int8", "avx512-v1"}
	discard = slog.New(slog.DiscardHandler)
)

// checkpoint is a folder with one file of weights.
func checkpoint(t testing.TB) *loader.Checkpoint {
	dir := t.TempDir()
	require.NoError(t, loader.Write(filepath.Join(dir, "model.safetensors"),
		[]loader.Tensor{{Name: "w", DType: loader.F32, Shape: []int{2}, Data: loader.Float32Data([]float32{1, 2})}}, nil))
	c, err := loader.OpenPath(dir)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return c
}

// made writes a pack of two sections and a weight beside its checkpoint.
func made(t testing.TB, of Origin) *Pack {
	var last, total int64
	w := NewWriter(context.Background(), func(done, of int64) { last, total = done, of })
	w.Section("m", "int8", "values", bytes.Repeat([]byte{7}, 65))
	w.Section("m", "int8", "scales", []byte{1})
	w.Weight("b", []int{3}, []float32{1, 2, 3})
	p, err := w.Write(Path(of.Dir(), of, use), use, of)
	require.NoError(t, err)
	require.Equal(t, int64(2*(128+64+12)), total)
	require.Equal(t, total, last)
	return p
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	of := checkpoint(t)
	written := made(t, of)
	require.Equal(t, "cradio-int8-avx512-v1.pack", filepath.Base(written.Path))
	p, err := Open(context.Background(), written.Path, use, of, discard)
	require.NoError(t, err)
	defer p.Close()
	require.Equal(t, written.Bytes, p.Bytes)
	require.Equal(t, []string{"b"}, slices.Collect(p.Weights()))
	values, err := p.File().Float32("b", 3)
	require.NoError(t, err)
	require.Equal(t, []float32{1, 2, 3}, values)
	forms, err := p.Forms()
	require.NoError(t, err)
	require.Len(t, forms, 1)
	require.Equal(t, "m", forms[0].Weight)
	require.Equal(t, "int8", forms[0].Precision)
	require.Equal(t, append(bytes.Repeat([]byte{7}, 65), make([]byte, 63)...), forms[0].Sections["values"], "whole cache lines")
	require.Equal(t, byte(1), forms[0].Sections["scales"][0])
	sum, err := of.Files()[0].Checksum(context.Background())
	require.NoError(t, err)
	require.Equal(t, []string{sum}, p.Checksums())
	require.NoError(t, p.Verify(context.Background(), of))
}

// TestRefusals: each is an error that names the pack, what is wrong, and what to do.
func TestRefusals(t *testing.T) {
	of := checkpoint(t)
	path := made(t, of).Path
	_, err := Open(context.Background(), path, Use{"bfloat16", "avx512-v1"}, of, discard)
	require.EqualError(t, err, path+": want weights for bfloat16 at avx512-v1, found int8 at avx512-v1; make it again with `cradio pack`, or delete it")
	_, err = Open(context.Background(), path, use, checkpointOf(t, []float32{3, 4}), discard)
	require.ErrorContains(t, err, "and other contents; make it again")
	_, err = Open(context.Background(), path, use, checkpointOf(t, []float32{3, 4, 5}), discard)
	require.ErrorContains(t, err, "model.safetensors was")
	_, err = Open(context.Background(), filepath.Join(of.Dir(), "model.safetensors"), use, of, discard)
	require.ErrorContains(t, err, "want cradio_pack, which says what the pack is of")
	_, err = Open(context.Background(), path+".none", use, of, discard)
	var wrong *Error
	require.ErrorAs(t, err, &wrong)
	require.True(t, errors.Is(err, os.ErrNotExist))

	_, err = (&Writer{ctx: context.Background()}).Write(filepath.Join(of.Dir(), "none", "x.pack"), use, of)
	require.ErrorContains(t, err, "does not exist")
}

// checkpointOf is a folder with one file of other weights, written later.
func checkpointOf(t testing.TB, values []float32) *loader.Checkpoint {
	path := filepath.Join(t.TempDir(), "model.safetensors")
	require.NoError(t, loader.Write(path,
		[]loader.Tensor{{Name: "w", DType: loader.F32, Shape: []int{len(values)}, Data: loader.Float32Data(values)}}, nil))
	later := time.Now().Add(time.Hour)
	require.NoError(t, os.Chtimes(path, later, later))
	c, err := loader.OpenPath(path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return c
}

// TestMetadataIsStrict: what two readers could take for different things is refused.
func TestMetadataIsStrict(t *testing.T) {
	text, err := json.Marshal(about{Version: version, Precision: use.Precision, Layout: use.Layout})
	require.NoError(t, err)
	for said, want := range map[string]string{
		string(text): "",
		string(text[:len(text)-1]) + `,"version":1}`: `key "version" twice`,
		string(text) + "x":                           "want JSON",
		"[]":                                         "cannot unmarshal",
	} {
		path := filepath.Join(t.TempDir(), "x.pack")
		require.NoError(t, loader.Write(path, nil, map[string]string{key: said}))
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		f, err := loader.ParseFile("x.pack", data)
		require.NoError(t, err)
		_, err = Read(f, use)
		if want == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, "x.pack: metadata: cradio_pack: ")
		require.ErrorContains(t, err, want)
	}
}

func TestFind(t *testing.T) {
	ctx := context.Background()
	of := checkpoint(t)
	found, err := Find(ctx, of.Dir(), of, use)
	require.NoError(t, err)
	require.Empty(t, found)
	path := made(t, of).Path
	found, err = Find(ctx, of.Dir(), of, use)
	require.NoError(t, err)
	require.Equal(t, path, found)

	other := t.TempDir()
	require.NotEqual(t, filepath.Base(path), filepath.Base(Path(other, of, use)), "which checkpoint is part of the name")
	moved := filepath.Join(other, "cradio-int8-avx512-v1-of-before.pack")
	require.NoError(t, os.Rename(path, moved))
	found, err = Find(ctx, other, of, use)
	require.NoError(t, err)
	require.Equal(t, moved, found, "by its contents")
	found, err = Find(ctx, other, checkpointOf(t, []float32{9, 9}), use)
	require.NoError(t, err)
	require.Empty(t, found)
	found, err = Find(ctx, filepath.Join(other, "none"), of, use)
	require.NoError(t, err)
	require.Empty(t, found)
}
