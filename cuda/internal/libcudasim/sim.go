//go:build nvidia && cudasim && linux && cgo

package libcudasim

// #include "libcudasim.h"
import "C"

import (
	"errors"
	"fmt"
	"sync"
	"unsafe"

	"cradio/cuda/internal/libcuda"
	"cradio/cuda/internal/ptxsim"
)

// What the driver emulates. It is set before the driver is opened, and while nothing runs.
var (
	// Architecture is that of the GPUs: see cuda.Description.
	Architecture = 80
	// Early is what is done as early as may be. All other work is done as late: when something waits for it.
	Early = Nothing
)

// Work is a kind of work of streams.
type Work int

// The kinds.
const (
	Nothing Work = iota
	Copies
	Launches
)

// Left is what a program has not given back.
type Left struct{ Allocations, Modules, Contexts, Streams, Events, Graphs, Pinned int }

// state is that of the driver.
type state struct {
	sync.Mutex
	gpus    []*gpu
	objects map[uintptr]any
	owners  map[uintptr]*gpu // of objects that are made in a context
	next    uintptr
	last    error
	fault   Fault

	waits    Waits
	leaveOut int // which wait does nothing, from 1
}

var driver = state{objects: map[uintptr]any{}, owners: map[uintptr]*gpu{}, next: 1 << 12}

// Install makes this the driver, when it is next opened.
func Install() {
	libcuda.Replace(func() error {
		for at := 0; ; at++ {
			var f C.struct_emulated = C.cradio_libcudasim_function(C.int(at))
			if f.name == nil {
				return nil
			}
			if err := libcuda.Set(C.GoString(f.name), f.function); err != nil {
				return err
			}
		}
	})
}

// LastError describes the last error that a function of the driver returned.
func LastError() error {
	driver.Lock()
	defer driver.Unlock()
	return driver.last
}

// Unfreed returns what has not been given back.
func Unfreed() Left {
	driver.Lock()
	defer driver.Unlock()
	left := Left{}
	for _, g := range driver.gpus {
		left.Pinned += len(g.pinned)
		left.Allocations += g.Allocations()
		left.Contexts += g.retained
	}
	for _, o := range driver.objects {
		switch o.(type) {
		case *stream:
			left.Streams++
		case *event:
			left.Events++
		case *captured:
			left.Graphs++
		case *ptxsim.Module:
			left.Modules++
		}
	}
	return left
}

// Waits are those of streams for events, and of the program for streams and events.
type Waits struct {
	Count int
	// Mattered says that the one that was left out was for something that had not been done.
	Mattered bool
}

// LeaveOut lets the n-th wait from now on do nothing; 0 is none. It returns the waits since the last call.
func LeaveOut(n int) Waits {
	driver.Lock()
	defer driver.Unlock()
	waits := driver.waits
	driver.waits, driver.leaveOut = Waits{}, n
	return waits
}

// locked calls f in the context of the thread, and returns the number of its error: that which has broken the context,
// if one has.
func (s *state) locked(f func() error) C.int {
	return s.outside(func() error {
		g, err := s.current()
		if err != nil {
			return f() // which knows whether it needs one
		}
		if g.broken != nil {
			return g.broken
		}
		return g.breaks(f())
	})
}

// outside calls f, which needs no context.
func (s *state) outside(f func() error) C.int {
	s.Lock()
	defer s.Unlock()
	err := f()
	if err == nil {
		return success
	}
	s.last = err
	var known failure
	if errors.As(err, &known) {
		return known.code
	}
	return launchFailed
}

// handle gives an object a number, which stands in the place of its address.
func (s *state) handle(x any) unsafe.Pointer {
	s.next += 16
	s.objects[s.next] = x
	if g, err := s.current(); err == nil {
		s.owners[s.next] = g
	}
	n := s.next
	return *(*unsafe.Pointer)(unsafe.Pointer(&n))
}

// drop forgets an object.
func (s *state) drop(p unsafe.Pointer) error {
	if _, ok := s.objects[uintptr(p)]; !ok {
		return fail(invalidHandle, fmt.Errorf("%#x is no handle", uintptr(p)))
	}
	delete(s.objects, uintptr(p))
	delete(s.owners, uintptr(p))
	return nil
}

// object finds the object of a handle.
func object[T any](p unsafe.Pointer) (t T, err error) {
	t, ok := driver.objects[uintptr(p)].(T)
	if !ok {
		return t, fail(invalidHandle, fmt.Errorf("%#x is no handle of a %T", uintptr(p), t))
	}
	return t, nil
}
