//go:build !linux && !darwin && !windows

package hub

// freeBytes returns -1: the free space is not known.
func freeBytes(string) int64 { return -1 }
