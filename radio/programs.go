package radio

import (
	"container/list"
	"sync"
	"sync/atomic"
)

// programs caches compiled programs. It keeps those used most recently.
type programs struct {
	mu    sync.Mutex
	most  int
	byKey map[string]*list.Element
	order *list.List // of *cached, the most recent first
	idle  *idle
}

// cached is a program that may still be compiling.
type cached struct {
	key     string
	once    sync.Once
	program *program
	err     error
	ready   atomic.Pointer[program] // program, without waiting for once
	gone    atomic.Bool             // it is not in the cache any more
}

// defaultPrograms is how many sizes are kept unless told otherwise.
const defaultPrograms = 8

func newPrograms(most int, machines *idle) *programs {
	if most < 1 {
		most = defaultPrograms
	}
	return &programs{most: most, byKey: map[string]*list.Element{}, order: list.New(), idle: machines}
}

// get returns the program of a key. The first caller compiles it, and others wait.
func (c *programs) get(key string, compile func() (*program, error)) (*program, error) {
	c.mu.Lock()
	e, ok := c.byKey[key]
	if ok {
		c.order.MoveToFront(e)
	} else {
		e = c.order.PushFront(&cached{key: key})
		c.byKey[key] = e
		if c.order.Len() > c.most {
			old := c.order.Remove(c.order.Back()).(*cached)
			delete(c.byKey, old.key)
			old.drop()
		}
	}
	c.mu.Unlock()
	entry := e.Value.(*cached)
	entry.once.Do(func() {
		entry.program, entry.err = compile()
		entry.ready.Store(entry.program)
		if entry.gone.Load() {
			entry.drop()
		}
	})
	return entry.program, entry.err
}

// freeIdle frees the memory of machines that are not in use.
func (c *programs) freeIdle() { c.idle.clear() }

// drop frees the machines of a program that is not in the cache any more, once it is compiled.
func (c *cached) drop() {
	c.gone.Store(true)
	if p := c.ready.Load(); p != nil {
		p.idle.drop(p)
	}
}

func (c *programs) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.byKey)
	c.order.Init()
	c.idle.clear()
}
