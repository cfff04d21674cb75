//go:build unix

package features_test

import (
	"os"
	"syscall"
	"testing"

	"cradio/radio"
	"cradio/radio/features"

	"github.com/stretchr/testify/require"
)

// TestFullDisk: a disk that is full at any write is said, nothing is lost, and the run goes on when there
// is room.
func TestFullDisk(t *testing.T) {
	r := recipe(features.Float32)
	for at := 3; at < 12; at++ {
		dir := t.TempDir()
		_, restore := features.StopAt(at, &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC})
		w, err := features.Create(t.Context(), dir, r, nil)
		require.NoError(t, err)
		added := 0
		for i := 0; err == nil; i++ {
			if err = w.Add(sum(i), whole, 0, values(i, 0)); err == nil {
				added++
			}
		}
		require.ErrorContains(t, err, dir)
		require.ErrorContains(t, err, "not written: ")
		require.ErrorContains(t, err, "the disk is full: free some space or choose another disk")
		require.Equal(t, err, w.Add(sum(9), whole, 0, values(9, 0)), "nothing is written after it")
		require.Equal(t, added, w.Rows())
		require.NoError(t, w.Close())
		restore()
		filled(t, dir, r, whole, 6)
		equal(t, dir, whole, 6)
	}
}

// TestJobOnFullDisk: the rows that were computed are kept.
func TestJobOnFullDisk(t *testing.T) {
	dir := t.TempDir()
	job := features.Job{Dir: dir, Encoder: encoder(nano(t, "")), Set: opened(t, shapes(t, 6)), Sources: []radio.Source{radio.SummarySource}}
	_, restore := features.StopAt(12, &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC})
	report, err := job.Run(t.Context())
	restore()
	require.ErrorContains(t, err, "the disk is full: free some space or choose another disk; 4 rows are kept, and the next run goes on after them")
	require.Equal(t, 4, report.Computed)
	report, err = job.Run(t.Context())
	require.NoError(t, err)
	require.Equal(t, &features.Report{Computed: 8, Present: 4}, report)
}
