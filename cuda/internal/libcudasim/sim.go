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

// Architecture is that of the GPU that the driver emulates: see cuda.Description.
var Architecture = 80

// Left is what a program has not given back.
type Left struct{ Allocations, Modules, Contexts, Streams, Events, Graphs, Pinned int }

// state is that of the driver.
type state struct {
	sync.Mutex
	device   *ptxsim.Device
	context  unsafe.Pointer
	retained int
	modules  int
	pinned   int // allocations of the host
	objects  map[uintptr]any
	next     uintptr
	last     error
}

var driver = state{device: ptxsim.NewDevice(1 << 30), objects: map[uintptr]any{}, next: 1 << 12}

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
	left := Left{Allocations: driver.device.Allocations(), Modules: driver.modules, Contexts: driver.retained, Pinned: driver.pinned}
	for _, o := range driver.objects {
		switch o.(type) {
		case *stream:
			left.Streams++
		case *event:
			left.Events++
		case *captured:
			left.Graphs++
		}
	}
	return left
}

// failure is an error with the number that the driver returns for it.
type failure struct {
	code C.int
	error
}

func fail(code C.int, err error) error { return failure{code, err} }

// locked calls f, and returns the number of its error.
func (s *state) locked(f func() error) C.int {
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
	n := s.next
	return *(*unsafe.Pointer)(unsafe.Pointer(&n))
}

// drop forgets an object.
func (s *state) drop(p unsafe.Pointer) error {
	if _, ok := s.objects[uintptr(p)]; !ok {
		return fail(invalidHandle, fmt.Errorf("%#x is no handle", uintptr(p)))
	}
	delete(s.objects, uintptr(p))
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

// function is a kernel, with the dynamic shared memory that it has been allowed.
type function struct {
	*ptxsim.Kernel
	allowed int
}

// stream is work that has not been done.
type stream struct {
	queue   []func() error
	done    int       // how much has been done before
	capture *captured // takes the work instead, where that is wanted
}

// event is a place in a stream.
type event struct {
	on    *stream
	place int
}

// captured is a graph: work that is launched as a whole.
type captured struct{ work []func() error }

// add puts work into the queue, or into a graph.
func (s *stream) add(f func() error) {
	if s.capture != nil {
		s.capture.work = append(s.capture.work, f)
		return
	}
	s.queue = append(s.queue, f)
}

// finish does it.
func (s *stream) finish() error { return s.until(s.done + len(s.queue)) }

// until does the work up to a place. While the stream is captured, waiting for it is an error.
func (s *stream) until(place int) error {
	if s.capture != nil {
		return fail(captureUnsupported, errors.New("a call that waits for a stream that is captured"))
	}
	for s.done < place {
		f := s.queue[0]
		s.queue = s.queue[1:]
		s.done++
		if err := f(); err != nil {
			return err
		}
	}
	return nil
}

// finish does the work of all streams, as what frees memory waits for it.
func (s *state) finish() error {
	for _, o := range s.objects {
		if o, ok := o.(*stream); ok {
			if err := o.finish(); err != nil {
				return err
			}
		}
	}
	return nil
}

// copies adds a copy to a stream: f gets the memory of the device.
func (s *state) copies(on unsafe.Pointer, at C.u64, n C.size_t, f func([]byte)) error {
	to, err := object[*stream](on)
	if err != nil {
		return err
	}
	to.add(func() error {
		b, err := s.device.Bytes(uint64(at), int(n))
		if err != nil {
			return fail(invalidValue, err)
		}
		f(b)
		return nil
	})
	return nil
}

// launch adds a launch to a stream. Parameters are read at once.
func (s *state) launch(f unsafe.Pointer, l ptxsim.Launch, on unsafe.Pointer, params *unsafe.Pointer) error {
	k, err := object[*function](f)
	if err != nil {
		return err
	}
	to, err := object[*stream](on)
	if err != nil {
		return err
	}
	const free = 48 << 10
	if n := k.Shared + l.Shared; n > free && l.Shared > k.allowed {
		return fail(invalidValue, fmt.Errorf("%s: %d bytes of shared memory, of which %d are dynamic, and %d are allowed", k.Name, n, l.Shared, k.allowed))
	}
	for i, p := range unsafe.Slice(params, len(k.Params)) {
		l.Args = append(l.Args, append([]byte(nil), unsafe.Slice((*byte)(p), k.Params[i].Size)...))
	}
	to.add(func() error {
		if err := s.device.Launch(k.Kernel, l); err != nil {
			return fail(launchFailed, err)
		}
		return nil
	})
	return nil
}
