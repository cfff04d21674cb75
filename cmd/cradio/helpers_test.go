package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// images is the folder of the repository's pictures.
const images = "../../conformance/images"

func picture(name string) string { return filepath.Join(images, name) }

// outcome is what a command line gives.
type outcome struct {
	stdout, stderr string
	code           int
}

// cradio runs a command line in this process.
func cradio(args ...string) outcome { return cradioWith(context.Background(), "", args...) }

func cradioWith(ctx context.Context, stdin string, args ...string) outcome {
	var stdout, stderr bytes.Buffer
	code := run(ctx, newRoot(), args, strings.NewReader(stdin), &stdout, &stderr)
	return outcome{stdout.String(), stderr.String(), code}
}

// interrupting is a standard error that cancels as soon as it holds a text: at the same point of every run, however
// fast the machine is.
type interrupting struct {
	said   bytes.Buffer
	at     string
	cancel context.CancelFunc
}

func (w *interrupting) Write(p []byte) (int, error) {
	n, err := w.said.Write(p)
	if bytes.Contains(w.said.Bytes(), []byte(w.at)) {
		w.cancel()
	}
	return n, err
}

// interruptedAt runs a command line until it says something, off a terminal, where each step is said.
func interruptedAt(t *testing.T, said string, args ...string) outcome {
	t.Helper()
	every := sayEvery
	sayEvery = 0
	defer func() { sayEvery = every }()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var stdout bytes.Buffer
	stderr := &interrupting{at: said, cancel: cancel}
	code := run(ctx, newRoot(), args, strings.NewReader(""), &stdout, stderr)
	require.Error(t, ctx.Err(), "%q was not said: %s", said, &stderr.said)
	return outcome{stdout.String(), stderr.said.String(), code}
}

// nano appends what makes a command fast.
func nano(args ...string) []string { return append(args, "--model", "synthetic:nano") }

// fails: the code, one line of error that holds want, and no usage.
func (o outcome) fails(t *testing.T, code int, want string) {
	t.Helper()
	require.Equal(t, code, o.code, o.stderr)
	require.Contains(t, o.stderr, want)
	require.NotContains(t, o.stderr, "Usage:")
	lines := strings.Split(strings.TrimSuffix(o.stderr, "\n"), "\n")
	require.True(t, strings.HasPrefix(lines[len(lines)-1], "cradio: "), o.stderr)
}

func (o outcome) succeeds(t *testing.T) {
	t.Helper()
	require.Equal(t, 0, o.code, o.stderr)
}

// file writes a file into a new folder and gives its path.
func file(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, data, 0o644))
	return path
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	return data
}

// album is a folder of pictures: two good ones, one in a folder inside, a
// hidden one and a text.
func album(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "inside"), 0o755))
	require.NoError(t, os.Mkdir(filepath.Join(dir, ".hidden"), 0o755))
	for to, from := range map[string]string{
		"b.PNG": "rgba.png", "a.jpg": "odd-420.jpg", "inside/c.webp": "lossy.webp", ".hidden/d.jpg": "gray.jpg", ".e.jpg": "gray.jpg",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, to), read(t, picture(from)), 0o644))
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "notes.txt"), []byte("not a picture"), 0o644))
	return dir
}

// bomb is a PNG whose header claims 60000×60000 pixels.
func bomb() []byte {
	header := []byte("IHDR\x00\x00\xea\x60\x00\x00\xea\x60\x08\x02\x00\x00\x00")
	data := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), header...)
	return binary.BigEndian.AppendUint32(data, crc32.ChecksumIEEE(header))
}

// left lists a folder.
func left(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	names := []string{}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
