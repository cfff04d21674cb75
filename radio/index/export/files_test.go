package export_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cradio/loader/npy"
	"cradio/radio"
	"cradio/radio/data"
	"cradio/radio/features"
	"cradio/radio/index"
	"cradio/radio/index/export"

	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/require"
)

const (
	width = 3
	odd   = "/photos/a \"b\"\\\t\xff.png" // a path that formats must escape
)

// made is an index of n pictures whose vectors are (i, 2i, 2i), of length 3i.
func made(t testing.TB, n int) *index.Index {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "photos.index")
	r := features.Recipe{Model: "m", Precision: "float32", Preprocessing: "p", DType: features.Float32, Columns: []features.Column{{Source: radio.SummarySource, Shape: []int{width}}}}
	w, err := features.Create(t.Context(), dir, r, nil)
	require.NoError(t, err)
	whole := features.Views{Count: 1, Scale: features.DefaultScale}
	d := &data.Dataset{Path: "photos", Hashed: true}
	for i := range n {
		v := float32(i + 1)
		sum := sha256.Sum256(fmt.Append(nil, i))
		require.NoError(t, w.Add(sum, whole, 0, [][]float32{{v, 2 * v, 2 * v}}))
		item := data.Item{Path: fmt.Sprintf("/photos/%d.png", i), SHA256: sum, Stamp: data.Stamp{Size: int64(100 + i)}}
		if i == 1 {
			item.Path = odd
		}
		d.Items = append(d.Items, item)
	}
	require.NoError(t, w.Finish(d, whole, features.About{Model: "nano"}))
	require.NoError(t, w.Close())
	x, err := index.Open(dir)
	require.NoError(t, err)
	t.Cleanup(func() { x.Close() })
	return x
}

func write(t testing.TB, x *index.Index, name string) error {
	t.Helper()
	to, err := export.Open(name)
	require.NoError(t, err)
	told := 0
	n, err := export.Write(t.Context(), x, radio.SummarySource, to, func(done, total int) { told = done })
	if err == nil {
		require.Equal(t, len(x.Set.Items), n)
		require.Equal(t, n, told)
	}
	return err
}

func TestJSONL(t *testing.T) {
	x, path := made(t, 3), filepath.Join(t.TempDir(), "photos.jsonl")
	require.NoError(t, write(t, x, path))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	lines := bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
	require.Len(t, lines, 3)
	var line struct {
		Path, SHA256 string
		Base64       []byte `json:"path_base64"`
		Bytes        int
		Vector       []float64
	}
	require.NoError(t, json.Unmarshal(lines[1], &line))
	require.Equal(t, odd, string(line.Base64))
	require.Equal(t, strings.ToValidUTF8(odd, "\ufffd"), line.Path)
	require.Equal(t, fmt.Sprintf("%x", sha256.Sum256([]byte("1"))), line.SHA256)
	require.Equal(t, 101, line.Bytes)
	require.InDeltaSlice(t, []float64{1. / 3, 2. / 3, 2. / 3}, line.Vector, 1e-7)
}

func TestPGVector(t *testing.T) {
	x, path := made(t, 2), filepath.Join(t.TempDir(), "photos.sql")
	require.NoError(t, write(t, x, path))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Contains(t, string(text), `CREATE TABLE "photos.index" (path text NOT NULL, path_base64 text, sha256 text NOT NULL, bytes bigint NOT NULL, embedding vector(3) NOT NULL);`)
	require.Contains(t, string(text), "FROM stdin;\n/photos/0.png\t\\N\t5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9\t100\t[0.33333334,0.6666667,0.6666667]\n")
	require.Contains(t, string(text), "/photos/a \"b\"\\\\\\t\ufffd.png\tL3Bob3Rvcy9hICJiIlwJ/y5wbmc=\t")
	require.True(t, strings.HasSuffix(string(text), "]\n\\.\nCOMMIT;\n"))
}

