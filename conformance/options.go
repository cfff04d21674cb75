package conformance

import (
	"fmt"
	"os"
	"strings"

	"cradio/graph"
	"cradio/radio"
)

// Options are the options of Run. The zero value runs all bundles except large ones, in float32 on the
// CPU machine.
type Options struct {
	DType   radio.DType
	Machine MachineName
	Threads int // 0 means that of cpu.NewPool
	// Small is the limit of small operations, which are computed in float64: see
	// radio.Options.
	Small int
	// Filter selects the bundles whose name contains it.
	Filter string
	// Large also runs bundles of large models; see Bundle.Large.
	Large bool
	// Model is a checkpoint, a folder or a file. If set, only bundles made from a real
	// checkpoint run, with this checkpoint.
	Model string
	// AlignCorners overrides that of the bundles, to test that the suite fails.
	AlignCorners *bool
	// Progress, if not nil, is called before each bundle with the number of finished bundles,
	// the total, and the name of the next bundle. At the end the name is empty.
	Progress func(done, total int, next string)
}

// Check returns an error for invalid options.
func (o Options) Check() error {
	if err := o.DType.Check(); err != nil {
		return err
	}
	if _, _, err := graph.Find(string(o.Machine)); err != nil && o.Machine != Tape {
		return fmt.Errorf("machine is %q, want %s or %s", o.Machine, strings.Join(graph.Devices(), ", "), Tape)
	}
	if o.Machine == Tape && o.rounds() {
		return fmt.Errorf("machine %s computes only in %s and %s, but dtype is %s: choose machine %s", Tape, radio.Float32, radio.Float64, o.DType, CPU)
	}
	if o.Threads < 0 {
		return fmt.Errorf("threads is %d, must be at least 1, or 0 for all cores", o.Threads)
	}
	if o.Model == "" {
		return nil
	}
	if _, err := os.Stat(o.Model); err != nil {
		return fmt.Errorf("model %s: no such file or folder; give a checkpoint", o.Model)
	}
	return nil
}

// rounds reports whether the precision rounds the operands of matrix products.
func (o Options) rounds() bool {
	return o.DType == radio.BFloat16 || o.DType == radio.Int8 || o.DType == radio.TF32
}

// precision is that of graphs which are not those of a model, and have gradients.
func (o Options) precision() graph.Precision {
	switch o.DType {
	case radio.BFloat16:
		return graph.BFloat16
	case radio.TF32:
		return graph.TF32
	}
	return graph.Full
}

// device returns the name of the device that runs models. The machine Tape uses no device, and opens
// its models on the default one.
func (o Options) device() string {
	if o.Machine == Tape {
		return ""
	}
	return string(o.Machine)
}
