//go:build !linux

package bench

// detail adds nothing here.
func (*Machine) detail() {}
