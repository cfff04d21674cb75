package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	stdimage "image"
	"image/png"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"cradio/radio/data"
	"cradio/radio/features"
	"cradio/radio/index"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
)

// BenchmarkReindex brings the index of a folder of 100,000 files up to date in which nothing has changed.
func BenchmarkReindex(b *testing.B) {
	const files = 100_000
	dir := filepath.Join(b.TempDir(), "photos")
	var tiny bytes.Buffer
	require.NoError(b, png.Encode(&tiny, stdimage.NewGray(stdimage.Rect(0, 0, 8, 8))))
	var paths []string
	for i := range files {
		path := filepath.Join(dir, fmt.Sprint(i/1000), fmt.Sprintf("%06d.png", i))
		if i%1000 == 0 {
			require.NoError(b, os.MkdirAll(filepath.Dir(path), 0o755))
		}
		require.NoError(b, os.WriteFile(path, binary.LittleEndian.AppendUint32(tiny.Bytes()[:tiny.Len():tiny.Len()], uint32(i)), 0o644))
		paths = append(paths, path)
	}
	slices.Sort(paths)                  // as they are found
	time.Sleep(2100 * time.Millisecond) // files that are newer might change again with the same stamp
	d := data.Pictures(dir, paths)
	require.NoError(b, d.Read(b.Context(), nil))

	// What cradio index would write, with other numbers.
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	cmd := &cobra.Command{}
	cmd.SetContext(b.Context())
	f := vectorFlags{}
	f.add(cmd)
	for name, value := range map[string]string{"model": "synthetic:nano", "size": "32"} {
		require.NoError(b, cmd.Flags().Set(name, value))
	}
	m, err := f.model.open(cmd)
	require.NoError(b, err)
	defer m.Close()
	job, err := f.job(cmd, dir+indexExtension, m, 1)
	require.NoError(b, err)
	r, err := job.Recipe(b.Context())
	require.NoError(b, err)
	settings, err := f.settings(cmd)
	require.NoError(b, err)
	w, err := features.Create(b.Context(), job.Dir, r, nil)
	require.NoError(b, err)
	row := make([]float32, r.Columns[0].Width())
	random := rand.New(rand.NewPCG(1, 2))
	for _, item := range d.Items {
		for j := range row {
			row[j] = float32(random.NormFloat64())
		}
		require.NoError(b, w.Add(item.SHA256, features.Views{Count: 1, Scale: features.DefaultScale}, 0, [][]float32{row}))
	}
	about := job.About
	about.Settings = settings
	require.NoError(b, w.Finish(d, features.Views{Count: 1, Scale: features.DefaultScale}, about))
	require.NoError(b, w.Close())
	_, err = index.Encode(b.Context(), job.Dir, nil)
	require.NoError(b, err)
	for b.Loop() {
		o := cradio("index", dir)
		require.Zero(b, o.code, o.stderr)
		require.Contains(b, o.stdout, "100000 images, 0 new, 0 removed")
	}
}
