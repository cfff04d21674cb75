package ptxsim

import (
	"fmt"
	"slices"
)

// A launch that overlaps the one before it must not touch what that may still use: see
// Launch.Overlap. Each allocation says whether a kernel has stored in it.

// waited fails if no warp of a block that overlaps the launch before has waited for it: then this launch could end before
// that one, and a third, which waits for this one only, would find that one running.
func (b *block) waited() error {
	if !b.launch.Overlap || slices.ContainsFunc(b.warps, func(w *warp) bool { return w.clock.after() }) {
		return nil
	}
	return fmt.Errorf("%s: block %v ends before the launch before is known to: there is no griddepcontrol.wait", b.kernel.Name, b.id)
}

// globalAccess is globalBytes, of loads and stores.
func (w *warp) globalAccess(v uint64, lane, n int, write bool) []byte {
	b := w.globalBytes(v, lane, n)
	w.mayAccess(w.block.last, write)
	return b
}

// mayAccess fails if a launch accesses an allocation too early.
func (w *warp) mayAccess(a *allocation, write bool) {
	if w.block.launch.Overlap && !w.clock.after() && (write || a.stored.Load()) {
		fail("an access of memory that the launch before may still use: there is no griddepcontrol.wait before it")
	}
	if write && !a.stored.Load() {
		a.stored.Store(true)
	}
}

// mayCopy is mayAccess for a tensor.
func (w *warp) mayCopy(lane int, t *TensorMap, write bool) {
	w.globalUncounted(t.Base, lane, 1)
	w.mayAccess(w.block.last, write)
}
