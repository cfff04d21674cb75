//go:build unix

package main

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"cradio/radio/data"
	"cradio/radio/train"

	"github.com/stretchr/testify/require"
)

// interruptedRuns are commands of everything that can be trained, with their data.
func interruptedRuns(t *testing.T) map[string][]string {
	t.Helper()
	pictures, masks := shapes(t, "16"), filepath.Join(t.TempDir(), "masks")
	cradio("eval", "generate", masks, "--kind", "masks", "--classes", "2", "--each", "8", "--pixels", "32").succeeds(t)
	return map[string][]string{
		"frozen":  {"classify", pictures, "--epochs", "40", "--batch", "8", "--dropout", "0.2", "--head", "mlp", "--ema", "0.9"},
		"blocks":  {"classify", pictures, "--epochs", "12", "--batch", "8", "--blocks", "2", "--drop-path", "0.2", "--flip", "--crop", "0.5", "--colour", "0.3", "--accumulate", "2"},
		"adapter": {"segment", masks, "--epochs", "12", "--batch", "4", "--val", "0.25", "--lora", "2", "--flip", "--loss", "cross-entropy,dice"},
	}
}

// timing are the parts of files that depend on the clock.
var timing = regexp.MustCompile(`"(images_per_second|seconds)":[^,}]*|"sha256":"[0-9a-f]*","checkpoint"`)

// madeBy are the files of a run, by their names: all but what depends on time and the folder.
func madeBy(t *testing.T, out string) map[string]string {
	t.Helper()
	files := map[string]string{}
	require.NoError(t, filepath.WalkDir(out, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, err := filepath.Rel(out, path)
		if err != nil || strings.HasPrefix(name, train.FeaturesFolder) || e.Name() == "lock.json" {
			return err // a store also has what was begun, and the lock who had it
		}
		text := timing.ReplaceAll(read(t, path), nil)
		files[name] = string(bytes.ReplaceAll(text, []byte(out), nil))
		return nil
	}))
	return files
}

// running is a process. What it does with signals is settled when it has begun, and says its first line.
type running struct {
	*os.Process
	begun <-chan struct{}
}

// begun is a standard error that tells of the first line.
type begun struct {
	said bytes.Buffer
	once sync.Once
	at   chan struct{}
}

func (b *begun) Write(p []byte) (int, error) {
	b.once.Do(func() { close(b.at) })
	return b.said.Write(p)
}

// goOn runs a command in processes that stop has something done to, until one comes to its end. It returns
// how many did not.
func goOn(t *testing.T, args []string, out string, stop func(try int, p running, ended <-chan error) error) (stopped int) {
	t.Helper()
	for try := 0; ; try++ {
		require.Less(t, try, 100)
		all := trainOnNano(append(args, "--out", out, "--every-steps", "2")...)
		if _, err := os.Stat(out); err == nil {
			all = append(all, "--resume")
		}
		cmd := child(all...)
		stderr := &begun{at: make(chan struct{})}
		cmd.Stderr = stderr
		require.NoError(t, cmd.Start())
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		err := stop(try, running{cmd.Process, stderr.at}, ended)
		if err == nil && stopped == 0 { // it was faster than what was to stop it
			require.NoError(t, os.RemoveAll(out))
			continue
		}
		if err == nil {
			return stopped
		}
		var exit *exec.ExitError
		require.ErrorAs(t, err, &exit)
		switch status := exit.Sys().(syscall.WaitStatus); {
		case status.Signaled():
			require.Equal(t, syscall.SIGKILL, status.Signal(), stderr.said.String())
		default:
			require.Equal(t, exitInterrupted, exit.ExitCode(), stderr.said.String())
			requireSaid(t, out, stderr.said.String())
		}
		stopped++
	}
}

// requireSaid: an interruption says how to go on, and what it says to be saved is there.
func requireSaid(t *testing.T, out, stderr string) {
	t.Helper()
	require.Contains(t, stderr, "to go on, give the same command with --resume")
	said := regexp.MustCompile(`step (\d+) of \d+ is saved`).FindStringSubmatch(stderr)
	if said == nil {
		return // while features were computed
	}
	name := "step-" + strings.Repeat("0", 9-len(said[1])) + said[1] + ".json"
	require.FileExists(t, filepath.Join(out, train.CheckpointFolder, name))
}

// dropMoments leaves out the checkpoints that only one of two runs has kept: an interruption saves one more,
// which may be the last but one. The last must be in both.
func dropMoments(t *testing.T, want, got map[string]string) {
	t.Helper()
	checkpoints := func(files map[string]string) []string {
		return slices.DeleteFunc(slices.Sorted(maps.Keys(files)), func(name string) bool {
			return !strings.HasPrefix(name, train.CheckpointFolder+"/step-")
		})
	}
	ours, theirs := checkpoints(want), checkpoints(got)
	require.Equal(t, ours[len(ours)-1], theirs[len(theirs)-1], "the last")
	for _, name := range slices.Concat(ours, theirs) {
		if want[name] == "" || got[name] == "" {
			delete(want, name)
			delete(got, name)
		}
	}
}

// TestTrainStopped: processes of real trainings that are killed, or interrupted by SIGINT, at random moments,
// again and again, come to the files of one that is not, to the last bit: head, model or adapter, figures,
// checkpoints. What they have computed of the features is not lost.
func TestTrainStopped(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	for name, args := range interruptedRuns(t) {
		whole := filepath.Join(t.TempDir(), "run")
		began := time.Now()
		require.NoError(t, child(trainOnNano(append(args, "--out", whole, "--every-steps", "2")...)...).Run())
		took := time.Since(began)
		for _, how := range []os.Signal{os.Kill, os.Interrupt} {
			t.Run(name+" "+how.String(), func(t *testing.T) {
				out := filepath.Join(t.TempDir(), "run")
				stopped := goOn(t, args, out, func(try int, p running, ended <-chan error) error {
					random := data.Rand(uint64(try), 0, 0, name+how.String()).Float64()
					after := time.Duration((0.05 + 0.9*random) * float64(took)) // of the start and some of the steps
					if try >= 12 {
						after = 10 * time.Minute // it may end
					}
					select {
					case err := <-ended:
						return err
					case <-time.After(after):
					}
					if how == os.Interrupt { // before that, it ends a process as it ends any
						select {
						case err := <-ended:
							return err
						case <-p.begun:
						}
					}
					if err := p.Signal(how); err != nil && !errors.Is(err, os.ErrProcessDone) {
						return err
					}
					return <-ended
				})
				require.Positive(t, stopped)
				want, got := madeBy(t, whole), madeBy(t, out)
				if how == os.Interrupt {
					dropMoments(t, want, got)
				}
				require.Equal(t, slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got)))
				for name, text := range want {
					require.True(t, text == got[name], "%s differs after %d stops", name, stopped)
				}
				t.Logf("stopped %d times; a run takes %v", stopped, took.Round(time.Millisecond))
			})
		}
	}
}
