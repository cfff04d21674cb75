package radio

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"cradio/loader"
	"cradio/radio/checkpoint"
	"cradio/radio/packs"

	"github.com/stretchr/testify/require"
)

// alter changes the first number of a file, and gives it a time.
func alter(t testing.TB, path string, at time.Time) {
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	data[8+binary.LittleEndian.Uint64(data)] ^= 1
	require.NoError(t, os.WriteFile(path, data, 0o644))
	require.NoError(t, os.Chtimes(path, at, at))
}

func modified(t testing.TB, path string) time.Time {
	stat, err := os.Stat(path)
	require.NoError(t, err)
	return stat.ModTime()
}

// TestPackOfACopy: a copy's times are new, its contents are not: these are compared once.
func TestPackOfACopy(t *testing.T) {
	for _, name := range []string{"hub", "hub-sharded"} {
		t.Run(name, func(t *testing.T) {
			dir := folder(t, name)
			before := time.Now().Add(-time.Hour)
			parts, err := filepath.Glob(filepath.Join(dir, "*.safetensors"))
			require.NoError(t, err)
			for _, part := range parts {
				require.NoError(t, os.Chtimes(part, before, before))
			}
			packed(t, dir, BFloat16)
			copied := t.TempDir()
			require.NoError(t, os.CopyFS(copied, os.DirFS(dir)))
			seen := packPath(copied, at(copied), BFloat16) + packs.SeenExtension

			opt := Options{DType: BFloat16}
			for range 2 {
				m, log := openLogged(t, copied, opt)
				require.NotNil(t, m.Pack())
				require.NotContains(t, log, "WARN")
				require.NotContains(t, log, "will be compared again")
				require.FileExists(t, seen)
				require.NoError(t, m.VerifyPack(context.Background()))
			}

			// The times that were kept are trusted as those of the pack are: sizes, headers
			// and times agree, and only VerifyPack sees the number that does not.
			last := filepath.Join(copied, filepath.Base(parts[len(parts)-1]))
			alter(t, last, modified(t, last))
			m, _ := openLogged(t, copied, opt)
			require.NotNil(t, m.Pack())
			require.ErrorContains(t, m.VerifyPack(context.Background()), "it has changed")

			require.NoError(t, os.Chtimes(last, before, before.Add(time.Minute)))
			m, log := openLogged(t, copied, opt)
			require.Nil(t, m.Pack())
			require.Contains(t, log, "level=WARN msg=\"not using packed weights\"")
			require.Contains(t, log, filepath.Base(last)+" was modified at")
			require.Contains(t, log, "and other contents; make it again with `cradio pack`")

			packed(t, copied, BFloat16)
			require.NoFileExists(t, seen)
		})
	}
}

// TestPackWithoutRoomToRemember: where nothing can be written, contents are compared at
// every start.
func TestPackWithoutRoomToRemember(t *testing.T) {
	dir := folder(t, "hub")
	p := packed(t, dir, BFloat16)
	require.NoError(t, os.Mkdir(p.Path+packs.SeenExtension, 0o755)) // nobody can write there, not even root
	path := filepath.Join(dir, "model.safetensors")
	later := time.Now().Add(time.Hour)
	require.NoError(t, os.Chtimes(path, later, later))
	for range 2 {
		m, log := openLogged(t, dir, Options{DType: BFloat16})
		require.NotNil(t, m.Pack())
		require.NotContains(t, log, "WARN")
		require.Contains(t, log, "level=DEBUG msg=\"the checkpoint's checksums will be compared again")
	}
	alter(t, path, later)
	m, _ := openLogged(t, dir, Options{DType: BFloat16})
	require.Nil(t, m.Pack(), "it was read again")
}

// TestSeenIsNotBelieved: what is kept beside a pack holds for the same files only.
func TestSeenIsNotBelieved(t *testing.T) {
	dir := folder(t, "hub")
	p := packed(t, dir, BFloat16)
	path := filepath.Join(dir, "model.safetensors")
	later := modified(t, path).Add(time.Hour)
	require.NoError(t, os.Chtimes(path, later, later))
	m, _ := openLogged(t, dir, Options{DType: BFloat16})
	require.NotNil(t, m.Pack())
	text, err := os.ReadFile(p.Path + packs.SeenExtension)
	require.NoError(t, err)
	alter(t, path, later)
	with := func(change func(f *packedFile)) []byte {
		var files []packedFile
		require.NoError(t, json.Unmarshal(text, &files))
		change(&files[0])
		out, err := json.Marshal(files)
		require.NoError(t, err)
		return out
	}
	for name, text := range map[string][]byte{
		"nothing":        {},
		"null":           []byte("null"),
		"no files":       []byte("[]"),
		"cut":            text[:len(text)/2],
		"long":           bytes.Repeat([]byte(" "), 1<<20+1),
		"another pack's": with(func(f *packedFile) { f.SHA256 = "00" + f.SHA256[2:] }),
		"another time":   with(func(f *packedFile) { f.Modified = later.Add(1) }),
		"another size":   with(func(f *packedFile) { f.Size++ }),
		"another header": with(func(f *packedFile) { f.Header = "" }),
	} {
		require.NoError(t, os.WriteFile(p.Path+packs.SeenExtension, text, 0o644))
		m, log := openLogged(t, dir, Options{DType: BFloat16})
		require.Nil(t, m.Pack(), name)
		require.Contains(t, log, "other contents")
	}
}

func TestComparingStops(t *testing.T) {
	dir := folder(t, "hub")
	packed(t, dir, BFloat16)
	path := filepath.Join(dir, "model.safetensors")
	later := modified(t, path).Add(time.Hour)
	require.NoError(t, os.Chtimes(path, later, later))
	c, err := checkpoint.ReadConfig(dir)
	require.NoError(t, err)
	src, err := loader.OpenFolder(dir)
	require.NoError(t, err)
	done, cancel := context.WithCancel(context.Background())
	cancel()
	var log bytes.Buffer
	_, err = openWithPack(done, c, src, Options{DType: BFloat16, Log: slog.New(slog.NewTextHandler(&log, nil))})
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, log.String())
	_, err = src.Files()[0].Identity()
	require.ErrorIs(t, err, os.ErrClosed)
}

// TestPackOfWhatChanges: numbers that may be other ones than the checksum's are not packed.
func TestPackOfWhatChanges(t *testing.T) {
	dir := folder(t, "hub")
	m, _ := openLogged(t, dir, Options{DType: BFloat16})
	path := filepath.Join(dir, "model.safetensors")
	later := modified(t, path).Add(time.Hour)
	require.NoError(t, os.Chtimes(path, later, later))
	_, err := m.WritePack(context.Background(), "", nil)
	require.ErrorContains(t, err, "has been written to since it was opened")
	require.NoFileExists(t, packPath(dir, at(dir), BFloat16))
}
