package radio

import (
	"context"
	"sync"
)

// gate limits how many callers are inside at once. Others wait in order of arrival.
type gate struct {
	mu      sync.Mutex
	places  int
	free    int           // of them
	waiting []chan error  // each of capacity 1
	shut    error         // what callers get from now on, or nil
	empty   chan struct{} // closed when it is shut and all places are free
}

func newGate(n int) *gate { return &gate{places: n, free: n, empty: make(chan struct{})} }

// enter waits for a place and takes it. It takes none if it returns an error: that of ctx, or the
// one that close was given.
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
	admitted := make(chan error, 1)
	g.waiting = append(g.waiting, admitted)
	g.mu.Unlock()
	select {
	case err := <-admitted:
		return err
	case <-ctx.Done():
	}
	if g.quit(admitted) {
		return ctx.Err()
	}
	if err := <-admitted; err != nil { // admitted at the same moment
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

// quit removes a caller that waits. It returns false if the caller has been admitted.
func (g *gate) quit(admitted chan error) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, w := range g.waiting {
		if w == admitted {
			g.waiting = append(g.waiting[:i], g.waiting[i+1:]...)
			return true
		}
	}
	return false
}

// leave frees a place. The caller that has waited longest gets it.
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

// close makes enter fail with err, for callers that wait and for later ones. Callers inside go on.
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
		close(g.empty) // once, since nobody can enter now
	}
}

// drain waits until nobody is inside. Call close first.
func (g *gate) drain() { <-g.empty }
