package main

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// setFault turns the signal that a thread stopped for into a fault at addr.
func setFault(id int, addr uint64) error {
	const mapError = 1 // SEGV_MAPERR
	info := struct {
		signal, errno, code, _ int32
		addr                   uint64
		_                      [104]byte
	}{signal: int32(unix.SIGSEGV), code: mapError, addr: addr}
	_, _, e := unix.Syscall6(unix.SYS_PTRACE, unix.PTRACE_SETSIGINFO, uintptr(id), 0, uintptr(unsafe.Pointer(&info)), 0, 0)
	if e != 0 {
		return fmt.Errorf("passing on a fault at %#x: %w", addr, e)
	}
	return nil
}
