package radio

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"

	"cradio/radio/image"
)

// prepared is an image of the size that the model sees. It stays uint8 until it is computed: float32
// takes four times the memory.
type prepared struct {
	name  string
	index int
	img   *image.RGB
	from  [2]int // height and width before
	fit   fit
	err   error
}

// prepare loads an image and resizes it.
func (e *Encoder) prepare(index int, in Input) prepared {
	p := prepared{name: in.Name, index: index}
	start := e.Model.clock()
	img, err := in.load()
	if img != nil {
		p.from = wholeSize(img)
	}
	e.Model.report(EventDecode, start, err, Event{Name: in.Name, Batch: 1, Height: p.from[0], Width: p.from[1]})
	if err != nil {
		p.err = err
		return p
	}
	start = e.Model.clock()
	if p.img, p.fit, err = e.process(in.Name, img); err != nil {
		p.err = fmt.Errorf("%s: %w", in.Name, err)
	}
	e.Model.report(EventResize, start, p.err, Event{Name: in.Name, Batch: 1, Height: p.fit.h, Width: p.fit.w})
	return p
}

// process resizes an image to the size that the model sees, or to one from which pixels interpolates.
func (e *Encoder) process(name string, img *image.RGB) (*image.RGB, fit, error) {
	if img == nil {
		return nil, fit{}, errors.New("image is nil")
	}
	whole := wholeSize(img)
	f, err := e.fit(whole[0], whole[1])
	if err != nil {
		return nil, f, err
	}
	e.tell(name, whole[0], whole[1], f)
	done, err := f.processor.Process(img)
	if err != nil {
		return nil, f, err
	}
	return done, f, f.processor.CheckPixels(done)
}

// wholeSize is the height and width of the image that img is, or is a smaller reading of.
func wholeSize(img *image.RGB) [2]int {
	if img.Whole != [2]int{} {
		return img.Whole
	}
	return [2]int{img.H, img.W}
}

// tell logs to what size an image is resized.
func (e *Encoder) tell(name string, h, w int, f fit) {
	log, said := e.Model.log, fmt.Sprintf("%d×%d → %d×%d", w, h, f.w, f.h)
	if f.extreme {
		log.Warn("the aspect ratio of this image cannot be kept", "image", name, "width×height", said)
		return
	}
	log.Debug("resized", "image", name, "width×height", said)
}

// ahead is how many images are read ahead.
func ahead(batch int) int { return 2 * max(batch, runtime.GOMAXPROCS(0)) }

// reader prepares inputs on other goroutines, a bounded number ahead, and returns them in order. The
// sequence of inputs runs on a goroutine of its own, so that a sequence that blocks does not delay
// images that it has already given.
type reader struct {
	*Encoder
	ready   chan chan prepared // in order; closed after the last one
	room    chan struct{}      // one for each image that is ahead
	workers chan struct{}      // one for each image that is being loaded
	slot    chan prepared      // of the next image, if next has been interrupted
	panic   any                // of the sequence; read it when ready is closed
}

// read starts to read. It ends when ctx is done.
func (e *Encoder) read(ctx context.Context, inputs iter.Seq[Input], batch int) *reader {
	n := ahead(batch)
	r := &reader{
		Encoder: e,
		ready:   make(chan chan prepared, n), room: make(chan struct{}, n), workers: make(chan struct{}, runtime.GOMAXPROCS(0)),
	}
	go r.pull(ctx, inputs)
	return r
}

func (r *reader) pull(ctx context.Context, inputs iter.Seq[Input]) {
	defer close(r.ready)
	defer func() { r.panic = recover() }()
	if !take(ctx, r.room) {
		return
	}
	index := 0
	for in := range inputs {
		slot := make(chan prepared, 1)
		r.ready <- slot // there is room
		go r.load(ctx, index, in, slot)
		index++
		if !take(ctx, r.room) {
			return
		}
	}
}

// take takes a place, unless ctx ends first.
func take(ctx context.Context, places chan struct{}) bool {
	if ctx.Err() != nil {
		return false
	}
	select {
	case places <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (r *reader) load(ctx context.Context, index int, in Input, to chan<- prepared) {
	defer close(to)
	if take(ctx, r.workers) {
		defer func() { <-r.workers }()
		to <- r.prepare(index, in)
	}
}

// next returns the next image. ok is false after the last one, and when ctx is done. If other is closed first,
// next returns so, and can be called again. The caller calls done when it is finished with the image. A panic of
// the sequence is raised again here.
func (r *reader) next(ctx context.Context, other <-chan struct{}) (p prepared, ok, interrupted bool) {
	if r.slot == nil {
		select {
		case slot, more := <-r.ready:
			if !more {
				if r.panic != nil {
					panic(r.panic)
				}
				return p, false, false
			}
			r.slot = slot
		case <-other:
			return p, false, true
		case <-ctx.Done():
			return p, false, false
		}
	}
	select {
	case p, ok = <-r.slot:
		r.slot = nil
		return p, ok, false
	case <-other:
		return p, false, true
	case <-ctx.Done(): // loading may take long
		return p, false, false
	}
}

// done makes room for another image.
func (r *reader) done() { <-r.room }
