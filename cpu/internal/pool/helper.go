package pool

import (
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// helper is one of a pool's goroutines, awake or parked.
type helper struct {
	parked atomic.Bool
	wake   chan struct{}
	_      [48]byte // keep neighbours off this cache line
}

func (h *helper) unpark() {
	if h.parked.CompareAndSwap(true, false) {
		h.wake <- struct{}{}
	}
}

// help is the life of a helper: join each region once, until the pool closes.
func (p *Pool) help(worker int) {
	defer p.exited.Done()
	debug.SetPanicOnFault(true) // Run passes it on, as a *Panic
	h := &p.helpers[worker-1]
	seen := uint64(0)
	for p.await(h, seen) {
		s := p.state.Load()
		if s&opened == 0 {
			continue
		}
		if p.state.CompareAndSwap(s, s+oneMore) {
			seen = generation(s)
			p.attend(worker)
		}
	}
}

// attend works in the region that the helper has joined, then leaves it.
func (p *Pool) attend(worker int) {
	defer func() {
		s := p.state.Add(^uint64(0))
		if s&atWork == 0 && p.waiting.CompareAndSwap(true, false) {
			p.done <- struct{}{}
		}
	}()
	p.work(worker)
}

// await returns true when a region is open that the helper has not seen, false
// when the pool is closed.
func (p *Pool) await(h *helper, seen uint64) bool {
	spin := spinner{limit: idleSpin}
	if p.inside.Load() > 0 {
		spin.limit = passSpin
	}
	for {
		if p.closed.Load() {
			return false
		}
		if p.fresh(seen) {
			return true
		}
		if spin.again() {
			continue
		}
		h.parked.Store(true)
		if (p.fresh(seen) || p.closed.Load()) && h.parked.CompareAndSwap(true, false) {
			continue
		}
		<-h.wake
	}
}

func (p *Pool) fresh(seen uint64) bool {
	s := p.state.Load()
	return s&opened != 0 && generation(s) != seen
}

// How long to stay awake for work. Waking a parked thread costs 50 to 200 µs;
// between two kernels of a pass lie a few microseconds.
const (
	idleSpin = 5 * time.Microsecond
	passSpin = 300 * time.Microsecond
	joinSpin = 300 * time.Microsecond
)

// spinner waits actively for a limited time.
type spinner struct {
	limit time.Duration
	start time.Time
	tries int
}

// again waits a moment and reports whether to try once more. Now and then it lets other
// goroutines run: there may be only one processor.
func (s *spinner) again() bool {
	if s.tries&31 == 0 {
		now := time.Now()
		if s.tries == 0 {
			s.start = now
		} else if now.Sub(s.start) > s.limit {
			*s = spinner{limit: s.limit}
			return false
		}
		runtime.Gosched()
	}
	s.tries++
	pause()
	return true
}
