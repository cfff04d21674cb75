package head_test

import (
	"os"
	"path/filepath"
	"testing"

	"cradio/radio"
	"cradio/radio/head"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// TestFullDisk saves a head in the place of another on a disk that it does not fit on: the error says so, the other stays as it
// was, and nothing is left beside it.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=256k"); err != nil {
		t.Skipf("mounting wants root: %v", err)
	}
	t.Cleanup(func() { require.NoError(t, unix.Unmount(dir, unix.MNT_DETACH)) })
	at := filepath.Join(dir, "head")
	small, err := head.New(specs()[0], 1)
	require.NoError(t, err)
	require.NoError(t, small.Save(at))

	large, err := head.New(head.Spec{Kind: head.Linear, Input: []radio.Source{radio.SummarySource}, Widths: []int{192}, Outputs: 1000}, 1)
	require.NoError(t, err)
	err = large.Save(at)
	require.ErrorIs(t, err, unix.ENOSPC)
	require.ErrorContains(t, err, "the disk is full: free some space or choose another disk")

	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, 1)
	loaded, err := head.Load(at)
	require.NoError(t, err)
	require.Equal(t, values(t, small), values(t, loaded))
}
