package loader_test

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"cradio/loader"

	"github.com/stretchr/testify/require"
)

// TestRemoveLeftovers: what a write has begun goes, and what others have named alike stays.
func TestRemoveLeftovers(t *testing.T) {
	dir := t.TempDir()
	own := func(name string) { require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o644)) }
	own(".cradio-0123abcd.tmp.png")
	own(".cradio-0123abcd.old")
	own("kept.tmp")
	write := func(w io.Writer) error {
		_, err := w.Write([]byte("half"))
		require.NoError(t, err)
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Len(t, entries, 4)
		require.NoError(t, loader.RemoveLeftovers(dir)) // as if the process had ended here
		return os.ErrClosed
	}
	require.ErrorIs(t, loader.WriteFile(filepath.Join(dir, "file"), write), os.ErrClosed)
	require.ErrorIs(t, loader.WriteFolder(filepath.Join(dir, "folder"), nil, func(string) error { return write(io.Discard) }), os.ErrClosed)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 3)
	require.Error(t, loader.RemoveLeftovers(filepath.Join(dir, "missing")))
}
