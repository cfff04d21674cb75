package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// CheckFolder returns an error if a run cannot begin in a folder, or not go on there. A folder without
// anything is that of a run that was stopped before it saved anything.
func CheckFolder(out string, resume bool) error {
	for at := filepath.Clean(out); ; at = filepath.Dir(at) { // what the folder would lie in is one, or is made
		if info, err := os.Stat(at); err == nil && !info.IsDir() {
			return fmt.Errorf("%s: the run cannot be there: %s is a file; give another folder", out, at)
		} else if err == nil || at == filepath.Dir(at) {
			break
		}
	}
	steps, err := Checkpoints(filepath.Join(out, CheckpointFolder))
	switch {
	case err != nil:
		return err
	case len(steps) > 0 && !resume:
		return fmt.Errorf("%s: has the checkpoint of an earlier run, of step %d: go on with it (--resume), or choose another folder", out, steps[len(steps)-1])
	case len(steps) == 0 && resume:
		return begun(out)
	}
	return nil
}

// begun returns an error if no run was stopped in a folder before its first checkpoint.
func begun(out string) error {
	entries, err := os.ReadDir(out)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err == nil && len(entries) == 0 {
		return nil
	}
	for _, e := range entries {
		switch e.Name() {
		case FeaturesFolder, MetricsFile, CheckpointFolder:
			return nil
		}
	}
	return fmt.Errorf("%s: %w: nothing was saved there; leave out --resume, or give the folder of the run", out, ErrNoCheckpoint)
}

// marshalled are options as checkpoints have them.
func marshalled(o Options) (json.RawMessage, error) { return json.Marshal(o) }

// resume goes to the last checkpoint. A run that was stopped before its first begins anew.
func (s *session) resume(dir string) error {
	if steps, err := Checkpoints(dir); err == nil && len(steps) == 0 {
		s.log().Warn(fmt.Sprintf("%s: the run was stopped before its first checkpoint: it begins with the first step", s.Out))
		return nil
	}
	c, damaged, err := LoadLast(dir)
	for _, d := range damaged {
		s.log().Warn("a checkpoint cannot be used: " + d.Error())
	}
	if err != nil {
		return err
	}
	if len(damaged) > 0 {
		s.log().Warn(fmt.Sprintf("going on from the checkpoint before it, of step %d", c.Step))
	}
	lines, err := Differences(c.Options, s.options)
	if err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	lines = append(dataDifferences(dir, c, s.Task), lines...) // other data change options: batches, warm-up
	if len(lines) > 0 {
		return &DifferentError{s.Out, lines}
	}
	if err := restore(s.state, c); err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	s.done, s.best, s.before, s.evaluated, s.watch, s.recent.losses = c.Step, c.Best, c.Seconds, c.Evaluated, c.Loss, c.Recent
	return nil
}

// DifferentError is the error of a run that would resume one with other options or data.
type DifferentError struct {
	Out   string
	Lines []string
}

func (e *DifferentError) Error() string {
	return fmt.Sprintf("%s: the run to go on with differs: %s; give the same options and data, or another folder", e.Out, strings.Join(e.Lines, "; "))
}

// InterruptedError is the error of a run that was stopped and saved.
type InterruptedError struct {
	Out         string
	Step, Steps int
	Cause       error
}

func (e *InterruptedError) Error() string {
	return fmt.Sprintf("interrupted: step %d of %d is saved in %s; to go on, give the same command with --resume", e.Step, e.Steps, e.Out)
}

// Unwrap returns why.
func (e *InterruptedError) Unwrap() error { return e.Cause }
