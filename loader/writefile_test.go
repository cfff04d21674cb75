package loader

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// halfWritten writes more than the buffer holds, so that the disk is touched, and then fails.
func halfWritten(fail func() error) func(io.Writer) error {
	return func(w io.Writer) error {
		if _, err := w.Write(make([]byte, 3<<20)); err != nil {
			return err
		}
		return fail()
	}
}

func TestWriteFileReplaces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	for _, text := range []string{"first", "second, longer"} {
		require.NoError(t, WriteFile(path, func(w io.Writer) error {
			_, err := io.WriteString(w, text)
			return err
		}))
		got, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, text, string(got))
	}
	requireNoLeftovers(t, filepath.Dir(path), "out")
}

// TestWriteFileInterrupted: whatever stops the writing, an old file stays, a new one does not come to be, and nothing else
// is left in the folder.
func TestWriteFileInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	full := &fs.PathError{Op: "write", Path: "elsewhere", Err: errDiskFull}
	for name, test := range map[string]struct {
		fail func() error
		is   error
		want []string
	}{
		"an error":            {func() error { return errors.New("the camera broke") }, nil, []string{"not written: the camera broke"}},
		"a cancelled context": {ctx.Err, context.Canceled, []string{"not written: context canceled"}},
		"a full disk":         {func() error { return full }, full.Err, []string{"not written: write elsewhere: ", "the disk is full: free some space"}},
	} {
		for _, old := range []string{"", "old"} {
			t.Run(name+old, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "out")
				var left []string
				if old != "" {
					require.NoError(t, os.WriteFile(path, []byte(old), 0o600))
					left = []string{"out"}
				}
				err := WriteFile(path, halfWritten(test.fail))
				require.Error(t, err)
				for _, want := range append(test.want, path) {
					require.Contains(t, err.Error(), want)
				}
				if test.is != nil {
					require.ErrorIs(t, err, test.is)
				}
				requireNoLeftovers(t, filepath.Dir(path), left...)
				if old != "" {
					text, err := os.ReadFile(path)
					require.NoError(t, err)
					require.Equal(t, old, string(text))
				}
			})
		}
	}
}

func TestWriteFilePanics(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	require.PanicsWithValue(t, "the caller's own", func() {
		WriteFile(path, halfWritten(func() error { panic("the caller's own") }))
	})
	requireNoLeftovers(t, filepath.Dir(path))
}

// TestWriteFileLosesItsPlace: what happens to the folder while the data is being written.
func TestWriteFileLosesItsPlace(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("open files hold their folder there")
	}
	dir := filepath.Join(t.TempDir(), "sub")
	path := filepath.Join(dir, "out")
	require.NoError(t, os.Mkdir(dir, 0o700))
	err := WriteFile(path, halfWritten(func() error { return os.Mkdir(path, 0o700) }))
	require.ErrorContains(t, err, path+": not written: ")
	require.Equal(t, 1, strings.Count(err.Error(), dir), err)
	requireNoLeftovers(t, dir)

	require.NoError(t, os.Remove(path))
	err = WriteFile(path, halfWritten(func() error { return os.RemoveAll(dir) }))
	requireError(t, err, path+": not written: ", "the folder does not exist")
}

// TestWriteFileNowhere: places where nothing can be written, even by root.
func TestWriteFileNowhere(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, []byte("kept"), 0o600))
	for path, want := range map[string]string{
		filepath.Join(dir, "absent", "out"): "the folder does not exist: make it first",
		filepath.Join(file, "out"):          "out: not written: ",
		dir:                                 "found a folder; choose another name",
	} {
		err := WriteFile(path, func(io.Writer) error { t.Error("asked for data that has nowhere to go"); return nil })
		require.Error(t, err)
		require.Contains(t, err.Error(), path+": ")
		require.Contains(t, err.Error(), want)
		require.Equal(t, 1, strings.Count(err.Error(), dir), err)
	}
	requireNoLeftovers(t, dir, "file")
}

func TestWriteFileReadOnly(t *testing.T) {
	dir := t.TempDir()
	if runtime.GOOS == "linux" && os.Getuid() == 0 {
		dir = "/sys" // where not even root may make a file
		if _, err := os.Stat(dir); err != nil {
			t.Skip(err)
		}
	} else if err := os.Chmod(dir, 0o500); err != nil || runtime.GOOS == "windows" {
		t.Skip("no folder that is read-only here")
	}
	path := filepath.Join(dir, "out.safetensors")
	err := Write(path, nil, nil)
	requireError(t, err, path+": not written: ", "the folder is read-only: make it writable or choose another")
}

// TestWriteFileFollowsLinks: writing to a link changes the file that it points to.
func TestWriteFileFollowsLinks(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "real"), []byte("old"), 0o640))
	link := filepath.Join(dir, "link")
	if err := os.Symlink("real", link); err != nil {
		t.Skip(err)
	}
	require.NoError(t, WriteFile(link, func(w io.Writer) error {
		_, err := io.WriteString(w, "new")
		return err
	}))
	text, err := os.ReadFile(filepath.Join(dir, "real"))
	require.NoError(t, err)
	require.Equal(t, "new", string(text))
	stat, err := os.Lstat(link)
	require.NoError(t, err)
	require.NotZero(t, stat.Mode()&fs.ModeSymlink)
	if runtime.GOOS != "windows" {
		stat, err = os.Stat(link)
		require.NoError(t, err)
		require.Zero(t, stat.Mode()&0o007, "permissions stay as narrow as they were")
	}
}
