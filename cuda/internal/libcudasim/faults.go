//go:build nvidia && cudasim && linux && cgo

package libcudasim

import "C"

import (
	"fmt"
	"slices"
)

// Fault is an error of the driver that comes once.
type Fault struct {
	// Code is what the driver returns. After those of a context that is lost, all calls in it return it again.
	Code int
	// Of is a copy or a launch: that which comes after so many others.
	Of    Work
	After int
	// Refused says that the call itself returns the code. Else the work that it asks for fails, which a later call returns.
	Refused bool
}

// sticky are the codes after which nothing works in a context: of the section "Error handling" of the driver's manual.
var sticky = []int{uncorrectable, illegalAddress, launchTimeout, illegalInstruction, misalignedAddress, launchFailed, unknown}

// Inject makes a fault come from now on; one of no work takes it back.
func Inject(f Fault) {
	driver.Lock()
	defer driver.Unlock()
	driver.fault = f
}

// faulty returns the fault, if it comes now.
func (s *state) faulty(on *gpu, of Work, refused bool) error {
	f := &s.fault
	if f.Of == Nothing || f.Of != of || f.Refused != refused {
		return nil
	}
	if f.After--; f.After >= 0 {
		return nil
	}
	f.Of = Nothing
	return on.breaks(fail(C.int(f.Code), fmt.Errorf("an injected fault, error %d", f.Code)))
}

// breaks notes an error that loses the context.
func (g *gpu) breaks(err error) error {
	if f, ok := err.(failure); ok && g.broken == nil && slices.Contains(sticky, int(f.code)) {
		g.broken = err
	}
	return err
}

// destroy gives back all that was made in the context of a GPU.
func (s *state) destroy(g *gpu) {
	for handle, owner := range s.owners {
		if owner == g {
			delete(s.objects, handle)
			delete(s.owners, handle)
		}
	}
	g.reset()
}
