//go:build !linux

package cpu

// largePages does nothing: only Linux is asked for them.
func largePages([]byte) {}
