package jpeg

import (
	"fmt"
	"runtime"

	"cradio/radio/image/internal/raster"
)

const (
	// ringSteps is the number of rows of MCUs that the planes hold: one that is being decoded, the
	// one before, whose last row is needed for interpolation, and some so that the reader can
	// run ahead.
	ringSteps = 8

	// alone is the number of pixels up to which one goroutine decodes and paints.
	alone = 1 << 16
)

// pipeline paints rows of an image while the rows below are being decoded. Its planes are rings that
// fit in the processor's cache. A step is one row of MCUs.
type pipeline struct {
	p      *painter
	step   int // rows of the image in a step
	behind int // rows that need the next step
	next   int // first row that is not painted yet

	ends  chan int      // paint up to these rows; nil if the reader paints
	ready chan struct{} // one signal for each of ends, once painted
	open  bool

	failure error // error of the painting goroutine
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

// run paints the rows that done sends. It converts a panic to an error, since no caller could
// recover it.
func (l *pipeline) run() {
	defer close(l.ready)
	defer func() {
		if r := recover(); r != nil {
			l.failure = fmt.Errorf("painting: %v", r)
			for range l.ends { // so that the reader does not block
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

// begin waits until the step's place in the ring is free: the step after its present content must
// have been painted.
func (l *pipeline) begin(step int) {
	if l.open && step >= ringSteps-1 {
		<-l.ready
	}
}

// done sends a decoded step to be painted.
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

// stop ends the painting. The reader always calls it, also after an error.
func (l *pipeline) stop() {
	if l.open {
		l.open = false
		close(l.ends)
		for range l.ready {
		}
	}
}

// wait returns when all rows are painted.
func (l *pipeline) wait() error {
	l.stop()
	return l.failure
}
