package text

import (
	"runtime/debug"

	"cradio/graph"
)

// fault is the error of the mapped file that an address lies in: it was shortened while it was in
// use, or its disk failed. nil where no file has the address.
func (t *Tower) fault(addr uintptr) error {
	for _, f := range t.files() {
		if err := f.Fault(addr); err != nil {
			return err
		}
	}
	if t.pack != nil {
		return t.pack.File().Fault(addr)
	}
	return nil
}

// guard, deferred, makes an error of a fault in the files of the tower. before is what
// debug.SetPanicOnFault(true) returned.
func (t *Tower) guard(err *error, before bool) {
	debug.SetPanicOnFault(before)
	p := recover()
	if p == nil {
		return
	}
	addr, faulted := graph.FaultAddress(p)
	if !faulted {
		panic(p)
	}
	if *err = t.fault(addr); *err == nil {
		panic(p)
	}
}

// Unchanged says whether the files of the weights are still as they were when they were opened, as
// far as their sizes and times tell.
func (t *Tower) Unchanged() error {
	for _, f := range t.files() {
		if err := f.Unchanged(); err != nil {
			return err
		}
	}
	return nil
}
