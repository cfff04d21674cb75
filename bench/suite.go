package bench

import (
	"context"
	"math"
	"time"

	"cradio/bench/report"
	"cradio/cpu"
)

// Suite measures cases. In each round it measures its entrants one after another.
type Suite struct {
	Gate     *Gate
	Entrants []Entrant
	Rounds   int           // number of rounds that must count
	MinTime  time.Duration // shortest duration of a measurement
	// Accelerated says that entrants compute on a device whose speed the probes do not tell.
	Accelerated bool
	Log         func(format string, args ...any)
}

// calibration is how long to search for the machine's best speed at the start.
const calibration = time.Second

// NewSuite returns a suite that probes with a pool's threads. It first measures the
// machine's best speed. peak is that of NewProbe.
func NewSuite(pool *cpu.Pool, rounds int, log func(format string, args ...any)) (s *Suite, peak bool) {
	g := &Gate{Limits: report.DefaultLimits, Patience: 10 * time.Second, Pause: 60 * time.Millisecond}
	g.Probe, peak = NewProbe(pool)
	for start := time.Now(); time.Since(start) < calibration; time.Sleep(g.Pause / 4) {
		g.probe()
	}
	return &Suite{Gate: g, Rounds: rounds, MinTime: 400 * time.Millisecond, Log: log}, peak
}

// tries is the number of attempts of a measurement in a round. It is also the number of
// rounds to try for each round that must count.
const tries = 3

// Cells measures cases, in order, within a limit of time (0 for none). Each case gets its
// share of the remaining time, and at least one round. Cases that would start after the
// limit are left out. After each case all cells are judged again, with the best speed so
// far. If there is an error, Cells also returns the cells so far.
func (s *Suite) Cells(ctx context.Context, cases []Case, limit time.Duration) ([]*Cell, error) {
	end := time.Now().Add(limit)
	works := make([]float64, len(cases))
	for i, c := range cases {
		var err error
		if works[i], err = FLOPs(c); err != nil {
			return nil, err
		}
	}
	var cells []*Cell
	for i, c := range cases {
		deadline := time.Time{}
		if limit > 0 {
			if time.Now().After(end) {
				s.Log("%v: left out, since the time limit has passed", c)
				continue
			}
			deadline = time.Now().Add(time.Duration(float64(time.Until(end)) * share(works[i:])))
		}
		cell, err := s.cell(ctx, c, works[i], deadline)
		cells = append(cells, cell)
		for _, c := range cells {
			c.Summarise(s.Gate.Limits, s.Gate.Best())
		}
		if err != nil {
			return cells, err
		}
		s.Log("%v: %s", c, cell.Brief())
	}
	return cells, nil
}

// preparation is the work that takes as long as preparing a case.
const preparation = 1e12

// share returns the first case's share of the time.
func share(works []float64) float64 {
	sum := 0.0
	for _, w := range works {
		sum += w + preparation
	}
	return (works[0] + preparation) / sum
}

// runner is an entrant that has prepared a case.
type runner struct {
	Entrant
	runs int // passes in a measurement
}

func (s *Suite) cell(ctx context.Context, c Case, flops float64, deadline time.Time) (*Cell, error) {
	cell := &Cell{Case: c, GFLOP: flops / 1e9}
	runners, err := s.prepare(ctx, cell)
	if err != nil || len(runners) == 0 {
		return cell, err
	}
	s.Gate.until = deadline
	good, took := 0, time.Duration(0)
	for at := 0; good < s.Rounds && at < tries*s.Rounds; at++ {
		if at > 0 && !deadline.IsZero() && time.Now().Add(took).After(deadline) {
			s.Log("%v: stopped by the time limit after %d rounds", c, at)
			break
		}
		start := time.Now()
		round, whole := s.round(ctx, cell, runners, at)
		if err := ctx.Err(); err != nil {
			return cell, err
		}
		took = time.Since(start)
		cell.Rounds = append(cell.Rounds, round)
		if whole {
			good++
		}
	}
	for _, r := range runners {
		if c.Train != "" {
			cell.Result(r.Name()).PeakBytes = peakMemory(r.PID())
		}
	}
	return cell, nil
}

// prepare prepares the case in every entrant. An entrant that fails is left out, and the error recorded.
func (s *Suite) prepare(ctx context.Context, cell *Cell) ([]*runner, error) {
	var runners []*runner
	var want [][]float32
	for _, e := range s.Entrants {
		start := time.Now()
		ready, err := e.Prepare(ctx, cell.Case)
		runs := 1
		if err == nil && s.short(cell) {
			runs, err = s.runs(ctx, e)
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		r := &Result{Entrant: e.Name()}
		cell.Results = append(cell.Results, r)
		if err != nil {
			r.Error = err.Error()
			s.Log("%v: %s: %v", cell.Case, e.Name(), err)
			continue
		}
		r.Versions, r.Settings = ready.Versions, ready.Settings
		r.Preparation = time.Since(start).Seconds()
		if want == nil {
			want = ready.Summary
		} else {
			r.Compare(ready.Summary, want, cell.DType)
		}
		s.Log("%v: %s was prepared in %.1f s", cell.Case, e.Name(), r.Preparation)
		runners = append(runners, &runner{e, runs})
	}
	equalRuns(runners)
	return runners, nil
}

// equalRuns gives all entrants the same number of runs: the largest of their numbers, but
// at most four times an entrant's own. In the first run of a measurement the caches are
// cold, after the measurements of other entrants. With equal runs, this has the same share
// for all.
func equalRuns(runners []*runner) {
	most := 1
	for _, r := range runners {
		most = max(most, r.runs)
	}
	for _, r := range runners {
		r.runs = min(most, 4*r.runs)
	}
}

// short reports whether a run may take less time than a measurement, judging by the fastest probe.
func (s *Suite) short(cell *Cell) bool {
	best := 4 * s.Gate.Best() // int8 is up to 4 times as fast as float32
	return s.Accelerated || best == 0 || cell.GFLOP < best*s.MinTime.Seconds()
}

// runs is the number of runs of an entrant in a measurement.
func (s *Suite) runs(ctx context.Context, e Entrant) (int, error) {
	once, err := e.Run(ctx, 1)
	if err != nil {
		return 0, err
	}
	n := math.Ceil(s.MinTime.Seconds() / once.Seconds())
	return int(min(max(1, n), maxRuns)), nil
}

// round measures each runner. Each round starts with another runner. whole reports whether
// no measurement was disturbed.
func (s *Suite) round(ctx context.Context, cell *Cell, runners []*runner, at int) (measured []*Measurement, whole bool) {
	whole = true
	for i := range runners {
		r := runners[(i+at)%len(runners)]
		if cell.Result(r.Name()).Error != "" {
			continue
		}
		done := false
		for range tries {
			t, err := s.Gate.Time(ctx, r, r.runs)
			if err != nil {
				cell.Result(r.Name()).Error = err.Error()
				return measured, false
			}
			measured = append(measured, t)
			if done = t.Disturbed == ""; done || s.Gate.late() {
				break
			}
		}
		whole = whole && done
	}
	return measured, whole
}
