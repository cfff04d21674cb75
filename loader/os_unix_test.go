//go:build unix

package loader

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

var errDiskFull error = unix.ENOSPC

// TestOpenFileDoesNotWait: a pipe is refused rather than waited on.
func TestOpenFileDoesNotWait(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model.safetensors")
	require.NoError(t, unix.Mkfifo(path, 0o600))
	_, err := OpenFile(path)
	requireError(t, err, "something other than a file")
	requireError(t, WriteFile(path, nil), "something other than a file")
	_, err = os.Lstat(path)
	require.NoError(t, err)
}
