package train_test

import (
	"path/filepath"
	"testing"

	"cradio/radio/train"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// TestFullDisk: a checkpoint that does not fit leaves the earlier ones as they were, and nothing
// half-written; the message says what to do.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("mounting wants root: %v", err)
	}
	t.Cleanup(func() { require.NoError(t, unix.Unmount(dir, unix.MNT_DETACH)) })
	folder := filepath.Join(dir, "checkpoints")
	c := example(1)
	c.Best = nil
	require.NoError(t, c.Save(folder))
	before := files(t, folder)
	large := example(2)
	large.Best = nil
	large.Tensors = append(large.Tensors, train.Tensor{Name: "weight.large", Shape: []int{1 << 20}, Data: make([]float32, 1<<20)})
	err := large.Save(folder)
	require.ErrorIs(t, err, unix.ENOSPC)
	require.ErrorContains(t, err, "the checkpoint of step 2: ")
	require.ErrorContains(t, err, "the disk is full: free some space or choose another disk")
	require.Equal(t, before, files(t, folder))
	last, damaged, err := train.LoadLast(folder)
	require.NoError(t, err)
	require.Empty(t, damaged)
	require.Equal(t, 1, last.Step)
}