// TestClipRetrieval: the names of files, and what is in them, are as its readers want them.
func TestClipRetrieval(t *testing.T) {
	x, dir := made(t, 3), filepath.Join(t.TempDir(), "out")
	require.NoError(t, write(t, x, dir+"/"))
	shape, rows, table := clipPart(t, dir, "0")
	require.Equal(t, []int{3, width}, shape)
	require.InDelta(t, 2./3, rows[8], 1e-7)
	require.Equal(t, "/photos/0.png", table[0]["image_path"])
	require.Nil(t, table[0]["path_base64"])
	require.Equal(t, "L3Bob3Rvcy9hICJiIlwJ/y5wbmc=", table[1]["path_base64"])
	require.EqualValues(t, 102, table[2]["bytes"])
	require.ErrorContains(t, write(t, x, dir+"/"), "want an empty folder, found files such as \"img_emb_0.npy\"; remove them, or choose another folder")

	dir = t.TempDir() // several files: readers sort their names
	s := set(12)
	require.NoError(t, export.WriteParts(dir, s, 1))
	shape, rows, table = clipPart(t, dir, "11")
	require.Equal(t, []int{1, width}, shape)
	require.Equal(t, []float32{11, 0, 0}, rows)
	require.Equal(t, "11", table[0]["image_path"])
	clipPart(t, dir, "03")
}

func clipPart(t *testing.T, dir, number string) (shape []int, rows []float32, table []map[string]any) {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "img_emb", "img_emb_"+number+".npy"))
	require.NoError(t, err)
	defer f.Close()
	shape, rows, err = npy.Read(f)
	require.NoError(t, err)
	p, err := os.Open(filepath.Join(dir, "metadata", "metadata_"+number+".parquet"))
	require.NoError(t, err)
	defer p.Close()
	table = make([]map[string]any, shape[0])
	reader := parquet.NewGenericReader[map[string]any](p, schemaOf(t, p))
	for i := range table {
		table[i] = map[string]any{}
	}
	n, _ := reader.Read(table) // EOF comes with the last rows
	require.Equal(t, shape[0], n)
	return shape, rows, table
}

func schemaOf(t *testing.T, f *os.File) *parquet.Schema {
	t.Helper()
	info, err := f.Stat()
	require.NoError(t, err)
	p, err := parquet.OpenFile(f, info.Size())
	require.NoError(t, err)
	return p.Schema()
}

// set has points (i, 0, 0).
func set(n int) *export.Set {
	return &export.Set{Name: "photos.index", Model: "m", Source: radio.SummarySource, Width: width, Count: n, Points: func(yield func(export.Point, error) bool) {
		for i := range n {
			if !yield(export.Point{Path: fmt.Sprint(i), Vector: []float32{float32(i), 0, 0}}, nil) {
				return
			}
		}
	}}
}

// TestStopped: an error on the way leaves what was there before, and no part of a file.
func TestStopped(t *testing.T) {
	stop := errors.New("stop")
	s := set(5)
	points := s.Points
	s.Points = func(yield func(export.Point, error) bool) {
		for p := range points {
			if p.Path == "3" {
				yield(export.Point{}, stop)
				return
			}
			if !yield(p, nil) {
				return
			}
		}
	}
	for _, name := range []string{"x.jsonl", "x.sql"} {
		path := filepath.Join(t.TempDir(), name)
		require.NoError(t, os.WriteFile(path, []byte("before"), 0o644))
		to, err := export.Open(path)
		require.NoError(t, err)
		require.ErrorIs(t, to.Write(t.Context(), s), stop)
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, "before", string(text))
		entries, err := os.ReadDir(filepath.Dir(path))
		require.NoError(t, err)
		require.Len(t, entries, 1)
	}
	dir := t.TempDir()
	to, err := export.Open(dir + "/")
	require.NoError(t, err)
	require.ErrorIs(t, to.Write(t.Context(), s), stop)
	require.NoFileExists(t, filepath.Join(dir, "img_emb", "img_emb_0.npy"))

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	to, err = export.Open(filepath.Join(dir, "x.jsonl"))
	require.NoError(t, err)
	_, err = export.Write(ctx, made(t, 2), radio.SummarySource, to, nil)
	require.ErrorIs(t, err, context.Canceled)
}

func TestOpen(t *testing.T) {
	for name, want := range map[string]string{
		"photos":                      `"photos" is no target: want one of X.jsonl, X.sql, X/ (a folder for clip-retrieval) or qdrant:http://HOST:6333/NAME`,
		"qdrant:localhost:6333/x":     "want qdrant:http://HOST:6333/NAME",
		"qdrant:http://localhost":     "want the name of one collection after the host",
		"qdrant:http://localhost/a/b": "want the name of one collection after the host",
	} {
		_, err := export.Open(name)
		require.ErrorContains(t, err, want)
	}
}
