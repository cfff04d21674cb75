package train

import (
	"fmt"
	"strings"
)

// resume goes to the last checkpoint.
func (s *session) resume(dir string) error {
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
	if c.Data != s.Task.Sum() {
		lines = append(lines, fmt.Sprintf("the training data were %s, are %s", c.Data, s.Task.Sum()))
	}
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
