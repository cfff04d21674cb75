package graph

import "fmt"

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
