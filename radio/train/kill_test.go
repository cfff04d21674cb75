package train_test

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"cradio/radio/data"

	"github.com/stretchr/testify/require"
)

// killedVariable has the folder of the run for a process that will be killed.
const killedVariable = "CRADIO_TEST_KILLED_RUN"

// TestKilledProcess is what that process runs.
func TestKilledProcess(t *testing.T) {
	dir := os.Getenv(killedVariable)
	if dir == "" {
		t.Skip("is run by TestKill")
	}
	task := newToy(60)
	task.lag = func() { time.Sleep(time.Millisecond) }
	r := toyRun(t, task, dir)
	r.Resume = len(files(t, dir)) > 0
	r.EverySteps = 2
	_, err := r.Train(t.Context())
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "done"), []byte(bits(task.values())), 0o644))
}

// bits are those of values, in hexadecimal digits.
func bits(values []float32) string {
	text := make([]byte, 0, 4*len(values))
	for _, v := range values {
		text = binary.BigEndian.AppendUint32(text, math.Float32bits(v))
	}
	return hex.EncodeToString(text)
}

// TestKill: a process that is killed at random moments, again and again, comes to the same bits.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	whole := newToy(60)
	want, err := toyRun(t, whole, t.TempDir()).Train(t.Context())
	require.NoError(t, err)
	dir := t.TempDir()
	kills := 0
	for try := 0; ; try++ {
		require.Less(t, try, 60)
		c := exec.Command(os.Args[0], "-test.run", "^TestKilledProcess$")
		c.Env = append(os.Environ(), killedVariable+"="+dir)
		require.NoError(t, c.Start())
		ended := make(chan error, 1)
		go func() { ended <- c.Wait() }()
		after := time.Duration(30+data.Rand(uint64(try), 0, 0, "kill").IntN(60)) * time.Millisecond
		if try >= 40 {
			after = time.Minute // enough is enough
		}
		select {
		case err = <-ended:
		case <-time.After(after):
			if killed := c.Process.Kill(); killed != nil {
				require.ErrorIs(t, killed, os.ErrProcessDone)
			}
			if err = <-ended; err == nil {
				break // it was faster
			}
			require.Equal(t, -1, c.ProcessState.ExitCode(), "it was killed, and did not fail")
			kills++
			// A first checkpoint may not have been there yet, only the lock: then there is nothing to go on from.
			if steps, _ := filepath.Glob(filepath.Join(dir, "checkpoints", "step-*.json")); len(steps) == 0 {
				require.NoError(t, os.RemoveAll(dir))
				require.NoError(t, os.Mkdir(dir, 0o777))
			}
			continue
		}
		require.NoError(t, err)
		break
	}
	require.Positive(t, kills)
	text, err := os.ReadFile(filepath.Join(dir, "done"))
	require.NoError(t, err)
	require.Equal(t, bits(whole.values()), string(text), "after %d kills", kills)
	text, err = os.ReadFile(filepath.Join(dir, "head.txt"))
	require.NoError(t, err)
	require.Equal(t, whole.best, string(text))
	t.Logf("%d kills, %d steps", kills, want.Steps)
}
