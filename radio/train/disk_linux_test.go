package train_test

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"cradio/radio/data"
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

// TestRunOnFullDisk: a run whose model, or whose checkpoint, does not fit on the disk says so and leaves nothing
// half-written; with room it goes on to the bits of a run that had it.
func TestRunOnFullDisk(t *testing.T) {
	set, r := labelled(t, generated(t, data.Labels, 3, 6)), recipes()["all"]
	whole := t.TempDir()
	run, _ := begin(t, nano(t, 0), set, r, short(3), whole)
	_, err := run.Train(t.Context())
	require.NoError(t, err)
	for size, what := range map[string]string{"256k": train.ModelFolder, "2m": "the checkpoint of step 4: "} {
		t.Run(size, func(t *testing.T) {
			dir := t.TempDir()
			mount := func(size string, flags uintptr) error { return unix.Mount("tmpfs", dir, "tmpfs", flags, "size="+size) }
			if err := mount(size, 0); err != nil {
				t.Skipf("mounting wants root: %v", err)
			}
			t.Cleanup(func() { require.NoError(t, unix.Unmount(dir, unix.MNT_DETACH)) })
			run, _ := begin(t, nano(t, 0), set, r, short(3), dir)
			_, err := run.Train(t.Context())
			require.ErrorIs(t, err, unix.ENOSPC)
			require.ErrorContains(t, err, what)
			require.ErrorContains(t, err, "the disk is full: free some space or choose another disk")
			require.NoError(t, filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
				require.False(t, strings.Contains(path, ".tmp"), path)
				return err
			}))
			steps, err := train.Checkpoints(filepath.Join(dir, train.CheckpointFolder))
			require.NoError(t, err)
			require.Empty(t, steps)

			require.NoError(t, mount("32m", unix.MS_REMOUNT))
			run, _ = begin(t, nano(t, 0), set, r, short(3), dir)
			run.Resume = true
			_, err = run.Train(t.Context())
			require.NoError(t, err)
			require.Equal(t, state(t, whole), state(t, dir))
		})
	}
}
