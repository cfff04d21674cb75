package output

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCreateRefuses(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "folder.npz"), 0o755))
	for name, want := range map[string]string{
		"x.csv":       `no format for the extension ".csv"; name the file ….npy, ….npz, ….safetensors, ….jsonl or ….parquet`,
		"x":           `no format for the extension ""`,
		"folder.npz":  "is a folder; choose the name of a file",
		"no/such.npz": "there is no folder",
	} {
		_, err := Create(filepath.Join(dir, name), about, nil)
		require.ErrorContains(t, err, want)
		if strings.HasSuffix(name, ".npz") {
			require.ErrorContains(t, Writable(filepath.Join(dir, name)), want)
		}
	}
	require.ErrorContains(t, Writable(""), "is empty")
	require.NoError(t, Writable(filepath.Join(dir, "x.png")))
	onlyFiles(t, dir, "folder.npz")
	_, _, err := Resume(filepath.Join(dir, "x.npz"), about, nil)
	require.ErrorContains(t, err, "only .jsonl files can be resumed")
}

// TestUpperCase: the extension's case does not matter.
func TestUpperCase(t *testing.T) {
	write(t, filepath.Join(t.TempDir(), "X.NPZ"), about, result("a", 0, 1, 1))
}

// TestNothingHalfWritten: unless Commit succeeds, an earlier file is unchanged, and no other file
// remains.
func TestNothingHalfWritten(t *testing.T) {
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	for _, extension := range Extensions {
		t.Run(extension, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "x"+extension)
			require.NoError(t, os.WriteFile(path, []byte("earlier"), 0o644))
			w, err := Create(path, about, []string{"a", "b"})
			require.NoError(t, err)
			_, err = w.Commit(context.Background())
			require.ErrorContains(t, err, "no results")
			require.NoError(t, w.Add(result("a", 0, 2, 2)))
			_, err = w.Commit(cancelled)
			require.ErrorIs(t, err, context.Canceled)
			require.NoError(t, w.Close())
			onlyFiles(t, dir, filepath.Base(path))
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, "earlier", string(text))
		})
	}
}

func TestResultWithAnError(t *testing.T) {
	bad := result("a", 0, 1, 1)
	bad.Err = errors.New("truncated")
	for _, extension := range Extensions {
		w, err := Create(filepath.Join(t.TempDir(), "x"+extension), about, []string{"a"})
		require.NoError(t, err)
		require.ErrorContains(t, w.Add(bad), "truncated")
		require.NoError(t, w.Close())
	}
}

// TestVanishedFolder: the folder is removed while the model runs.
func TestVanishedFolder(t *testing.T) {
	for _, extension := range Extensions {
		dir := filepath.Join(t.TempDir(), "gone")
		require.NoError(t, os.Mkdir(dir, 0o755))
		w, err := Create(filepath.Join(dir, "x"+extension), about, []string{"a"})
		require.NoError(t, err)
		if os.RemoveAll(dir) != nil {
			t.Skip("this system keeps a folder that is in use")
		}
		if err = w.Add(result("a", 0, 1, 1)); err == nil {
			_, err = w.Commit(context.Background())
		}
		require.ErrorContains(t, err, "the folder does not exist: make it first")
		require.NoError(t, w.Close())
	}
}
