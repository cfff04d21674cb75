package loader

import (
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"sync"
	"unsafe"
)

// Fault returns the error for a read at addr that faulted: the file was shortened while it was in use, or its disk
// failed. It returns nil if addr is not in this file's mapping. Code that reads a slice from Float32 gets addr from the
// method Addr of the runtime.Error that it recovers under debug.SetPanicOnFault.
func (m *MappedFile) Fault(addr uintptr) error {
	m.open.RLock()
	defer m.open.RUnlock()
	return m.fault(addr)
}

// Fault returns the error of the file whose mapping contains addr, or nil.
func (c *Checkpoint) Fault(addr uintptr) error {
	for _, f := range c.Files() {
		if err := f.Fault(addr); err != nil {
			return err
		}
	}
	return nil
}

// Fault returns the error of the file if its mapping contains addr, or nil.
func (d *TorchDict) Fault(addr uintptr) error { return d.t.Fault(addr) }

// fault is Fault for callers that hold the lock.
func (m *MappedFile) fault(addr uintptr) error {
	start := uintptr(unsafe.Pointer(unsafe.SliceData(m.mapped)))
	page := uintptr(os.Getpagesize())
	size := (uintptr(len(m.mapped)) + page - 1) / page * page // a mapping consists of whole pages
	if m.mapped == nil || addr < start || addr-start >= size {
		return nil
	}
	e := &Error{File: m.path, Err: io.ErrUnexpectedEOF, Do: "leave a file as it is while it is used; download it again, and reopen it"}
	now, err := os.Stat(m.path)
	switch {
	case err != nil:
		e.Found = fmt.Sprintf("had %d bytes when it was opened, and is gone now: %s", len(m.mapped), reason(err, m.path))
	case now.Size() == int64(len(m.mapped)):
		e.Found = fmt.Sprintf("byte %d cannot be read", addr-start)
		e.Do = "check the disk or the network drive"
	default:
		e.Found = fmt.Sprintf("had %d bytes when it was opened, has %d now", len(m.mapped), now.Size())
	}
	return e
}

// guarded calls body, which reads the mapping. A read that faults would end the program; guarded returns an error
// instead.
func (m *MappedFile) guarded(body func()) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		if at, ok := r.(interface{ Addr() uintptr }); ok {
			err = m.fault(at.Addr())
		}
		if err == nil {
			panic(r) // a bug in this package
		}
	}()
	body()
	return nil
}

// parallel is parallel with body guarded in each goroutine.
func (m *MappedFile) parallel(n int, body func(lo, hi int)) error {
	var first error
	var once sync.Once
	parallel(n, func(lo, hi int) {
		if err := m.guarded(func() { body(lo, hi) }); err != nil {
			once.Do(func() { first = err })
		}
	})
	return first
}
