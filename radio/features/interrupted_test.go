package features_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"cradio/radio/features"

	"github.com/stretchr/testify/require"
)

// TestCutAtEveryWrite: whatever write the process stops at, the rows that were added before are there,
// and the next run has what an uninterrupted one has.
func TestCutAtEveryWrite(t *testing.T) {
	const n = 5
	v := features.Views{Count: 2, Scale: features.DefaultScale}
	r := recipe(features.BFloat16)
	for at := 1; ; at++ {
		dir := t.TempDir()
		added := 0
		writes, restore := features.StopAt(at, features.ErrStopped)
		w, err := features.Create(t.Context(), dir, r, nil)
		for i := 0; i < n && err == nil; i++ {
			for view := 0; view < v.Count && err == nil; view++ {
				if err = w.Add(sum(i), v, view, values(i, view)); err == nil {
					added++
				}
			}
		}
		restore()
		if w != nil {
			require.NoError(t, w.Close()) // what the system does when a process is killed
		}
		if err == nil {
			require.Equal(t, n*v.Count, added)
			require.Equal(t, *writes, at-1, "every write was cut")
			break
		}
		require.ErrorIs(t, err, features.ErrStopped)
		w, err = features.Create(t.Context(), dir, r, nil)
		require.NoError(t, err)
		require.Equal(t, added, w.Rows(), "stopped at write %d", at)
		require.Zero(t, w.Damaged())
		for i := range added {
			require.True(t, w.Has(sum(i/v.Count), v, i%v.Count))
		}
		require.NoError(t, w.Close())
		filled(t, dir, r, v, n)
		equal(t, dir, v, n)
	}
}

const childVariable = "CRADIO_FEATURES_TEST_STORE"

// TestMain runs the process that TestKilled kills.
func TestMain(m *testing.M) {
	if dir := os.Getenv(childVariable); dir != "" {
		fill(dir)
	}
	os.Exit(m.Run())
}

// fill adds rows until it is killed, and says when there is one more than before.
func fill(dir string) {
	w, err := features.Create(context.Background(), dir, recipe(features.Float32), nil)
	if err != nil {
		fmt.Println(err)
		os.Exit(2)
	}
	before := w.Rows()
	for i := 0; ; i++ {
		if err := w.Add(sum(i), whole, 0, values(i, 0)); err != nil {
			fmt.Println(err)
			os.Exit(2)
		}
		if before >= 0 && w.Rows() > before {
			before = -1
			fmt.Println("more")
		}
	}
}

// TestKilled: a process that is killed at random moments, of its start and after its first row, loses no row, and
// leaves no lock.
func TestKilled(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	program, err := os.Executable()
	require.NoError(t, err)
	r := rand.New(rand.NewPCG(1, uint64(time.Now().UnixNano())))
	rows := 0
	for try := range 12 {
		cmd := exec.Command(program)
		cmd.Env = append(os.Environ(), childVariable+"="+dir)
		said, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		if try%2 == 0 {
			line, err := bufio.NewReader(said).ReadString('\n')
			require.NoError(t, err)
			require.Equal(t, "more\n", line)
		}
		time.Sleep(time.Duration(20+r.IntN(60)) * time.Millisecond)
		require.NoError(t, cmd.Process.Kill())
		require.Error(t, cmd.Wait())
		require.Equal(t, -1, cmd.ProcessState.ExitCode(), "it was killed, and did not fail")
		w, err := features.Create(t.Context(), dir, recipe(features.Float32), nil)
		require.NoError(t, err, "the lock is free")
		require.Zero(t, w.Damaged())
		require.GreaterOrEqual(t, w.Rows(), rows)
		rows = w.Rows()
		require.NoError(t, w.Close())
	}
	require.Positive(t, rows)
	filled(t, dir, recipe(features.Float32), whole, rows)
	equal(t, dir, whole, rows)
}
