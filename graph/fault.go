package graph

import (
	"errors"
	"fmt"
	"runtime"
)

// FaultAddress returns the address of a memory fault, given the value of recover, which may
// wrap the fault. ok is false if the panic was not a memory fault. A fault happens, for
// example, in a mapped file that has become shorter. It is a panic only after
// debug.SetPanicOnFault; otherwise the process ends.
func FaultAddress(panicked any) (addr uintptr, ok bool) {
	err, ok := panicked.(error)
	if !ok {
		return 0, false
	}
	var fault interface {
		runtime.Error
		Addr() uintptr
	}
	if !errors.As(err, &fault) {
		return 0, false
	}
	return fault.Addr(), true
}

// Recovered returns the error for a panic of a Machine at a place, for devices. Memory that
// cannot be read is no matter of a place: if Target.Fault does not know it the panic goes
// on.
func (t Target) Recovered(panicked any, path string) error {
	addr, fault := FaultAddress(panicked)
	if !fault {
		return fmt.Errorf("%s: panic: %v", path, panicked)
	}
	if t.Fault != nil {
		if err := t.Fault(addr); err != nil {
			return err
		}
	}
	panic(panicked)
}

// recovered turns a panic into an error that names the place.
func recovered(err *error, path string) {
	if p := recover(); p != nil {
		*err = Target{}.Recovered(p, path)
	}
}
