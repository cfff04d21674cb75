package bench

import (
	"time"

	"cradio/bench/report"
	"cradio/cpu"
)

// probes is the number of measurements whose median is a probe.
const probes = 5

// NewProbe returns a function that measures the speed of multiply-adds in registers, on
// all threads of a pool, in GFLOP/s. peak reports whether this is the peak speed of kernels.
// At the plain level it is not, and only detects disturbances.
func NewProbe(p *cpu.Pool) (probe func() float64, peak bool) {
	if cpu.Peak(p) > 0 {
		return func() float64 { return median(probes, func() float64 { return cpu.Peak(p) / 1e9 }) }, true
	}
	return func() float64 { return median(probes, func() float64 { return scalarSpeed(p) }) }, false
}

func median(n int, measure func() float64) float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = measure()
	}
	return report.Median(x)
}

// scalar multiplies and adds single numbers on every thread.
type scalar struct{ sum [64]float32 }

const scalarTurns = 200_000

// Do implements cpu.Task.
func (s *scalar) Do(worker, _ int) {
	a, b, c, d := float32(1), float32(2), float32(3), float32(4)
	const x, y = 0.999, 0.001
	for range scalarTurns {
		a, b, c, d = a*x+y, b*x+y, c*x+y, d*x+y
	}
	s.sum[worker%len(s.sum)] = a + b + c + d
}

// scalarSpeed returns the GFLOP/s of scalar code.
func scalarSpeed(p *cpu.Pool) float64 {
	p.Enter()
	defer p.Leave()
	best := 0.0
	for range 4 {
		start := time.Now()
		p.Run(p.Threads(), &scalar{})
		best = max(best, float64(p.Threads()*scalarTurns*8)/time.Since(start).Seconds()/1e9)
	}
	return best
}
