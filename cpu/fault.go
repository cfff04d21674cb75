package cpu

import "runtime"

// FaultAddress is the address that could not be read or written, where a goroutine, or a
// task on a Pool, panicked of that: such as one within a mapped file that has become
// shorter. It takes what recover gives.
//
// A Pool's own threads panic of such a fault, and Run with them; the goroutine that calls
// Run does so only after debug.SetPanicOnFault. Otherwise the process ends.
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
