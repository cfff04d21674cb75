package radio

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"

	"cradio/graph"
)

// Stream encodes images and hands each result to yield, in the order of the
// inputs. An image that cannot be read or encoded has its Err set, and the
// stream goes on; it stops when yield returns an error, which it returns, or
// when ctx is done. Images are read ahead while the model runs, a bounded
// number of them.
func (e *Encoder) Stream(ctx context.Context, inputs []Input, yield func(Result) error) error {
	return e.stream(ctx, slices.Values(inputs), len(inputs), yield)
}

// errEnough is that of a yield who wants no more.
var errEnough = errors.New("enough")

// Results encodes images one after another, in the order of the inputs, as many as the caller
// ranges over:
//
//	for r, err := range enc.Results(ctx, inputs) {
//		if err != nil {
//			log.Print(err) // this image has no features; go on with the next
//			continue
//		}
//		use(r.Name, r.Vector())
//	}
//
// The error is r.Err, that of an image which cannot be read or encoded. One that ends all is
// the last, of a Result whose Index is -1: that of ctx, of a model that is closed or whose
// files were changed, of a batch too large for memory.
//
// The sequence of inputs may be endless. It is asked for a bounded number of images ahead, on
// another goroutine, which ends with the loop; if the sequence is waiting for an image then, as
// soon as it has that. So let a sequence that may wait for long heed the same ctx.
func (e *Encoder) Results(ctx context.Context, inputs iter.Seq[Input]) iter.Seq2[Result, error] {
	return func(yield func(Result, error) bool) {
		err := e.stream(ctx, inputs, math.MaxInt, func(r Result) error {
			if !yield(r, r.Err) {
				return errEnough
			}
			return nil
		})
		if err != nil && err != errEnough {
			yield(Result{Index: -1, Err: err}, err)
		}
	}
}

// stream is Stream of so many inputs, at most.
func (e *Encoder) stream(ctx context.Context, inputs iter.Seq[Input], most int, yield func(Result) error) error {
	if e.Model == nil || e.Processor == nil {
		return errors.New("the Encoder has no model or no processor: make it with NewEncoder")
	}
	if inputs == nil {
		return errors.New("the sequence of inputs is nil")
	}
	if err := e.checkSize(); err != nil {
		return err
	}
	if err := e.roomFor(most); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := &stream{Encoder: e, batch: max(e.BatchSize, 1), yield: yield, done: map[int]Result{}}
	read := e.read(ctx, inputs, s.batch)
	for {
		p, ok := read.next(ctx)
		if err := ctx.Err(); err != nil {
			return err
		}
		if !ok {
			return s.finish(ctx)
		}
		if err := s.add(ctx, p); err != nil {
			return err
		}
		read.done()
	}
}

// stream groups prepared images by size, and puts results back in order.
type stream struct {
	*Encoder
	batch   int
	yield   func(Result) error
	waiting [][]prepared   // groups of one size, the group of the oldest image first
	done    map[int]Result // results whose turn has not come
	next    int            // index of the result to yield next
}

// add takes one more image, and runs a group that is full, or the oldest one
// when it holds up too many results.
func (s *stream) add(ctx context.Context, p prepared) error {
	if p.err != nil {
		s.done[p.index] = Result{Index: p.index, Name: p.name, Original: p.from, Err: p.err}
		if err := s.flush(); err != nil {
			return err
		}
	} else if at := s.group(p); len(s.waiting[at]) >= s.batch {
		return s.run(ctx, at)
	}
	const patience = 4 // batches
	if len(s.waiting) > 0 && p.index-s.waiting[0][0].index >= patience*s.batch {
		return s.run(ctx, 0)
	}
	return nil
}

// group puts an image into the group of its size, and says which that is.
func (s *stream) group(p prepared) int {
	for i, g := range s.waiting {
		if g[0].fit.h == p.fit.h && g[0].fit.w == p.fit.w {
			s.waiting[i] = append(g, p)
			return i
		}
	}
	s.waiting = append(s.waiting, []prepared{p})
	return len(s.waiting) - 1
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
	if err != nil && (ctx.Err() != nil || endsAll(err)) {
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

// endsAll says whether an error is of every image that could come.
func endsAll(err error) bool {
	var changed *ChangedError
	return errors.Is(err, ErrClosed) || errors.As(err, &changed) || smallerBatch(err)
}

// compute runs the model on a group, and lets go of its images.
func (e *Encoder) compute(ctx context.Context, group []prepared, h, w int) (*lent, error) {
	e.Model.closing.RLock()
	defer e.Model.closing.RUnlock()
	return e.Model.lend(ctx, len(group), h, w, e.Request, func(m graph.Machine, input *graph.Node) error {
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
			e.Model.freeMemory()
		}
		return nil
	})
}

// largeBatch is from how many bytes of images on their memory, and what decoding them took, is worth
// giving back before the forward pass, which takes seconds then.
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
