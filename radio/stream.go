package radio

import (
	"context"
	"errors"
	"iter"
	"math"
	"slices"

	"cradio/graph"
)

// Stream encodes images, and calls yield with each result, in the order of the inputs. If an image
// cannot be read or encoded, its result has an Err, and the stream goes on. The stream stops with the
// error of yield, or of ctx. While the model runs, a bounded number of images are read ahead.
func (e *Encoder) Stream(ctx context.Context, inputs []Input, yield func(Result) error) error {
	return e.stream(ctx, slices.Values(inputs), len(inputs), yield)
}

// errEnough is returned by a yield that needs no more results.
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
// The error is r.Err: why an image cannot be read or encoded. An error that ends the stream comes last,
// with a Result whose Index is -1: that of ctx, of a closed model, of a file of the model that has
// changed, or of a batch too large for memory.
//
// The sequence of inputs may be endless. Another goroutine reads a bounded number of inputs ahead. It
// ends with the loop, but not before the sequence returns its next input. A sequence that may block for
// long should therefore stop when ctx ends.
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

// stream is Stream. There are at most that many inputs.
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
	s := &stream{Encoder: e, batch: max(e.BatchSize, 1), yield: yield, done: map[int]Result{}, atOnce: e.Model.concurrent}
	defer s.abandon()
	defer cancel()
	read := e.read(ctx, inputs, s.batch)
	for {
		p, ok, interrupted := read.next(ctx, s.oldest())
		if err := ctx.Err(); err != nil {
			return err
		}
		if interrupted {
			if err := s.land(ctx, 0); err != nil {
				return err
			}
			continue
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
	done    map[int]Result // results that come after one that is not there yet
	next    int            // index of the result to yield next
	flights []*flight      // groups that are being computed, the oldest first
	atOnce  int            // how many they may be
}

// add adds an image. It runs a group that is full, or the oldest group if too many results wait for
// it.
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

// group adds an image to the group of its size, and returns the index of the group.
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

// finish runs the groups that are left.
func (s *stream) finish(ctx context.Context) error {
	for len(s.waiting) > 0 {
		if err := s.run(ctx, 0); err != nil {
			return err
		}
	}
	for len(s.flights) > 0 {
		if err := s.land(ctx, 0); err != nil {
			return err
		}
	}
	return s.flush()
}

// endsAll says whether every further image would have this error.
func endsAll(err error) bool {
	var changed *ChangedError
	var lost *graph.LostError
	return errors.Is(err, ErrClosed) || errors.As(err, &changed) || errors.As(err, &lost) || smallerBatch(err)
}

// compute runs the model on a group. It drops the images once they are copied.
func (e *Encoder) compute(ctx context.Context, group []prepared, h, w int) (*borrowed, error) {
	e.Model.closing.RLock()
	defer e.Model.closing.RUnlock()
	return e.Model.borrow(ctx, len(group), h, w, e.Request, func(m graph.Machine, input *graph.Node) error {
		n := 3 * h * w
		copied, err := e.asBytes(m, input, group, n)
		if err == nil && !copied {
			err = asNumbers(m, input, group, n)
		}
		if err != nil {
			return err // Process has checked the images
		}
		if n*len(group) >= largeBatch {
			e.Model.freeMemory()
		}
		return nil
	})
}

// asNumbers writes images of n numbers to a machine.
func asNumbers(m graph.Machine, input *graph.Node, group []prepared, n int) error {
	f64, _ := m.Input(input).Data().([]float64)
	f32, _ := m.Input(input).Data().([]float32)
	for i, p := range group {
		var to []float32
		if f64 == nil {
			to = f32[i*n:][:n]
		} else {
			to = make([]float32, n)
		}
		if err := p.fit.pixels(to, p.img); err != nil {
			return err
		}
		if f64 != nil {
			toFloat64(f64[i*n:], to)
		}
		group[i].img = nil
	}
	return nil
}

// asBytes copies images of n bytes to a machine that takes bytes. Those that are interpolated have no bytes.
func (e *Encoder) asBytes(m graph.Machine, input *graph.Node, group []prepared, n int) (copied bool, err error) {
	on, ok := m.(graph.ByteMachine)
	if !ok || slices.ContainsFunc(group, func(p prepared) bool { return p.fit.interpolated }) {
		return false, nil
	}
	to := on.Bytes(input, e.Processor.Levels())
	if to == nil {
		return false, nil
	}
	for i, p := range group {
		if err := p.fit.processor.CheckPixels(p.img); err != nil {
			return false, err
		}
		copy(to[i*n:][:n], p.img.Pix)
		group[i].img = nil
	}
	return true, nil
}

// largeBatch is from how many bytes of images on their memory, and what decoding them took, is worth
// giving back before the forward pass, which takes seconds then.
const largeBatch = 8 << 20

// flush yields the results that are next in order.
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
