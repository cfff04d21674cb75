package cuda

import (
	"cmp"
	"errors"
	"fmt"
	"sync"

	"cradio/cuda/kernels"
	"cradio/graph"

	"gorgonia.org/tensor"
)

// Options are those of a device.
type Options struct {
	Driver Driver
	// Index is which of several GPUs the driver's is.
	Index int
	// Precision is that of attention and of products with frozen weights: graph.Full, which is
	// float32, graph.TF32 or graph.BFloat16.
	Precision graph.Precision
	// Frozen says that weights never change; see graph.DeviceOptions.
	Frozen bool
	// Small has no effect: no operation is computed in float64.
	Small int
}

// Device is a GPU as a graph.Device.
type Device struct {
	options Options
	about   Description

	mu        sync.Mutex // of the driver, and of what follows
	driver    Driver
	functions map[string]Function // of kernels that are loaded
	weights   weights
	trained   trained
	owned     []Pointer // what programs have computed once
	closed    bool
}

var _ graph.ParallelDevice = (*Device)(nil)

// name is that by which the device is registered.
const name = "cuda"

// BF16 is the form of values in bfloat16: rows of the last axis, which begin at multiples of 16
// bytes.
const BF16 = graph.Form(graph.BFloat16)

// The least architectures, by precision.
const (
	pascal = 60
	ampere = 80 // has matrix instructions for bfloat16 and TF32
)

// New opens a device on a driver, which it closes. It is an error if the GPU is too old for the
// precision.
func New(o Options) (*Device, error) {
	o.Precision = cmp.Or(o.Precision, graph.Full)
	about := o.Driver.Describe()
	least := pascal
	switch o.Precision {
	case graph.Full:
	case graph.BFloat16, graph.TF32:
		least = ampere
	default:
		return nil, fmt.Errorf("device %s computes in float32, tf32 and bfloat16, not in %s: choose one of these", name, o.Precision)
	}
	switch of := fmt.Sprintf("%s has compute capability %d.%d", about.Name, about.Architecture/10, about.Architecture%10); {
	case about.Architecture < pascal:
		return nil, fmt.Errorf("%s, and device %s needs %d.%d: choose device cpu", of, name, pascal/10, pascal%10)
	case about.Architecture < least:
		return nil, fmt.Errorf("%s, and %s needs %d.%d: choose float32, or device cpu", of, o.Precision, least/10, least%10)
	}
	return &Device{options: o, about: about, driver: o.Driver, functions: map[string]Function{}, weights: weights{}, trained: trained{}}, nil
}

// Close brings weights that were trained to main memory, frees all of them, and closes the driver.
func (d *Device) Close() error {
	err := d.home()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil
	}
	d.closed = true
	errs := []error{err, d.weights.free(d.driver), d.trained.free(d.driver)}
	for _, p := range d.owned {
		errs = append(errs, d.driver.Free(p))
	}
	d.owned = nil
	return errors.Join(append(errs, d.driver.Close())...)
}

// Name implements graph.Device.
func (*Device) Name() string { return name }

// String names the GPU.
func (d *Device) String() string {
	return fmt.Sprintf("%s, compute capability %d.%d, %d multiprocessors", d.about.Name, d.about.Architecture/10, d.about.Architecture%10, d.about.Multiprocessors)
}

// Options implements graph.Device.
func (d *Device) Options() graph.DeviceOptions {
	return graph.DeviceOptions{Index: d.options.Index, Precision: d.options.Precision, Frozen: d.options.Frozen, Small: d.options.Small}
}

// Implements implements graph.Device.
func (*Device) Implements(op graph.Operation, dt tensor.Dtype) bool {
	how := of(op)
	return how != nil && dt == tensor.Float32 && (how.implements == nil || how.implements(op))
}

// Widens implements graph.Device: nothing is computed in float64.
func (*Device) Widens(*graph.Program) bool { return false }

// Forms implements graph.Device.
func (d *Device) Forms(i *graph.Instruction, _ map[*graph.Value]*graph.Instruction) (f graph.Forms) {
	how := of(i.Operation())
	if d.options.Precision != graph.BFloat16 || !d.options.Frozen || how == nil || how.forms == nil {
		return f
	}
	return how.forms(i)
}

// InPlace implements graph.Device: a Linear may add to its residual.
func (*Device) InPlace(i *graph.Instruction) int {
	if k, ok := i.Operation().(graph.Linear); ok {
		_, _, residual, _ := k.Operands()
		return residual
	}
	return -1
}

// Bytes implements graph.Device.
func (*Device) Bytes(shape tensor.Shape, dt tensor.Dtype, f graph.Form) int {
	if f == BF16 {
		return 2 * rows(shape) * kernels.Stride(last(shape))
	}
	return shape.TotalSize() * int(dt.Size())
}

// alignment of values in the arena, bytes: what the widest load wants, and a sector of memory.
const alignment = 256

// Align implements graph.Device.
func (*Device) Align() int { return alignment }

// Scratch implements graph.Device.
func (d *Device) Scratch(i *graph.Instruction) int {
	how := of(i.Operation())
	if how == nil || how.scratch == nil {
		return 0
	}
	return how.scratch(d, i)
}

// Freezes implements graph.Device.
func (d *Device) Freezes(*graph.Weight) bool { return d.options.Frozen }

// PackedBytes implements graph.Device: the memory of the device that the weights of p take.
func (d *Device) PackedBytes(p *graph.Program) (all, missing int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	seen := map[stored]bool{}
	for _, i := range p.Instructions() {
		for at, v := range i.In() {
			s, frozen := storedOf(i, at)
			if whole := trainable(v); whole != nil {
				s = stored{whole, graph.Dense}
			} else if !frozen {
				continue
			}
			if seen[s] {
				continue
			}
			seen[s] = true
			n, there := d.Bytes(v.Shape(), v.Dtype(), s.form), d.weights[s] != nil
			if !frozen {
				n, there = d.Bytes(s.weight.Shape(), v.Dtype(), graph.Dense), d.trained[s.weight] != nil
			}
			all += n
			if !there {
				missing += n
			}
		}
	}
	return all, missing
}

// Room implements graph.Device.
func (d *Device) Room(bytes int64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	free, err := d.driver.Memory()
	if err != nil {
		return err
	}
	if bytes > free {
		return &graph.MemoryError{Need: bytes, Free: free, Limit: "the memory of " + d.about.Name}
	}
	return nil
}

// Parallel implements graph.ParallelDevice: while one machine computes, what another needs is copied.
func (*Device) Parallel() int { return 2 }

// rows is the number of rows of s when its last axis is the row.
func rows(s tensor.Shape) int {
	n := 1
	for _, d := range s[:max(len(s)-1, 0)] {
		n *= d
	}
	return n
}

// last is the width of the last axis.
func last(s tensor.Shape) int {
	if len(s) == 0 {
		return 1
	}
	return s[len(s)-1]
}
