package radio

import (
	"slices"
	"sync"

	"cradio/graph"
)

// defaultIdleBytes is how many bytes of arenas are kept for later unless told otherwise.
const defaultIdleBytes = 256 << 20

// idle keeps the machines of a model that are not in use, so that the next forward pass of
// their program need not make one. It is bounded in bytes of arenas: those used longest ago
// go first. The one used last always stays, however large: a stream uses it again at once.
type idle struct {
	mu    sync.Mutex
	most  int64 // bytes; none is kept where it is negative
	each  int   // machines of one program
	bytes int64
	list  []idleMachine // the one used last at the end
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

// take gives a machine of a program, or nil.
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

// put keeps a machine, if its program is in use and there is room.
func (d *idle) put(p *program, m graph.Machine) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if p.dropped || d.most < 0 || d.count(p) >= d.each {
		return
	}
	d.list = append(d.list, idleMachine{p, m})
	d.bytes += int64(p.compiled.ArenaBytes())
	for d.bytes > d.most && len(d.list) > 1 {
		d.remove(0)
	}
}

// drop lets go of the machines of a program, now and when they come back.
func (d *idle) drop(p *program) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p.dropped = true
	for i := len(d.list) - 1; i >= 0; i-- {
		if d.list[i].program == p {
			d.remove(i)
		}
	}
}

// clear lets go of all machines.
func (d *idle) clear() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.list, d.bytes = nil, 0
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
