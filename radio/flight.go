package radio

import (
	"context"
	"errors"
	"fmt"

	"cradio/graph"
)

// flight is a group of images that is being computed.
type flight struct {
	group    []prepared
	h, w     int
	beside   bool          // others may be computed at the same time
	done     chan struct{} // closed when the group is computed
	computed *borrowed
	err      error
}

// run encodes one group: at once, or while further images are read, if several may be computed at once.
func (s *stream) run(ctx context.Context, at int) error {
	group := s.waiting[at]
	s.waiting = append(s.waiting[:at], s.waiting[at+1:]...)
	f := &flight{group: group, h: group[0].fit.h, w: group[0].fit.w, beside: s.atOnce > 1, done: make(chan struct{})}
	s.flights = append(s.flights, f)
	if f.beside {
		go s.fly(ctx, f)
	} else {
		s.fly(ctx, f)
	}
	for len(s.flights) >= s.atOnce {
		if err := s.land(ctx, 0); err != nil {
			return err
		}
	}
	return nil
}

func (s *stream) fly(ctx context.Context, f *flight) {
	defer close(f.done)
	f.computed, f.err = s.compute(ctx, f.group, f.h, f.w)
}

// oldest is closed when the first of the flights is computed. It is nil if there is none.
func (s *stream) oldest() <-chan struct{} {
	if len(s.flights) == 0 {
		return nil
	}
	return s.flights[0].done
}

// land waits for a flight, and yields the results that are next in order. Where there was no memory for it beside
// others, it is computed after these, and so are all that follow.
func (s *stream) land(ctx context.Context, at int) error {
	f := s.flights[at]
	<-f.done
	s.flights = append(s.flights[:at:at], s.flights[at+1:]...)
	var short *graph.MemoryError
	if f.beside && errors.As(f.err, &short) && f.group[0].img != nil {
		s.atOnce = 1
		for len(s.flights) > 0 {
			if err := s.land(ctx, 0); err != nil {
				return err
			}
		}
		f.done = make(chan struct{})
		s.fly(ctx, f)
	}
	return s.landed(ctx, f)
}

// landed puts the results of a flight among the others.
func (s *stream) landed(ctx context.Context, f *flight) error {
	err, l := f.err, f.computed
	if err != nil && (ctx.Err() != nil || endsAll(err)) {
		return err
	}
	for i, p := range f.group {
		r := Result{Index: p.index, Name: p.name, Height: f.h, Width: f.w, Original: p.from, Err: err}
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
		l.release()
		return s.flush()
	}
	defer l.release()
	if err := s.flush(); err != nil {
		return err
	}
	for _, p := range f.group {
		if r, ok := s.done[p.index]; ok { // it is yielded later
			r.keep()
			s.done[p.index] = r
		}
	}
	return nil
}

// abandon waits for the flights that are left after an error.
func (s *stream) abandon() {
	for _, f := range s.flights {
		if <-f.done; f.computed != nil {
			f.computed.release()
		}
	}
}
