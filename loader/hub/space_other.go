//go:build !linux && !darwin && !windows

package hub

// freeBytes is -1: the room on the disk is not known.
func freeBytes(string) int64 { return -1 }
