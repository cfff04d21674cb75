//go:build !linux && !darwin && !windows

package loader

// FreeBytes returns -1: the free space is not known.
func FreeBytes(string) int64 { return -1 }
