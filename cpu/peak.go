package cpu

import (
	"time"

	"cradio/cpu/internal/kernel"
)

// peakTask does nothing but multiply-adds on every thread.
type peakTask struct {
	table      *kernel.Table
	iterations int
}

func (t *peakTask) Do(int, int) { t.table.Peak(t.iterations) }

// Peak measures the peak speed of the pool's threads at its level, in float32
// operations per second. It multiplies and adds in registers only. It takes about a
// millisecond, and varies with the load of the machine, so measure it directly before and
// after the kernel that you compare with it. At the plain level, which has no such loop,
// it is 0.
func Peak(p *Pool) float64 {
	k := p.table()
	if k.Peak == nil {
		return 0
	}
	p.Enter()
	defer p.Leave()
	best := 0.0
	for range 4 {
		t := &peakTask{k, 50_000}
		start := time.Now()
		p.Run(p.Threads(), t)
		best = max(best, float64(p.Threads()*t.iterations*k.PeakFlops)/time.Since(start).Seconds())
	}
	return best
}
