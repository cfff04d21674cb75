package loader

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWriteFolder(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "new", "head")
	put := func(text string, fails error) func(string) error {
		return func(at string) error {
			require.NoError(t, os.WriteFile(filepath.Join(at, "a.json"), []byte(text), 0o666))
			return fails
		}
	}
	holds := func(text string) {
		t.Helper()
		got, err := os.ReadFile(filepath.Join(dir, "a.json"))
		require.NoError(t, err)
		require.Equal(t, text, string(got))
		entries, err := os.ReadDir(filepath.Dir(dir))
		require.NoError(t, err)
		require.Len(t, entries, 1, "nothing is left over")
	}
	require.NoError(t, WriteFolder(dir, []string{"a.json"}, put("one", nil)))
	holds("one")
	require.NoError(t, WriteFolder(dir, []string{"a.json"}, put("two", nil)))
	holds("two")
	stop := errors.New("stop")
	require.ErrorIs(t, WriteFolder(dir, []string{"a.json"}, put("three", stop)), stop)
	holds("two")
	require.Panics(t, func() { _ = WriteFolder(dir, []string{"a.json"}, func(string) error { panic("no") }) })
	holds("two")
	other := filepath.Join(filepath.Dir(dir), "other")
	require.NoError(t, os.Mkdir(other, 0o777))
	require.NoError(t, exchangeByRenaming(other, dir))
	require.NoError(t, exchangeByRenaming(other, dir))
	require.NoError(t, os.Remove(other))
	holds("two")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "mine.txt"), nil, 0o666))
	require.ErrorContains(t, WriteFolder(dir, []string{"a.json"}, put("four", nil)), "a folder with other files, such as mine.txt")
}
