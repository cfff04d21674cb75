//go:build !linux

package loader

// largePages does nothing: there is no such advice to give.
func largePages([]byte) {}
