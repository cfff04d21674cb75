package main

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// thread is one of the program's.
type thread struct {
	id      int
	started bool // its first stop is past
	tiles   tiles
	owner   uint64 // the function that configured them: its first instruction
}

// execute does what the instruction at regs.Rip would.
func (th *thread) execute(s space, at place, regs *unix.PtraceRegs) error {
	in, t := at.instruction, &th.tiles
	if in.op == prefetch {
		return nil
	}
	if in.op == ldtilecfg && t.configured {
		return fmt.Errorf("tiles are configured, and not released since")
	}
	if in.op > tilerelease {
		if err := t.check(in); err != nil {
			return err
		}
		if th.owner != at.entry {
			return fmt.Errorf("tiles were configured by another function, at %#x: tile state must not live across a call", th.owner)
		}
	}
	switch in.op {
	case ldtilecfg:
		c := make([]byte, configSize)
		if err := s.read(address(in, regs), c); err != nil {
			return err
		}
		th.owner = at.entry
		return t.configure(c)
	case sttilecfg:
		return s.write(address(in, regs), t.configuration())
	case tilerelease:
		*t = tiles{}
	case tilezero:
		t.data[in.dst] = tile{}
	case tileloadd, tileloaddt1:
		var d tile
		if err := s.rows(unix.ProcessVMReadv, &d, t.shape[in.dst], start(in, regs), stride(in, regs)); err != nil {
			return err
		}
		t.data[in.dst] = d
	case tilestored:
		return s.rows(unix.ProcessVMWritev, &t.data[in.dst], t.shape[in.dst], start(in, regs), stride(in, regs))
	default:
		t.multiply(in)
	}
	return nil
}

// start is the address of a tile's first row in memory: an index register is not
// part of it, but of the distance between rows.
func start(in instruction, regs *unix.PtraceRegs) uint64 {
	in.mem.index = none
	return address(in, regs)
}

func stride(in instruction, regs *unix.PtraceRegs) uint64 {
	if in.mem.index == none {
		return 0
	}
	return register(regs, in.mem.index) * in.mem.scale
}

func address(in instruction, regs *unix.PtraceRegs) uint64 {
	a := uint64(in.mem.disp)
	if in.mem.next {
		a += regs.Rip + uint64(in.size)
	}
	if in.mem.base != none {
		a += register(regs, in.mem.base)
	}
	if in.mem.index != none {
		a += register(regs, in.mem.index) * in.mem.scale
	}
	return a
}

// register is a general register by the machine's number.
func register(r *unix.PtraceRegs, i int) uint64 {
	return [...]uint64{
		r.Rax, r.Rcx, r.Rdx, r.Rbx, r.Rsp, r.Rbp, r.Rsi, r.Rdi,
		r.R8, r.R9, r.R10, r.R11, r.R12, r.R13, r.R14, r.R15,
	}[i]
}
