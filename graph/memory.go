package graph

import (
	"fmt"
	"runtime/debug"
)

// MemoryError is the error of a program that needs more memory than is available.
type MemoryError struct {
	Need, Free int64  // bytes
	Limit      string // the limit: "the memory of this computer"
}

func (e *MemoryError) Error() string {
	return fmt.Sprintf("needs %s of memory, and %s has %s left", Bytes(e.Need), e.Limit, Bytes(max(e.Free, 0)))
}

// Bytes formats a number of bytes: "1.5 GB".
func Bytes(n int64) string {
	for _, u := range []struct {
		size float64
		name string
	}{{1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}} {
		if float64(n) >= u.size {
			return fmt.Sprintf("%.3g %s", float64(n)/u.size, u.name)
		}
	}
	return fmt.Sprintf("%d bytes", n)
}

// NeedBytes returns the memory that a new Machine needs: its arena, and the packed
// weights that do not exist yet.
func (p *Program) NeedBytes() int64 {
	return int64(p.arena) + int64(p.missingBytes())
}

// leastChecked is from how many bytes on a Machine looks whether they are there, which
// takes some hundred microseconds.
const leastChecked = 64 << 20

// Room returns a *MemoryError if there is not enough memory for a new Machine and for
// beside more bytes, which the caller needs. Memory that the garbage collector can free
// counts as available.
func (p *Program) Room(beside int64) error {
	need := p.NeedBytes() + beside
	if need < leastChecked {
		return nil
	}
	err := tightest(limits(), need)
	if err != nil {
		debug.FreeOSMemory()
		err = tightest(limits(), need)
	}
	return err
}

// tightest is the error of the limit that leaves the least, if that is too little.
func tightest(limits []limit, need int64) error {
	var least *MemoryError
	for _, l := range limits {
		free, notes := l.free, int64(0)
		if l.space {
			free, notes = free-heapUnits, need/64
		}
		if need+notes > free && (least == nil || free < least.Free) {
			least = &MemoryError{Need: need, Free: free, Limit: l.name}
		}
	}
	if least == nil {
		return nil
	}
	return least
}

// limit is how much of something is left.
type limit struct {
	name  string
	free  int64
	space bool // of address space, whether it is in use or not
}

// heapUnits is how much more address space than it was asked for the heap reserves: it
// grows by units of 64 MiB. On each it keeps notes, of which a 64th is more than enough.
const heapUnits = 2 << 26
