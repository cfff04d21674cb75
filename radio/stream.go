package radio

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"

	"cradio/graph"
	"cradio/radio/image"
)

// Stream encodes pictures and hands each result to yield, in the order of the
// inputs. A picture that cannot be read or encoded has its Err set, and the
// stream goes on; it stops when yield returns an error, which it returns, or
// when ctx is done. Pictures are read ahead while the model runs, a bounded
// number of them.
func (e *Encoder) Stream(ctx context.Context, inputs []Input, yield func(Result) error) error {
	if e.Model == nil || e.Processor == nil {
		return errors.New("the Encoder has no model or no processor: make it with NewEncoder")
	}
	if err := e.checkSize(); err != nil {
		return err
	}
	if err := e.roomFor(len(inputs)); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := &stream{Encoder: e, batch: max(e.BatchSize, 1), yield: yield, done: map[int]Result{}}
	for i, ready := range e.prepare(ctx, inputs, s.batch) {
		select {
		case p, ok := <-ready:
			if !ok {
				return ctx.Err()
			}
			if err := s.add(ctx, i, p); err != nil {
				return err
			}
		case <-ctx.Done(): // whoever loads a picture may take his time
			return ctx.Err()
		}
	}
	return s.finish(ctx)
}

// prepared is a picture of the size that the model sees. It stays in bytes until its
// turn comes: as numbers it is four times as large.
type prepared struct {
	name  string
	index int
	img   *image.RGB
	from  [2]int // height and width before
	fit   fit
	err   error
}

// prepare decodes and resizes the inputs on other goroutines, at most a few
// batches ahead of the caller, and gives them in order. A channel that is
// closed says that ctx is done.
func (e *Encoder) prepare(ctx context.Context, inputs []Input, batch int) func(func(int, <-chan prepared) bool) {
	return func(yield func(int, <-chan prepared) bool) {
		ahead := ahead(batch)
		slots := make([]chan prepared, len(inputs))
		next := 0
		workers := make(chan struct{}, runtime.GOMAXPROCS(0))
		for i := range inputs {
			for ; next < len(inputs) && next < i+ahead; next++ {
				slots[next] = make(chan prepared, 1)
				go e.load(ctx, workers, next, inputs[next], slots[next])
			}
			if !yield(i, slots[i]) {
				return
			}
			slots[i] = nil
		}
	}
}

// ahead is how many images are read before they are needed.
func ahead(batch int) int { return 2 * max(batch, runtime.GOMAXPROCS(0)) }

func (e *Encoder) load(ctx context.Context, workers chan struct{}, index int, in Input, to chan<- prepared) {
	defer close(to)
	select {
	case workers <- struct{}{}:
	case <-ctx.Done():
		return
	}
	defer func() { <-workers }()
	p := prepared{name: in.Name, index: index}
	img, err := in.Load()
	if err == nil {
		if img != nil {
			p.from = [2]int{img.H, img.W}
		}
		if p.img, p.fit, err = e.process(in.Name, img); err != nil {
			err = fmt.Errorf("%s: %w", in.Name, err)
		}
	}
	p.err = err
	to <- p
}

// process brings an image to the size that the model sees, or to one from which it is
// interpolated.
func (e *Encoder) process(name string, img *image.RGB) (*image.RGB, fit, error) {
	if img == nil {
		return nil, fit{}, errors.New("image is nil")
	}
	f, err := e.fit(img.H, img.W)
	if err != nil {
		return nil, f, err
	}
	e.tell(name, img.H, img.W, f)
	done, err := f.processor.Process(img)
	if err != nil {
		return nil, f, err
	}
	return done, f, f.processor.CheckPixels(done)
}

// tell says to what size an image is brought.
func (e *Encoder) tell(name string, h, w int, f fit) {
	log, said := e.Model.log, fmt.Sprintf("%d×%d → %d×%d", w, h, f.w, f.h)
	if f.extreme {
		log.Warn("the aspect ratio of this image cannot be kept", "image", name, "width×height", said)
		return
	}
	log.Debug("resized", "image", name, "width×height", said)
}

