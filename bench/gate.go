package bench

import (
	"context"
	"fmt"
	"math"
	"os"
	"time"
)

// Gate says whether the machine was itself while something was timed.
type Gate struct {
	// Probe measures the machine's speed, in any unit; see NewProbe.
	Probe func() float64
	Limits
	// Patience is how long to wait for a quiet machine before a turn.
	Patience time.Duration
	// Pause lets threads that spin after their work go to sleep. It should be long
	// enough to see whether others are at work.
	Pause time.Duration

	best  float64
	until time.Time // when patience ends in any case; zero for never
}

// Limits are what a turn that counts stays within.
type Limits struct {
	// Floor is how slow a probe may be, as a fraction of the fastest of all.
	Floor float64 `json:"floor"`
	// Drift is how much the probes before and after may differ, as a fraction.
	Drift float64 `json:"drift"`
	// Others is how much of the processors' time other processes may take, and
	// the hypervisor keep for others, as a fraction.
	Others float64 `json:"others"`
}

// DefaultLimits allow for the clock, which moves by some percent, and not for
// two processors on one core, which halves the speed.
var DefaultLimits = Limits{Floor: 0.85, Drift: 0.06, Others: 0.03}

// Turn is one entrant's measurement in a round, and what the machine did meanwhile.
type Turn struct {
	Entrant string  `json:"entrant"`
	Runs    int     `json:"runs"`
	Seconds float64 `json:"seconds"` // a run
	Before  float64 `json:"before"`  // the probe, GFLOP/s
	After   float64 `json:"after"`
	Others  float64 `json:"others"` // what others took of the processors' time
	// Disturbed is why the turn does not count, or empty.
	Disturbed string `json:"disturbed,omitempty"`
}

// Judge says why a turn does not count, given the fastest probe; empty if it does.
func (l Limits) Judge(t *Turn, best float64) string {
	low, high := min(t.Before, t.After), max(t.Before, t.After)
	switch {
	case low < l.Floor*best:
		return fmt.Sprintf("probe at %.0f %% of the best", 100*low/best)
	case high-low > l.Drift*high:
		return fmt.Sprintf("probes %.0f %% apart", 100*(high-low)/high)
	case t.Others > l.Others:
		return fmt.Sprintf("others took %.0f %%", 100*t.Others)
	}
	return ""
}

// probe measures, and remembers the best.
func (g *Gate) probe() float64 {
	p := g.Probe()
	g.best = max(g.best, p)
	return p
}

// Best is the fastest probe so far.
func (g *Gate) Best() float64 { return g.best }

// Wait probes until the machine is as fast as it can be and nobody else is at
// work, or until patience ends, and returns the last probe.
func (g *Gate) Wait(ctx context.Context) float64 {
	for deadline := g.deadline(); ; {
		start, used := time.Now(), usage(os.Getpid())
		time.Sleep(g.Pause)
		quiet := usage(os.Getpid()).others(used, time.Since(start)) <= g.Others
		p := g.probe()
		if quiet && p >= g.Floor*g.best || ctx.Err() != nil || time.Now().After(deadline) {
			return p
		}
	}
}

// late says that no time is left for patience.
func (g *Gate) late() bool { return !g.until.IsZero() && time.Now().After(g.until) }

func (g *Gate) deadline() time.Time {
	d := time.Now().Add(g.Patience)
	if !g.until.IsZero() && g.until.Before(d) {
		return g.until
	}
	return d
}

// after is the probe after a turn. What was timed may still be falling asleep,
// which is no disturbance: so it has a few attempts to come near the probe before.
func (g *Gate) after(before float64) float64 {
	last := math.Inf(1)
	for range 4 {
		time.Sleep(g.Pause / 4)
		p := g.probe()
		if math.Abs(p-before) < math.Abs(last-before) {
			last = p
		}
		if math.Abs(p-before) <= g.Drift*max(p, before) {
			break
		}
	}
	return last
}

// Time measures n runs of an entrant between two probes.
func (g *Gate) Time(ctx context.Context, e Entrant, n int) (*Turn, error) {
	before := g.Wait(ctx)
	start, used := time.Now(), usage(e.PID())
	d, err := e.Run(ctx, n)
	if err != nil {
		return nil, err
	}
	others := usage(e.PID()).others(used, time.Since(start))
	t := &Turn{Entrant: e.Name(), Runs: n, Seconds: d.Seconds() / float64(n), Before: before, After: g.after(before), Others: others}
	t.Disturbed = g.Judge(t, g.best)
	return t, nil
}
