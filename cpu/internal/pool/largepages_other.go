//go:build !linux

package pool

// largePages does nothing: only Linux is asked for them.
func largePages([]byte) {}
