package main

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// space is the memory of the program.
type space int // process

// outside is an address that the program may not touch so.
type outside uint64

func (o outside) Error() string { return fmt.Sprintf("address %#x is outside", uint64(o)) }

func (s space) read(addr uint64, b []byte) error  { return s.move(unix.ProcessVMReadv, addr, b) }
func (s space) write(addr uint64, b []byte) error { return s.move(unix.ProcessVMWritev, addr, b) }

// move copies b from or to addr, by pages, so that it knows which one failed.
func (s space) move(copy func(int, []unix.Iovec, []unix.RemoteIovec, uint) (int, error), addr uint64, b []byte) error {
	page := uint64(os.Getpagesize())
	for len(b) > 0 {
		n := int(min(uint64(len(b)), page-addr%page))
		local := []unix.Iovec{{Base: &b[0], Len: uint64(n)}}
		remote := []unix.RemoteIovec{{Base: uintptr(addr), Len: n}}
		got, err := copy(int(s), local, remote, 0)
		if err == unix.EFAULT || err == nil && got < n {
			return outside(addr + uint64(max(got, 0)))
		}
		if err != nil {
			return fmt.Errorf("access to %d bytes at %#x: %w", n, addr, err)
		}
		b, addr = b[n:], addr+uint64(n)
	}
	return nil
}
