package bench

import (
	"context"
	"cradio/bench/report"
	"time"
)

// Launch starts an entrant in a new process.
type Launch struct {
	Name  string
	Start func() (*Process, error)
}

// slowStart is the duration above which a start is measured only once.
const slowStart = 20.0

// Starts measures the start-up of each entrant with a case, count times in alternation.
func (s *Suite) Starts(ctx context.Context, c Case, launches []Launch, count int) ([]*Start, error) {
	starts := make([]*Start, len(launches))
	for i, l := range launches {
		starts[i] = &Start{Case: c, Entrant: l.Name}
	}
	for range count {
		for i, l := range launches {
			start := starts[i]
			if start.Error != "" || start.Seconds > slowStart {
				continue
			}
			if err := s.start(ctx, start, l); err != nil {
				start.Error = err.Error()
			}
			if err := ctx.Err(); err != nil {
				return starts, err
			}
			if start.Error != "" {
				s.Log("%v: %s: no first embedding: %s", c, l.Name, start.Error)
				continue
			}
			s.Log("%v: %s: first embedding after %.2f s, %d MB", c, l.Name, start.Seconds, start.PeakBytes/1e6)
		}
	}
	return starts, nil
}

// start measures once, or several times if disturbed. The last attempt counts.
func (s *Suite) start(ctx context.Context, start *Start, l Launch) error {
	var seconds float64
	for range tries {
		before := s.Gate.Wait(ctx)
		began := time.Now()
		p, err := l.Start()
		if err != nil {
			return err
		}
		ready, err := p.Prepare(ctx, start.Case)
		seconds = time.Since(began).Seconds()
		if err == nil {
			start.Settings = ready.Settings
			_, err = p.Run(ctx, 3)
		}
		start.PeakBytes = max(start.PeakBytes, peakMemory(p.PID()))
		if closing := p.Close(); err == nil {
			err = closing
		}
		if err != nil {
			return err
		}
		t := &Measurement{Entrant: l.Name, Runs: 1, Seconds: seconds, Before: before, After: s.Gate.after(before)}
		if s.Gate.Judge(t, s.Gate.Best()) == "" || seconds > slowStart {
			break
		}
	}
	start.All = append(start.All, seconds)
	start.Seconds = report.Median(start.All)
	return nil
}