// stream groups prepared pictures by size, and puts results back in order.
type stream struct {
	*Encoder
	batch   int
	yield   func(Result) error
	waiting [][]prepared   // groups of one size, the group of the oldest picture first
	done    map[int]Result // results whose turn has not come
	next    int            // index of the result to yield next
}

// add takes one more picture, and runs a group that is full, or the oldest one
// when it holds up too many results.
func (s *stream) add(ctx context.Context, index int, p prepared) error {
	if p.err != nil {
		s.done[index] = Result{Index: index, Name: p.name, Err: p.err}
		return s.flush()
	}
	at := -1
	for i, g := range s.waiting {
		if g[0].fit.h == p.fit.h && g[0].fit.w == p.fit.w {
			at = i
		}
	}
	if at < 0 {
		at = len(s.waiting)
		s.waiting = append(s.waiting, nil)
	}
	s.waiting[at] = append(s.waiting[at], p)
	if len(s.waiting[at]) >= s.batch {
		return s.run(ctx, at)
	}
	const patience = 4 // batches
	if index-s.waiting[0][0].index >= patience*s.batch {
		return s.run(ctx, 0)
	}
	return nil
}

// finish runs what is left.
func (s *stream) finish(ctx context.Context) error {
	for len(s.waiting) > 0 {
		if err := s.run(ctx, 0); err != nil {
			return err
		}
	}
	return s.flush()
}

// run encodes one group.
func (s *stream) run(ctx context.Context, at int) error {
	group := s.waiting[at]
	s.waiting = append(s.waiting[:at], s.waiting[at+1:]...)
	h, w := group[0].fit.h, group[0].fit.w
	l, err := s.compute(ctx, group, h, w)
	if err != nil && (ctx.Err() != nil || smallerBatch(err)) {
		return err
	}
	for i, p := range group {
		r := Result{Index: p.index, Name: p.name, Height: h, Width: w, Original: p.from, Err: err}
		if err != nil {
			r.Err = fmt.Errorf("%s: %w", p.name, err)
		} else if r.take(&l.Output, i); !s.Borrow {
			r.keep()
		}
		s.done[p.index] = r
	}
	if err != nil {
		return s.flush()
	}
	if !s.Borrow {
		l.giveBack()
		return s.flush()
	}
	defer l.giveBack()
	if err := s.flush(); err != nil {
		return err
	}
	for _, p := range group {
		if r, ok := s.done[p.index]; ok { // its turn comes later
			r.keep()
			s.done[p.index] = r
		}
	}
	return nil
}

// compute runs the model on a group, and lets go of its pictures.
func (s *stream) compute(ctx context.Context, group []prepared, h, w int) (*lent, error) {
	s.Model.closing.RLock()
	defer s.Model.closing.RUnlock()
	return s.Model.lend(ctx, len(group), h, w, s.Request, func(m *graph.Machine, input *graph.Node) error {
		n := 3 * h * w
		wide, _ := m.Input(input).Data().([]float64)
		narrow, _ := m.Input(input).Data().([]float32)
		for i, p := range group {
			var to []float32
			if wide == nil {
				to = narrow[i*n:][:n]
			} else {
				to = make([]float32, n)
			}
			if err := p.fit.pixels(to, p.img); err != nil {
				return err // Process has checked it
			}
			if wide != nil {
				widen(wide[i*n:], to)
			}
			group[i].img = nil
		}
		if n*len(group) >= largeBatch {
			debug.FreeOSMemory()
		}
		return nil
	})
}

// largeBatch is from how many bytes of pictures on they, and what decoding them took, are
// given back to the system before the forward pass: milliseconds, where that takes seconds.
// The heap would keep them until it has doubled.
const largeBatch = 8 << 20

// flush yields the results whose turn has come.
func (s *stream) flush() error {
	for {
		r, ok := s.done[s.next]
		if !ok {
			return nil
		}
		delete(s.done, s.next)
		s.next++
		if err := s.yield(r); err != nil {
			return err
		}
	}
}
