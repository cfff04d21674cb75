//go:build !linux

package bench

// detail adds nothing on this system.
func detail(*Machine) {}
