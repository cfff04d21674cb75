//go:build nvidia && cudasim && linux && cgo

package libcudasim

// #include "libcudasim.h"
import "C"

import (
	"errors"
	"unsafe"
)

// stream is work of a GPU that has not been done.
type stream struct {
	gpu     *gpu
	queue   []work
	done    int       // how much has been done before
	capture *captured // takes the work instead, where that is wanted
}

// work is something that a stream does.
type work struct {
	do    func() error
	kind  Work
	after moment // to wait for, where do is nil
}

// end is when all that the stream has to do so far has been done.
func (s *stream) end() moment { return moment{s, s.done + len(s.queue)} }

// add puts work into the queue, or into a graph.
func (s *stream) add(w work) error {
	if err := driver.faulty(s.gpu, w.kind, true); err != nil {
		return err
	}
	if s.capture != nil {
		s.capture.work = append(s.capture.work, w)
		return nil
	}
	s.queue = append(s.queue, w)
	return driver.early()
}

// next does the first of the work.
func (s *stream) next() error {
	w, place := s.queue[0], s.done
	if w.do == nil {
		if err := w.after.reach(); err != nil || s.done > place { // early has gone on
			return err
		}
	}
	s.queue = s.queue[1:]
	s.done++
	if w.do == nil {
		return nil
	}
	if err := driver.faulty(s.gpu, w.kind, false); err != nil {
		return err
	}
	return w.do()
}

// until does the work up to a place.
func (s *stream) until(place int) error {
	for s.done < place {
		if err := s.next(); err != nil {
			return err
		}
		if err := driver.early(); err != nil {
			return err
		}
	}
	return nil
}

// early does all work that Early asks for, and nothing keeps from being done.
func (s *state) early() error {
	if Early == Nothing {
		return nil
	}
	for again := true; again; {
		again = false
		for _, o := range s.objects {
			on, ok := o.(*stream)
			if !ok || len(on.queue) == 0 {
				continue
			}
			if w := on.queue[0]; w.kind != Early && (w.do != nil || !w.after.passed()) {
				continue
			}
			again = true
			if err := on.next(); err != nil {
				return err
			}
		}
	}
	return nil
}

// finish does the work of all streams, as what frees memory waits for it.
func (s *state) finish() error {
	for _, o := range s.objects {
		if o, ok := o.(*stream); ok {
			if err := o.end().reach(); err != nil {
				return err
			}
		}
	}
	return nil
}

//export simStreamCreate
func simStreamCreate(s *unsafe.Pointer, _ C.u32) C.int {
	return driver.locked(func() error {
		g, err := driver.current()
		if err == nil {
			*s = driver.handle(&stream{gpu: g})
		}
		return err
	})
}

//export simStreamSynchronize
func simStreamSynchronize(s unsafe.Pointer) C.int {
	return driver.locked(func() error {
		found, err := object[*stream](s)
		switch {
		case err != nil || driver.counted(found.end()):
			return err
		case found.capture != nil:
			return fail(captureUnsupported, errors.New("a call that waits for a stream that is captured"))
		}
		if err := driver.mayWait(); err != nil {
			return err
		}
		return found.end().reach()
	})
}

//export simStreamDestroy
func simStreamDestroy(s unsafe.Pointer) C.int {
	return driver.locked(func() error {
		found, err := object[*stream](s)
		if err != nil {
			return err
		}
		if err := found.end().reach(); err != nil {
			return err
		}
		return driver.drop(s)
	})
}
