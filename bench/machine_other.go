//go:build !linux && !darwin

package bench

// detail adds nothing on this system.
func detail(*Machine) {}
