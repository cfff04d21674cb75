//go:build nvidia && linux && cgo && (amd64 || arm64)

package driver

import (
	"errors"
	"fmt"

	"cradio/graph"

	"gorgonia.org/cu"
)

// fatal are the errors after which nothing works in a context, and what they say of it: "Error handling" in the manual of
// the driver, and the comments on its codes.
var fatal = []struct {
	err  error
	says string
}{
	{cu.IllegalAddress, "a kernel reached for memory that is not its own"},
	{cu.MisalignedAddress, "a kernel reached for memory that is not aligned"},
	{cu.InvalidAddressSpace, "a kernel reached for memory of another kind"},
	{cu.IllegalInstruction, "a kernel had an instruction that the GPU does not know"},
	{cu.HardwareStackError, "a kernel has broken its stack"},
	{cu.Assert, "a kernel stopped itself"},
	{cu.LaunchFailed, "a kernel failed"},
	{cu.LaunchTimeout, "a kernel took longer than this system lets it"},
	{cu.EccUncorrectable, "its memory had an error that could not be corrected"},
	{cu.ContextIsDestroyed, "its context was destroyed"},
	{cu.Unknown, "the driver gives no reason"},
}

// seen notes an error that loses the GPU, and returns it as a *graph.LostError.
func (g *gpu) seen(err error) error {
	if known := (*graph.LostError)(nil); errors.As(err, &known) {
		return err
	}
	for _, f := range fatal {
		if errors.Is(err, f.err) {
			lost := &graph.LostError{Device: g.about.Name, Reason: fmt.Errorf("%s (%w)", f.says, err)}
			g.lost.Store(lost)
			return lost
		}
	}
	return err
}
