package cpu

import (
	"sync"

	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// Task is work in numbered pieces. Do computes piece i. worker is in [0, Threads()). No
// two calls have the same worker at the same time, so it can index scratch memory. Do must
// not call Run on the pool that calls it.
type Task interface{ Do(worker, i int) }

// Pool is a pool of threads for tasks: the goroutine that calls Run, and helpers. Run does
// not wait for a helper that starts late. The caller computes the remaining pieces, and
// then waits only for helpers that are computing one.
//
// A pool has a Level: operations that run on it, and weights that are packed for it, use
// the kernels of that level. Pools of different levels may run side by side.
type Pool struct{ threads *pool.Pool }

// Panic is the value with which Run panics if a piece of its task panics. If several
// pieces panic, it is the first. Its Value is the value of the task's panic, its Stack
// says where; it is an error, which wraps Value if that is one.
type Panic = pool.Panic

// NewPool starts a pool of this number of threads, including the caller of Run, at the
// level that Choose returns. 0 or less means GOMAXPROCS; or the number of fast cores, where
// there are slow ones beside them and the environment variable GOMAXPROCS is not set.
func NewPool(threads int) *Pool { return poolOf(current.Load(), threads) }

// NewPoolAt is NewPool at another level. It returns an error if this machine does not
// support the level.
func NewPoolAt(level Level, threads int) (*Pool, error) {
	k, err := kernel.For(level)
	if err != nil {
		return nil, err
	}
	return poolOf(k, threads), nil
}

// poolOf is NewPool for a table of kernels.
func poolOf(k *kernel.Table, threads int) *Pool { return &Pool{pool.New(threads, k)} }

var shared struct {
	sync.Mutex
	pools map[Level]*Pool
}

// Default returns the pool that the whole process shares, at the level that Choose returns, of
// as many threads as NewPool(0) has. It is never closed.
func Default() *Pool {
	k := current.Load()
	shared.Lock()
	defer shared.Unlock()
	p := shared.pools[k.Level]
	if p == nil {
		if shared.pools == nil {
			shared.pools = map[Level]*Pool{}
		}
		p = poolOf(k, 0)
		shared.pools[k.Level] = p
	}
	return p
}

// Level returns the level of the pool.
func (p *Pool) Level() Level { return p.threads.Table().Level }

// Tiles reports whether the pool's level multiplies float32 by register tiles.
func (p *Pool) Tiles() bool { return p.table().Float32.Multiply() }

// Bytes returns the memory that its threads work in.
func (p *Pool) Bytes() int64 { return p.threads.Bytes() }

// Threads returns the number of threads.
func (p *Pool) Threads() int { return p.threads.Threads() }

// Run calls t.Do for each i in [0, n), in any order, and returns when all are done. Of
// several goroutines that call Run, one runs its task at a time. If a piece panics, the
// pieces that have not begun are skipped, and Run panics with a *Panic.
func (p *Pool) Run(n int, t Task) { p.threads.Run(n, t) }

// Enter marks the beginning of a forward pass. Until Leave, idle helpers stay awake for a
// short time between tasks. Calls may be nested.
func (p *Pool) Enter() { p.threads.Enter() }

// Leave marks the end of a forward pass that Enter began.
func (p *Pool) Leave() { p.threads.Leave() }

// Close ends the helpers and waits for them. A closed pool still runs tasks, on the caller
// only. Closing twice does nothing.
func (p *Pool) Close() { p.threads.Close() }

// tableFor is the pool's kernels if they are for T, else nil.
func tableFor[T Float](p *Pool) *kernel.Table {
	if _, single := any(T(0)).(float32); !single {
		return nil
	}
	return p.table()
}

func (p *Pool) table() *kernel.Table { return p.threads.Table() }
