package machine

import (
	"runtime/debug"

	"cradio/graph"
)

// leastChecked is from how many bytes on it is looked whether they are there, which
// takes some hundred microseconds.
const leastChecked = 64 << 20

// Room implements graph.Device. Memory that the garbage collector can free counts as
// available.
func (*Device) Room(bytes int64) error {
	if bytes < leastChecked {
		return nil
	}
	err := tightest(limits(), bytes)
	if err != nil {
		debug.FreeOSMemory()
		err = tightest(limits(), bytes)
	}
	return err
}

// tightest is the error of the limit that leaves the least, if that is too little.
func tightest(limits []limit, need int64) error {
	var least *graph.MemoryError
	for _, l := range limits {
		free, notes := l.free, int64(0)
		if l.space {
			free, notes = free-heapUnits, need/64
		}
		if need+notes > free && (least == nil || free < least.Free) {
			least = &graph.MemoryError{Need: need, Free: free, Limit: l.name}
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
