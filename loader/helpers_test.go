package loader

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const checkpoints = "../conformance/checkpoints/"

// rawFile is a safetensors file with whatever header and data a test wants.
func rawFile(header, data string) []byte {
	return append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header+data...)
}

// save writes contents under a fresh folder and returns the path.
func save(t *testing.T, name string, contents []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, contents, 0o600))
	return path
}

// open opens a file that the test's end closes.
func open(t *testing.T, path string) *File {
	t.Helper()
	f, err := OpenFile(path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	return f
}

// requireError checks that err is one line that says where, what and what to do, and holds each of the parts.
func requireError(t *testing.T, err error, parts ...string) {
	t.Helper()
	require.Error(t, err)
	var e *Error
	require.ErrorAs(t, err, &e)
	require.NotEmpty(t, e.File, "%v names no file", err)
	require.NotEmpty(t, e.Want+e.Found, "%v says neither what was wanted nor what was found", err)
	require.NotEmpty(t, e.Do, "%v does not say what to do", err)
	require.NotContains(t, err.Error(), "\n")
	require.Less(t, len(err.Error()), 2000)
	for _, part := range parts {
		require.Contains(t, err.Error(), part)
	}
}

// requireNoLeftovers checks that a folder holds only the named files.
func requireNoLeftovers(t *testing.T, dir string, want ...string) {
	t.Helper()
	files, err := listFolder(dir)
	require.NoError(t, err)
	require.Equal(t, strings.Join(want, " "), strings.Join(files, " "))
}

// encode is Write into memory.
func encode(t testing.TB, tensors []Tensor, metadata map[string]string) []byte {
	t.Helper()
	l, err := newLayout(tensors, metadata, 8, place)
	require.NoError(t, err)
	var b bytes.Buffer
	require.NoError(t, l.write(&b))
	return b.Bytes()
}
