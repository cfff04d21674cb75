package cpu

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// Task is work in numbered pieces. Do computes piece i; worker, in
// [0, Threads()), is never in use twice at one time, so it may index scratch.
// Do must not call Run on the pool that it is called by.
type Task interface{ Do(worker, i int) }

// Pool is a team of threads for tasks: the goroutine that calls Run, and
// helpers. A helper that is late is not waited for: the caller takes whatever
// pieces are left, and then waits only for helpers that have taken one.
type Pool struct {
	mu      sync.Mutex // held by the one region in progress
	helpers []helper
	inside  atomic.Int32 // Enter less Leave
	closed  atomic.Bool
	exited  sync.WaitGroup

	// The region in progress. task, n and runs are written before state opens it.
	task  Task
	n     int64
	runs  uint64 // its number
	fault atomic.Pointer[Panic]

	arenas []arena // by worker

	_     [64]byte
	next  atomic.Int64 // the next piece
	begun atomic.Int64 // blocks: see claim
	_     [64]byte
	state atomic.Uint64 // generation<<32 | open bit | helpers at work
	_     [64]byte

	waiting atomic.Bool   // the caller has parked until the helpers are done
	done    chan struct{} // wakes it
}

// arena is a worker's own memory, about the size of a second-level cache. Its
// contents last for one piece of a task, but for what run and row tell.
type arena struct {
	memory []float32 // arenaSize
	run    uint64    // the region in which it came to hold
	row    int       // the rows of A from this one on: see tiled.copyRows
	hand   hand
}

const (
	opened  = uint64(1) << 31
	atWork  = opened - 1
	oneMore = uint64(1)
)

func generation(state uint64) uint64 { return state >> 32 }

// Panic is the value with which Run panics when a piece of its task did. Of
// several panics at one time the first is kept.
type Panic struct {
	Value any    // what the task panicked with
	Stack []byte // where
}

func (p *Panic) Error() string {
	return fmt.Sprintf("cpu: a task panicked: %v\n%s", p.Value, p.Stack)
}

// Unwrap returns the task's value where that is an error.
func (p *Panic) Unwrap() error {
	err, _ := p.Value.(error)
	return err
}

// NewPool starts a team of the given number of threads, the caller of Run
// included; 0 or less means GOMAXPROCS.
func NewPool(threads int) *Pool {
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	p := &Pool{helpers: make([]helper, threads-1), done: make(chan struct{}, 1), arenas: make([]arena, threads)}
	for i := range p.arenas {
		p.arenas[i].memory = aligned(arenaSize)
	}
	for i := range p.helpers {
		p.helpers[i].wake = make(chan struct{}, 1)
		p.exited.Add(1)
		go p.help(i + 1)
	}
	return p
}

var shared = sync.OnceValue(func() *Pool { return NewPool(0) })

// Default is a pool of GOMAXPROCS threads that the whole process shares. It is
// never closed.
func Default() *Pool { return shared() }

// Threads is the size of the team.
func (p *Pool) Threads() int { return len(p.helpers) + 1 }

// Run calls t.Do for each i in [0, n), in any order, and returns when all are
// done. Calls from several goroutines take turns, a whole task at a time. If a
// piece panics, the pieces not yet begun are dropped and Run panics with a
// *Panic.
func (p *Pool) Run(n int, t Task) {
	if n <= 0 {
		return
	}
	p.mu.Lock()
	p.task, p.n = t, int64(n)
	p.runs++
	p.next.Store(0)
	p.begun.Store(0)
	for i := range p.arenas {
		p.arenas[i].hand.v.Store(0)
	}
	if n > 1 && len(p.helpers) > 0 && !p.closed.Load() {
		p.state.Store((generation(p.state.Load())+1)<<32 | opened)
		for i := range p.helpers[:min(n-1, len(p.helpers))] {
			p.helpers[i].unpark()
		}
	}
	defer p.end()
	p.work(0)
}

// runIf runs t on the whole team if there is room for it, else on the caller
// alone.
func (p *Pool) runIf(room bool, n int, t Task) {
	if room {
		p.Run(n, t)
		return
	}
	for i := range n {
		t.Do(0, i)
	}
}

// end closes the region, waits for the helpers in it, and passes a panic on.
func (p *Pool) end() {
	p.next.Store(p.n) // matters only if the caller's own piece ended its goroutine
	p.state.And(^opened)
	p.join()
	p.task = nil
	fault := p.fault.Swap(nil)
	p.mu.Unlock()
	if fault != nil {
		panic(fault)
	}
}

// join waits until no helper is at work: awake for a while, then parked.
func (p *Pool) join() {
	for spin := (spinner{limit: joinSpin}); p.state.Load()&atWork != 0; {
		if spin.again() {
			continue
		}
		p.waiting.Store(true)
		if p.state.Load()&atWork == 0 && p.waiting.CompareAndSwap(true, false) {
			return
		}
		<-p.done // may be a late signal of the region before: hence the loop
	}
}

// work takes pieces until none is left.
func (p *Pool) work(worker int) {
	defer p.catch()
	t, n := p.task, p.n
	for {
		i := p.next.Add(1) - 1
		if i >= n {
			return
		}
		t.Do(worker, int(i))
	}
}

func (p *Pool) catch() {
	v := recover()
	if v == nil {
		return
	}
	p.next.Store(p.n)
	p.fault.CompareAndSwap(nil, &Panic{v, debug.Stack()})
}

// Enter says that a forward pass begins: until Leave, idle helpers stay awake
// for a moment between tasks instead of parking at once. Enters nest.
func (p *Pool) Enter() { p.inside.Add(1) }

// Leave ends what Enter began.
func (p *Pool) Leave() { p.inside.Add(-1) }

// Close ends the helpers and waits for them. A closed pool still runs tasks, on
// the caller alone. Closing twice is harmless.
func (p *Pool) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed.Store(true)
	for i := range p.helpers {
		p.helpers[i].unpark()
	}
	p.exited.Wait()
}
