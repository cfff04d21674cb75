package pool

import (
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"cradio/cpu/internal/cores"
	"cradio/cpu/internal/kernel"
)

// Task is work in numbered pieces. Do computes piece i. worker is in [0, Threads()). No
// two calls have the same worker at the same time, so it can index scratch memory. Do must
// not call Run on the pool that calls it.
type Task interface{ Do(worker, i int) }

// Pool is a team of threads: the goroutine that calls Run, and helpers. Run does not wait
// for a helper that starts late. The caller computes the remaining pieces, and then waits
// only for helpers that are computing one.
//
// The kernels that tasks use belong to the pool.
type Pool struct {
	table *kernel.Table

	mu      sync.Mutex // held by the one region in progress
	helpers []helper
	inside  atomic.Int32 // Enter less Leave
	closed  atomic.Bool
	exited  sync.WaitGroup

	// The region in progress. task, n and region are written before state opens it.
	task   Task
	n      int64
	region uint64 // its number
	fault  atomic.Pointer[Panic]

	arenas []arena // by worker
	panels panels

	_     [64]byte
	next  atomic.Int64 // the next piece
	begun atomic.Int64 // blocks: see Claim
	_     [64]byte
	state atomic.Uint64 // generation<<32 | open bit | helpers at work
	_     [64]byte

	waiting atomic.Bool   // the caller has parked until the helpers are done
	done    chan struct{} // wakes it
}

// arena is a worker's own memory, about the size of a second-level cache. What is in it
// lasts for one piece of a task, unless Holds says otherwise.
type arena struct {
	memory []float32 // ArenaSize
	region uint64    // the region in which its worker prepared
	block  int       // this block: see Holds
	held   held
}

const (
	opened  = uint64(1) << 31
	atWork  = opened - 1
	oneMore = uint64(1)
)

func generation(state uint64) uint64 { return state >> 32 }

// Panic is the value with which Run panics if a piece of its task panics. If several
// pieces panic, it is the first.
type Panic struct {
	Value any    // the value of the task's panic
	Stack []byte // where
}

func (p *Panic) Error() string {
	return fmt.Sprintf("cpu: a task panicked: %v\n%s", p.Value, p.Stack)
}

// Unwrap returns the task's value if it is an error.
func (p *Panic) Unwrap() error {
	err, _ := p.Value.(error)
	return err
}

// New starts a pool of this number of threads, including the caller of Run, for a table
// of kernels. 0 threads or less means cores.Default().
func New(threads int, table *kernel.Table) *Pool {
	if threads <= 0 {
		threads = cores.Default()
	}
	p := &Pool{table: table, helpers: make([]helper, threads-1), done: make(chan struct{}, 1), arenas: make([]arena, threads)}
	for i := range p.arenas {
		p.arenas[i].memory = arenaFor(table)
	}
	for i := range p.helpers {
		p.helpers[i].wake = make(chan struct{}, 1)
		p.exited.Add(1)
		go p.help(i + 1)
	}
	return p
}

// Threads returns the number of threads.
func (p *Pool) Threads() int { return len(p.helpers) + 1 }

// Bytes returns the memory of all workers.
func (p *Pool) Bytes() int64 {
	n := int64(0)
	for i := range p.arenas {
		n += int64(len(BytesOf(p.arenas[i].memory)))
	}
	return n
}

// Table returns the kernels of the pool's level.
func (p *Pool) Table() *kernel.Table { return p.table }

// Memory returns the memory that a worker may use while it computes a piece.
func (p *Pool) Memory(worker int) []float32 { return p.arenas[worker].memory }

// Holds reports whether a worker's memory has what it prepared for a block, in an earlier
// piece of the region in progress; and notes that from now on it has. A block is a number
// that means the same for all pieces of the region.
func (p *Pool) Holds(worker, block int) bool {
	a := &p.arenas[worker]
	held := a.region == p.region && a.block == block
	a.region, a.block = p.region, block
	return held
}

// Run calls t.Do for each i in [0, n), in any order, and returns when all are done. Of
// several goroutines that call Run, one runs its task at a time. If a piece panics, the
// pieces that have not begun are skipped, and Run panics with a *Panic.
func (p *Pool) Run(n int, t Task) {
	if n <= 0 {
		return
	}
	p.mu.Lock()
	p.task, p.n = t, int64(n)
	p.region++
	p.next.Store(0)
	p.begun.Store(0)
	for i := range p.arenas {
		p.arenas[i].held.v.Store(0)
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

// RunIf runs t on the whole team if there is room for it, else on the caller alone.
func (p *Pool) RunIf(room bool, n int, t Task) {
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

// Enter marks the beginning of a forward pass. Until Leave, idle helpers stay awake for a
// short time between tasks. Calls may be nested.
func (p *Pool) Enter() { p.inside.Add(1) }

// Leave marks the end of a forward pass that Enter began.
func (p *Pool) Leave() { p.inside.Add(-1) }

// Close ends the helpers and waits for them. A closed pool still runs tasks, on the caller
// only. Closing twice does nothing.
func (p *Pool) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed.Store(true)
	for i := range p.helpers {
		p.helpers[i].unpark()
	}
	p.exited.Wait()
}
