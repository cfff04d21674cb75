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

// mover is ProcessVMReadv or ProcessVMWritev.
type mover func(pid int, local []unix.Iovec, remote []unix.RemoteIovec, flags uint) (int, error)

// rows copies the rows of a tile of shape sh from or to addr, stride bytes apart:
// all at once, or one by one if that fails.
func (s space) rows(copy mover, d *tile, sh shape, addr, stride uint64) error {
	var local [tileRows]unix.Iovec
	var remote [tileRows]unix.RemoteIovec
	for r := range sh.rows {
		local[r] = unix.Iovec{Base: &d[r][0], Len: uint64(sh.colsb)}
		remote[r] = unix.RemoteIovec{Base: uintptr(addr + uint64(r)*stride), Len: sh.colsb}
	}
	if n, err := copy(int(s), local[:sh.rows], remote[:sh.rows], 0); err == nil && n == sh.rows*sh.colsb {
		return nil
	}
	for r := range sh.rows {
		if err := s.move(copy, addr+uint64(r)*stride, d[r][:sh.colsb]); err != nil {
			return err
		}
	}
	return nil
}

// move copies b from or to addr, by pages, so that it knows which one failed.
func (s space) move(copy mover, addr uint64, b []byte) error {
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
