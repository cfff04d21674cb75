package jpeg

import (
	"fmt"
	"runtime"

	"cradio/radio/image/internal/raster"
)

const (
	// ringSteps is how many rows of MCUs the planes hold: one that is read, the one before, whose last row is
	// wanted for interpolation, and some between, for the reader to run ahead.
	ringSteps = 8

	// alone is the number of pixels up to which one goroutine does it all.
	alone = 1 << 16
)

// pipeline paints the rows of an image while those below are still being read. Its planes are
// rings, small enough for the processor's cache. A step is a row of MCUs of the scan.
type pipeline struct {
	p      *painter
	step   int // rows of the image in a step
	behind int // rows that wait for the next step
	next   int // first row that is not painted

	ends  chan int      // rows to paint up to, nil where the reader paints
	ready chan struct{} // for each of ends, once it is painted
	open  bool

	failure error // of the goroutine that paints
}

func newPipeline(d *decoder, out *raster.RGB, single bool) *pipeline {
	f := d.frame
	l := &pipeline{step: f.size * f.vMax}
	ring := min(ringSteps, f.mcuH)
	if single {
		l.step, ring = f.size, min(ringSteps, f.components[0].blocksH)
	}
	f.planes(func(c *component) int {
		if single {
			return ring
		}
		return ring * c.v
	})
	l.p = d.painter(out)
	if l.p.looksDown() {
		l.behind = 1
	}
	if runtime.GOMAXPROCS(0) > 1 && out.W*out.H > alone {
		l.ends, l.ready, l.open = make(chan int, ringSteps), make(chan struct{}, ringSteps), true
		go l.run()
	}
	return l
}

// run paints what done hands over. A panic becomes an error: nobody above could recover it.
func (l *pipeline) run() {
	defer close(l.ready)
	defer func() {
		if r := recover(); r != nil {
			l.failure = fmt.Errorf("painting: %v", r)
			for range l.ends { // so that the reader does not wait
			}
		}
	}()
	for end := range l.ends {
		l.paint(end)
		l.ready <- struct{}{}
	}
}

func (l *pipeline) paint(end int) {
	l.p.paint(l.next, end)
	l.next = end
}

// begin waits until the step's part of the ring is free: when the step after the one that it holds
// has been painted.
func (l *pipeline) begin(step int) {
	if l.open && step >= ringSteps-1 {
		<-l.ready
	}
}

// done hands a step over that is read.
func (l *pipeline) done(step int, last bool) {
	end := min((step+1)*l.step-l.behind, l.p.out.H)
	if last {
		end = l.p.out.H
	}
	if l.open {
		l.ends <- end
		return
	}
	l.paint(end)
}

// stop ends the painting; the reader calls it however it ends.
func (l *pipeline) stop() {
	if l.open {
		l.open = false
		close(l.ends)
		for range l.ready {
		}
	}
}

// wait returns when all is painted.
func (l *pipeline) wait() error {
	l.stop()
	return l.failure
}
