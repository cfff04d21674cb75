//go:build nvidia && cudasim && linux && cgo

package libcudasim

// #include "libcudasim.h"
import "C"

import (
	"errors"
	"syscall"
	"unsafe"
)

// captured is a graph: work that is launched as a whole.
type captured struct {
	work   []work
	thread int // that captures it
}

// mayWait is an error where the thread that calls captures a stream, in the mode of threads: it may then neither wait
// nor ask for memory. Other threads may.
func (s *state) mayWait() error {
	thread := syscall.Gettid()
	for _, o := range s.objects {
		if on, ok := o.(*stream); ok && on.capture != nil && on.capture.thread == thread {
			return fail(captureUnsupported, errors.New("a call that may wait, by a thread that captures a stream"))
		}
	}
	return nil
}

//export simStreamBeginCapture
func simStreamBeginCapture(s unsafe.Pointer, _ C.int) C.int {
	return driver.locked(func() error {
		found, err := object[*stream](s)
		if err != nil {
			return err
		}
		found.capture = &captured{thread: syscall.Gettid()}
		return nil
	})
}

//export simStreamEndCapture
func simStreamEndCapture(s unsafe.Pointer, g *unsafe.Pointer) C.int {
	return driver.locked(func() error {
		found, err := object[*stream](s)
		if err != nil {
			return err
		}
		if found.capture == nil {
			return fail(invalidValue, errors.New("the stream is not captured"))
		}
		*g = driver.handle(found.capture)
		found.capture = nil
		return nil
	})
}

//export simGraphInstantiate
func simGraphInstantiate(exec *unsafe.Pointer, g unsafe.Pointer, _ C.u64) C.int {
	return driver.locked(func() error {
		found, err := object[*captured](g)
		if err != nil {
			return err
		}
		*exec = driver.handle(&captured{work: found.work})
		return nil
	})
}

//export simGraphLaunch
func simGraphLaunch(exec, s unsafe.Pointer) C.int {
	return driver.locked(func() error {
		g, err := object[*captured](exec)
		if err != nil {
			return err
		}
		to, err := object[*stream](s)
		if err != nil {
			return err
		}
		for _, w := range g.work {
			if err := to.add(w); err != nil {
				return err
			}
		}
		return nil
	})
}

//export simGraphDestroy
func simGraphDestroy(g unsafe.Pointer) C.int {
	return driver.locked(func() error { return driver.drop(g) })
}
