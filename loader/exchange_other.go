//go:build !linux

package loader

// exchange lets two folders change places.
func exchange(a, b string) error { return exchangeByRenaming(a, b) }
