package conformance

import (
	"fmt"
	"os"

	"cradio/radio"
)

// Options says what runs, and how; the zero value runs every bundle of ordinary
// size in float32 on the CPU machine.
type Options struct {
	DType   radio.DType
	Machine MachineName
	Threads int // 0 takes GOMAXPROCS
	// Filter picks the bundles whose name contains it.
	Filter string
	// Large runs bundles of large models too; see Bundle.Large.
	Large bool
	// Model is a checkpoint, a folder or a file: bundles made from a real checkpoint
	// are compared with it, and no others.
	Model string
	// AlignCorners overrides the bundles', to see the suite fail.
	AlignCorners *bool
	// Progress, where not nil, is told before each bundle: how many are done, of
	// how many, and which is next; and at the end with an empty name.
	Progress func(done, total int, next string)
}

// Check refuses values that there are not.
func (o Options) Check() error {
	if err := o.DType.Check(); err != nil {
		return err
	}
	switch o.Machine {
	case "", CPU, Tape:
	default:
		return fmt.Errorf("machine is %q, wants %s or %s", o.Machine, CPU, Tape)
	}
	if o.Machine == Tape && o.narrow() {
		return fmt.Errorf("machine %s computes in %s and %s, dtype is %s: it wants machine %s", Tape, radio.Float32, radio.Float64, o.DType, CPU)
	}
	if o.Threads < 0 {
		return fmt.Errorf("threads are %d, want 1 or more, or 0 for all cores", o.Threads)
	}
	if o.Model == "" {
		return nil
	}
	if _, err := os.Stat(o.Model); err != nil {
		return fmt.Errorf("model %s: wants a checkpoint, a folder or a file, and there is none", o.Model)
	}
	return nil
}

// narrow says whether the precision is one that rounds the operands of products.
func (o Options) narrow() bool { return o.DType == radio.BFloat16 || o.DType == radio.Int8 }
