package cpu

import "time"

// peakTask does nothing but multiply-adds on every thread.
type peakTask struct {
	k     *kernels
	turns int
}

func (t *peakTask) Do(int, int) { t.k.peak(t.turns) }

// Peak measures how many float32 operations a second the pool's threads can do
// at the level in use, multiplying and adding in registers alone: what a kernel's
// speed is a fraction of. It takes about a millisecond, and varies with whatever
// else the machine does: measure it before and after, and close to, what it is to
// be compared with. At the plain level, which has no such loop, it is 0.
func Peak(p *Pool) float64 {
	k := current.Load()
	if k == nil {
		return 0
	}
	p.Enter()
	defer p.Leave()
	best := 0.0
	for range 4 {
		t := &peakTask{k, 50_000}
		start := time.Now()
		p.Run(p.Threads(), t)
		best = max(best, float64(p.Threads()*t.turns*k.peakFlops)/time.Since(start).Seconds())
	}
	return best
}
