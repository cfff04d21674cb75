package loader

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWriteFilesTogether: where one of them cannot be written, none takes its place.
func TestWriteFilesTogether(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	text := func(s string) func(io.Writer) error {
		return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
	}
	broken := errors.New("broken")
	require.NoError(t, os.WriteFile(a, []byte("earlier"), 0o644))
	fails := FileToWrite{b, func(io.Writer) error { return broken }}
	require.ErrorIs(t, WriteFiles(FileToWrite{a, text("new")}, fails), broken)
	require.Equal(t, "earlier", textOf(t, a))
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1)

	require.NoError(t, WriteFiles(FileToWrite{a, text("new")}, FileToWrite{b, text("beside it")}))
	require.Equal(t, "new", textOf(t, a))
	require.Equal(t, "beside it", textOf(t, b))
	entries, err = os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 2)
}

func textOf(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(text)
}
