package pool

import "runtime"

// FaultAddress returns the address of a memory fault, given the value of recover. ok is
// false if the panic of the goroutine, or of a task on a Pool, was not a memory fault. A
// fault happens, for example, in a mapped file that has become shorter.
//
// On a Pool's own threads such a fault is a panic, and Run panics too. On the goroutine
// that calls Run it is a panic only after debug.SetPanicOnFault. Otherwise the process
// ends.
func FaultAddress(panicked any) (addr uintptr, ok bool) {
	if p, task := panicked.(*Panic); task {
		panicked = p.Value
	}
	fault, ok := panicked.(interface {
		runtime.Error
		Addr() uintptr
	})
	if !ok {
		return 0, false
	}
	return fault.Addr(), true
}
