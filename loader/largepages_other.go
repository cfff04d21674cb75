//go:build !linux

package loader

// largePages does nothing: the system has no such request.
func largePages([]byte) {}
