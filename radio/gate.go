package radio

import (
	"context"
	"sync"
)

// gate lets a number of callers through at once. Others wait, and go in order of arrival.
type gate struct {
	mu      sync.Mutex
	places  int
	free    int           // of them
	waiting []chan error  // each of capacity 1
	shut    error         // what callers get from now on, or nil
	empty   chan struct{} // closed when it is shut and all places are free
}

func newGate(n int) *gate { return &gate{places: n, free: n, empty: make(chan struct{})} }

// enter takes a place, when there is one. Its error is the context's, or the one with which
// the gate was shut; then no place is taken.
func (g *gate) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	g.mu.Lock()
	if g.shut != nil {
		defer g.mu.Unlock()
		return g.shut
	}
	if g.free > 0 {
		g.free--
		g.mu.Unlock()
		return nil
	}
	turn := make(chan error, 1)
	g.waiting = append(g.waiting, turn)
	g.mu.Unlock()
	select {
	case err := <-turn:
		return err
	case <-ctx.Done():
	}
	if g.quit(turn) {
		return ctx.Err()
	}
	if err := <-turn; err != nil { // it came at the same time
		return err
	}
	g.leave()
	return ctx.Err()
}

// tryEnter takes a place if one is free, and else returns full.
func (g *gate) tryEnter(full error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.shut != nil:
		return g.shut
	case g.free == 0:
		return full
	}
	g.free--
	return nil
}

// quit takes a caller out of the line, unless his turn has come.
func (g *gate) quit(turn chan error) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, w := range g.waiting {
		if w == turn {
			g.waiting = append(g.waiting[:i], g.waiting[i+1:]...)
			return true
		}
	}
	return false
}

// leave gives a place back, to the one who has waited longest.
func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.waiting) == 0 {
		g.free++
		g.checkEmpty()
		return
	}
	g.waiting[0] <- nil
	g.waiting[0] = nil
	g.waiting = g.waiting[1:]
}

// close sends away all who wait, and all who come later. Those inside go on.
func (g *gate) close(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut != nil {
		return
	}
	g.shut = err
	for _, w := range g.waiting {
		w <- err
	}
	g.waiting = nil
	g.checkEmpty()
}

func (g *gate) checkEmpty() {
	if g.shut != nil && g.free == g.places {
		close(g.empty) // once: nobody enters any more
	}
}

// drain waits, after close, until nobody is inside.
func (g *gate) drain() { <-g.empty }
