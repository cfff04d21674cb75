package machine

import (
	"cmp"
	"fmt"

	"cradio/cpu"
	"cradio/graph"

	"gorgonia.org/tensor"
)

// Options are those of the CPU; the zero value is for weights that may change.
type Options struct {
	// Pool runs the kernels. nil means one of Threads threads that the device owns, or
	// cpu.Default() if Threads is 0.
	Pool    *cpu.Pool
	Threads int
	// Packed holds packed weights, which devices may share. With nil, weights are not
	// packed; weights that change need that.
	Packed *PackedWeights
	// Precision is that of attention and of products with packed weights; see
	// graph.DeviceOptions.
	Precision graph.Precision
	// Small is the limit of small operations: those with at most so many multiplications for
	// an image are computed in float64 and rounded once, and so are small programs with
	// gradients. 0 means cpu.SmallDefault, a negative limit none.
	Small int
}

// Device is the CPU as a graph.Device.
type Device struct {
	options Options
	pool    *cpu.Pool
	small   int // Options.Small, 0 for none
}

var _ graph.PackedDevice = (*Device)(nil)

// Forms in which the CPU has activations and packed weights beside dense ones; see
// cpu.Activations.
const (
	BF16 = graph.Form(graph.BFloat16)
	Int8 = graph.Form(graph.Int8)
)

// name is that by which the device is registered.
const name = "cpu"

func init() {
	graph.Register(graph.Registration{Name: name, Define: define, Open: func(o graph.DeviceOptions) (graph.Device, error) {
		own := Options{Threads: o.Threads, Precision: o.Precision, Small: o.Small}
		if o.Frozen {
			own.Packed = NewPackedWeights()
		}
		return New(own)
	}})
}

// New opens the CPU. It is an error if the precision is unknown, or if CRADIO_CPU names a
// level that this machine does not have. The caller closes it.
func New(o Options) (*Device, error) {
	if _, err := cpu.Choose(); err != nil {
		return nil, err
	}
	o.Precision = cmp.Or(o.Precision, graph.Full)
	if err := o.Precision.Check(); err != nil {
		return nil, err
	}
	if o.Precision == graph.TF32 {
		return nil, fmt.Errorf("%s is a precision of NVIDIA GPUs from 8.0 on: choose device cuda, or float32, bfloat16 or int8", o.Precision)
	}
	d := &Device{options: o, pool: o.Pool, small: max(o.Small, 0)}
	if o.Small == 0 {
		d.small = cpu.SmallDefault
	}
	switch {
	case o.Pool != nil:
	case o.Threads > 0:
		d.pool = cpu.NewPool(o.Threads)
	default:
		d.pool = cpu.Default()
	}
	return d, nil
}

// Close ends the threads that the device owns.
func (d *Device) Close() error {
	if d.options.Pool == nil && d.options.Threads > 0 {
		d.pool.Close()
	}
	return nil
}

// Name implements graph.Device.
func (*Device) Name() string { return name }

// String returns the line of cpu.Describe.
func (*Device) String() string { return cpu.Describe() }

// Options implements graph.Device.
func (d *Device) Options() graph.DeviceOptions {
	return graph.DeviceOptions{
		Precision: d.options.Precision, Threads: d.options.Threads, Frozen: d.options.Packed != nil, Small: d.options.Small,
	}
}

// ThreadBytes implements graph.ThreadedDevice.
func (d *Device) ThreadBytes() int64 { return d.pool.Bytes() }

// Implements implements graph.Device: every fusion is there.
func (*Device) Implements(op graph.Operation, dt tensor.Dtype) bool {
	return of(op) != nil && (dt == tensor.Float32 || dt == tensor.Float64)
}

// Forms implements graph.Device. Only float32 is rounded, and only with packed weights.
func (d *Device) Forms(i *graph.Instruction, maker map[*graph.Value]*graph.Instruction) (f graph.Forms) {
	if d.options.Precision == graph.Full || d.options.Packed == nil || i.Out().Dtype() != tensor.Float32 {
		return f
	}
	if how := of(i.Operation()); how != nil && how.forms != nil {
		return how.forms(i, d.options.Precision, maker)
	}
	return f
}

// InPlace implements graph.Device.
func (*Device) InPlace(i *graph.Instruction) int {
	if how := of(i.Operation()); how.inPlace != nil {
		return how.inPlace(i.Operation())
	}
	return -1
}

// alignment of every value in the arena, bytes: a cache line.
const alignment = 64

// Align implements graph.Device.
func (*Device) Align() int { return alignment }

// Bytes implements graph.Device.
func (*Device) Bytes(shape tensor.Shape, dt tensor.Dtype, f graph.Form) int {
	if f != graph.Dense {
		return cpu.ActivationsBytes(formOf(f), rows(shape), last(shape))
	}
	return shape.TotalSize() * int(dt.Size())
}

// formOf is a form other than Dense, as kernels name it.
func formOf(f graph.Form) cpu.Form {
	if f == BF16 {
		return cpu.BFloat16
	}
	return cpu.Int8
}

// Scratch implements graph.Device.
func (d *Device) Scratch(i *graph.Instruction) int {
	how := of(i.Operation())
	if how == nil || isReduced(i) {
		return 0
	}
	return how.room(i.Operation(), i.Shapes(), i.Out().Dtype(), d.pool)
}

// isReduced says whether an operand of i is in a form other than Dense.
func isReduced(i *graph.Instruction) bool {
	if i.Out().Form() != graph.Dense {
		return true
	}
	for _, v := range i.In() {
		if v.Form() != graph.Dense {
			return true
		}
	}
	return false
}

// Freezes implements graph.Device.
func (d *Device) Freezes(*graph.Weight) bool { return d.options.Packed != nil }
