package radio

import (
	"slices"
	"sync"

	"cradio/graph"
)

// defaultIdleBytes is how many bytes of arenas are kept for later unless told otherwise.
const defaultIdleBytes = 256 << 20

// idle keeps the machines of a model that are not in use, for the next forward pass of their program.
// It is bounded in bytes of arenas. The machines that have not been used for longest are closed first.
// The most recent one is always kept, whatever its size, since a stream uses it again at once.
type idle struct {
	mu    sync.Mutex
	most  int64 // bytes; if negative, no machine is kept
	each  int   // the most machines of one program
	bytes int64
	list  []idleMachine // the most recent last
}

type idleMachine struct {
	program *program
	machine graph.Machine
}

func newIdle(most int64, each int) *idle {
	if most == 0 {
		most = defaultIdleBytes
	}
	return &idle{most: most, each: each}
}

// take removes and returns a machine of a program, or nil.
func (d *idle) take(p *program) graph.Machine {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := len(d.list) - 1; i >= 0; i-- {
		if d.list[i].program == p {
			return d.remove(i)
		}
	}
	return nil
}

// put keeps a machine, if its program is still cached and there is room.
func (d *idle) put(p *program, m graph.Machine) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if p.dropped || d.most < 0 || d.count(p) >= d.each {
		discard(m)
		return
	}
	d.list = append(d.list, idleMachine{p, m})
	d.bytes += int64(p.compiled.ArenaBytes())
	for d.bytes > d.most && len(d.list) > 1 {
		discard(d.remove(0))
	}
}

// discard closes a machine that nobody uses: a GPU has memory that nothing else gives back. An error would be that of
// a device that is lost, and comes with the next call of one that is used.
func discard(m graph.Machine) { _ = m.Close() }

// drop frees the machines of a program, now and when they are put back.
func (d *idle) drop(p *program) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p.dropped = true
	for i := len(d.list) - 1; i >= 0; i-- {
		if d.list[i].program == p {
			discard(d.remove(i))
		}
	}
}

// clear frees all machines.
func (d *idle) clear() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for len(d.list) > 0 {
		discard(d.remove(len(d.list) - 1))
	}
}

// has says whether there is a machine of a program.
func (d *idle) has(p *program) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.count(p) > 0
}

func (d *idle) count(p *program) int {
	n := 0
	for _, m := range d.list {
		if m.program == p {
			n++
		}
	}
	return n
}

func (d *idle) remove(i int) graph.Machine {
	m := d.list[i]
	d.list = slices.Delete(d.list, i, i+1)
	d.bytes -= int64(m.program.compiled.ArenaBytes())
	return m.machine
}
