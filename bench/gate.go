package bench

import (
	"context"
	"math"
	"os"
	"time"
)

// Gate checks that the machine was undisturbed during a measurement.
type Gate struct {
	// Probe measures the machine's speed, in any unit; see NewProbe.
	Probe func() float64
	Limits
	// Patience is how long to wait for a quiet machine before a measurement.
	Patience time.Duration
	// Pause is the wait before a probe. Threads that spin after their work go to sleep
	// in it. It must be long enough to see whether other processes are running.
	Pause time.Duration

	best  float64
	until time.Time // do not wait after this time; zero for no limit
}

// probe probes the speed, and records the best.
func (g *Gate) probe() float64 {
	p := g.Probe()
	g.best = max(g.best, p)
	return p
}

// Best returns the fastest probe so far.
func (g *Gate) Best() float64 { return g.best }

// Wait probes until the machine is fast and no other process is running, or until
// Patience has passed. It returns the last probe.
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

// late reports whether there is no time left to wait.
func (g *Gate) late() bool { return !g.until.IsZero() && time.Now().After(g.until) }

func (g *Gate) deadline() time.Time {
	d := time.Now().Add(g.Patience)
	if !g.until.IsZero() && g.until.Before(d) {
		return g.until
	}
	return d
}

// after probes after a measurement. Threads of the entrant may still be spinning, which
// is not a disturbance. So it probes several times, until it is close to the probe before.
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
func (g *Gate) Time(ctx context.Context, e Entrant, n int) (*Measurement, error) {
	before := g.Wait(ctx)
	start, used := time.Now(), usage(e.PID())
	d, err := e.Run(ctx, n)
	if err != nil {
		return nil, err
	}
	others := usage(e.PID()).others(used, time.Since(start))
	t := &Measurement{Entrant: e.Name(), Runs: n, Seconds: d.Seconds() / float64(n), Before: before, After: g.after(before), Others: others}
	t.Disturbed = g.Judge(t, g.best)
	return t, nil
}
