package radio

import (
	"context"
	"errors"
	"fmt"

	"cradio/graph"
)

// TooLargeError is the error of a batch that does not fit in memory.
type TooLargeError struct {
	Batch, Height, Width int
	Fits                 int // the largest batch of such images that fits; or 0:
	FitHeight, FitWidth  int // the largest image of about that shape that fits; or 0
	Err                  *graph.MemoryError
}

func (e *TooLargeError) Error() string {
	s := fmt.Sprintf("a batch of %d images of %d×%d px %v", e.Batch, e.Height, e.Width, e.Err)
	if e.Batch == 1 {
		s = fmt.Sprintf("an image of %d×%d px %v", e.Height, e.Width, e.Err)
	}
	switch {
	case e.Fits == 1:
		return s + "; there is room for one image at a time"
	case e.Fits > 1:
		return s + fmt.Sprintf("; there is room for a batch of %d", e.Fits)
	case e.FitHeight > 0:
		return s + fmt.Sprintf("; there is room for one of %d×%d px", e.FitHeight, e.FitWidth)
	}
	return s + "; there is room for none of any size"
}

func (e *TooLargeError) Unwrap() error { return e.Err }

// smallerBatch says whether an error is of a batch that would fit with fewer images.
func smallerBatch(err error) bool {
	var e *TooLargeError
	return errors.As(err, &e) && e.Fits > 0
}

// runIn is p.run. If there is not enough memory, it first frees the idle machines.
func (m *Model) runIn(ctx context.Context, p *program, batch, height, width int, req Request, fill filler) (*borrowed, error) {
	l, err := p.run(ctx, fill)
	var short *graph.MemoryError
	if !errors.As(err, &short) {
		return l, err
	}
	m.programs.freeIdle()
	if l, err = p.run(ctx, fill); errors.As(err, &short) {
		err = m.tooLarge(short, batch, height, width, req, func(int) int64 { return 0 })
	}
	return l, err
}

// roomFor returns the error of batches that do not fit in memory, before anything is read or computed.
// If the size depends on the image, that is not known yet, and the error is nil.
func (e *Encoder) roomFor(inputs int) error {
	m, batch := e.Model, min(max(e.BatchSize, 1), inputs)
	size := func(h, w int) [2]int {
		f, _ := e.fit(h, w) // an error leaves a size that is not supported
		return [2]int{f.h, f.w}
	}
	all := size(1000, 1000)
	for _, other := range [][2]int{{1000, 2000}, {2000, 1000}, {3000, 3000}} {
		if size(other[0], other[1]) != all {
			return nil
		}
	}
	h, w := all[0], all[1]
	m.closing.RLock()
	defer m.closing.RUnlock()
	if m.closed || batch < 1 || m.config.CheckSize(h, w) != nil {
		return nil // the error of each image
	}
	p, err := m.program(batch, h, w, e.Request)
	if err != nil || p.hasIdle() {
		return nil
	}
	images := func(batch int) int64 { return 3 * int64(h) * int64(w) * int64(min(inputs, ahead(batch))) }
	err = p.compiled.Room(images(batch))
	if err == nil {
		return nil
	}
	m.programs.freeIdle()
	var short *graph.MemoryError
	if err = p.compiled.Room(images(batch)); errors.As(err, &short) {
		return m.tooLarge(short, batch, h, w, e.Request, images)
	}
	return nil
}

// hasIdle says whether the memory of a run is already allocated.
func (p *program) hasIdle() bool { return p.idle.has(p) }

// tooLarge finds what would fit, by compiling it. beside returns the bytes of the images of a batch.
func (m *Model) tooLarge(short *graph.MemoryError, batch, height, width int, req Request, beside func(batch int) int64) error {
	e := &TooLargeError{Batch: batch, Height: height, Width: width, Err: short}
	fits := func(batch, height, width int) bool {
		p, err := m.compile(m.target, batch, height, width, req)
		if err != nil {
			return false
		}
		need := p.compiled.NeedBytes() + beside(batch)
		for _, n := range p.nodes() {
			need += int64(n.Shape().TotalSize()) * int64(n.Dtype().Size()) // callers get a copy
		}
		return leavesRoom(need, short.Free)
	}
	e.Fits = most(batch-1, func(n int) bool { return fits(n, height, width) })
	if e.Fits > 0 {
		return e
	}
	step := m.config.Step()
	size := func(n int) (h, w int) { // the longer side is n steps
		long := max(height, width) / step
		return max(1, height/step*n/long) * step, max(1, width/step*n/long) * step
	}
	if n := most(max(height, width)/step-1, func(n int) bool { h, w := size(n); return fits(1, h, w) }); n > 0 {
		e.FitHeight, e.FitWidth = size(n)
	}
	return e
}

// heapUnit is by what the heap grows. What is smaller no device refuses.
const heapUnit = 64 << 20

// leavesRoom says whether a run that needs some memory leaves enough for other things: an eighth, and so much that the
// heap can grow once for them before the run, which would be refused otherwise.
func leavesRoom(need, free int64) bool {
	return need <= free-free/8 && (need < heapUnit || need <= free-heapUnit-heapUnit/8)
}

// most is the largest number up to bound that fits, or 0. Every number below one that fits must fit.
func most(bound int, fits func(int) bool) int {
	low, high := 0, max(bound, 0)
	for low < high {
		if mid := (low + high + 1) / 2; fits(mid) {
			low = mid
		} else {
			high = mid - 1
		}
	}
	return low
}
