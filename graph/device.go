package graph

import (
	"context"
	"fmt"
	"iter"
	"time"

	"gorgonia.org/tensor"
)

// Device compiles for and runs on some hardware. It is a table from operation to
// implementation, with what goes with it: fused operations, the forms in which values lie
// in memory, and memory itself. Compile asks it, and it loads what Compile has made.
// A Device is safe for concurrent use. See the package comment on how to add one.
type Device interface {
	// Name is that by which the device is registered.
	Name() string
	// String describes the device and the machine in one line.
	String() string
	// Options returns the options with which the device was opened.
	Options() DeviceOptions

	// Implements says whether the device computes op on tensors of type dt. Compile asks
	// it of every operation, and of a fused one, such as Linear{GELU: true}, before it
	// fuses: where the answer is no, the plain operations stay.
	Implements(op Operation, dt tensor.Dtype) bool
	// Widens says whether a float32 program with gradients shall be computed in float64,
	// and its outputs rounded once.
	Widens(p *Program) bool
	// Forms says in which forms i can read and write its operands. maker is the
	// instruction that makes a value, nil for inputs and weights.
	Forms(i *Instruction, maker map[*Value]*Instruction) Forms
	// InPlace returns the index of an input of i whose memory its output may take, or -1.
	InPlace(i *Instruction) int

	// Bytes returns the memory of a tensor in a form.
	Bytes(shape tensor.Shape, dt tensor.Dtype, f Form) int
	// Align is that of every value in the arena, in bytes.
	Align() int
	// Scratch returns the working memory of i, in elements of the type of its output.
	Scratch(i *Instruction) int
	// Freezes says whether a weight never changes, so that the device may keep it in a form
	// of its own, and compute once what depends on such weights alone. It is not asked of
	// trainable weights, which change.
	Freezes(w *Weight) bool
	// PackedBytes returns the memory of the forms of its own in which the device keeps the
	// weights of p, and how much of it is not there yet. It makes none.
	PackedBytes(p *Program) (all, missing int)
	// Room returns a *MemoryError if there are not so many more bytes of memory.
	Room(bytes int64) error

	// Load prepares p to run: it makes an arena, and the weights' forms that are missing.
	Load(p *Program) (Machine, error)
	// Close frees threads and packed weights. Machines must not run any more.
	Close() error
}

// ParallelDevice is a Device that does most when several Machines run at once: it copies for one while
// another computes, or is several processors.
type ParallelDevice interface {
	Device
	// Parallel is how many Machines that is.
	Parallel() int
}

// ThreadedDevice is a Device whose threads have memory of their own, beside that of its Machines.
type ThreadedDevice interface {
	Device
	// ThreadBytes is that of all threads.
	ThreadBytes() int64
}

// SeveralDevices is several devices of one kind as one, as All asks for. Each Machine is on one of them: those of one
// Program that only reads weights are each on another, as long as there is one.
type SeveralDevices interface {
	ParallelDevice
	// Count is how many devices these are.
	Count() int
}

// Machine runs a loaded Program in an arena of its own. It may be used by one goroutine at
// a time. Several Machines may run one Program at once.
type Machine interface {
	// Program returns what runs.
	Program() *Program
	// Set copies x to the tensor of input n. x has the same shape and type; a float64
	// input also accepts float32. x may have any strides.
	Set(n *Node, x *tensor.Dense) error
	// Input returns the tensor of input n, to fill before each Run. It is nil if n is not
	// an input.
	Input(n *Node) *tensor.Dense
	// Run computes the outputs from the inputs. If ctx is done it stops between two
	// instructions, and returns the context's error.
	Run(ctx context.Context) error
	// Value returns the tensor of output n, which the next Run may overwrite.
	Value(n *Node) (*tensor.Dense, error)
	// Trace sets a function that is called after each instruction with the time it took;
	// nil for none.
	Trace(f func(i *Instruction, took time.Duration))
	// Close frees the arena.
	Close() error
}

// ByteMachine is a Machine that can take images as bytes, which are a quarter of the numbers to copy.
type ByteMachine interface {
	Machine
	// Bytes returns memory for input n, of shape (B, C, H, W), as bytes (B, H, W, C), to fill before the next Run:
	// that computes what it would if Input(n) had levels[256·c + v] in the place of a byte v of channel c, to the bit.
	// levels is copied. It is nil where the machine takes no bytes for n. Set and Input go back to numbers.
	Bytes(n *Node, levels []float32) []byte
}

// DeviceOptions are those that every device has; the zero value is a device for weights
// that may change.
type DeviceOptions struct {
	// Precision is that of attention and of products with frozen weights. Norms, sums and
	// everything else stay in float32. One other than Full needs a float32 graph. In BFloat16 and TF32
	// large products with weights that change, and their derivatives, round their operands too,
	// where the device is faster so.
	Precision Precision
	// Index is which of several devices of the same kind is meant, from 0, or All.
	Index int
	// Threads bounds the cores used. 0 means all that are fast, in a pool that the process shares.
	Threads int
	// Frozen says that weights never change. The device may then keep them in a form of
	// its own, and compute what depends on nothing else once.
	Frozen bool
	// Small is the limit of small operations, for devices that compute these in float64 and
	// round once: at most so many multiplications for an image. 0 is the device's default,
	// a negative limit none.
	Small int
}

// All, as an Index, means all devices of a kind, as one.
const All = -1

// Precision is what the operands of products are rounded to.
type Precision string

// The precisions. Full is the type of the graph, float32 or float64.
const (
	Full     Precision = "full"
	BFloat16 Precision = "bfloat16"
	Int8     Precision = "int8"
	TF32     Precision = "tf32" // float32 with 11 bits of precision in place of 24: NVIDIA's GPUs, from 8.0 on
)

// Check returns an error if p is no precision.
func (p Precision) Check() error {
	switch p {
	case Full, BFloat16, Int8, TF32:
		return nil
	}
	return fmt.Errorf("precision is %q, want %s, %s, %s or %s", string(p), Full, BFloat16, Int8, TF32)
}

// Form is how a value lies in memory: Dense, or in a layout that the device has a name for.
type Form string

// Dense is row-major, in the type of the value. Every device reads and writes it.
const Dense Form = ""

// Forms are those in which a device can read and write the operands of an instruction.
type Forms struct {
	Reads  []Form // that each input must have; those that are missing are Dense
	Writes []Form // that the output may have, beside Dense; others are converted from the first
}

func (f Forms) reads(input int) Form {
	if input < len(f.Reads) {
		return f.Reads[input]
	}
	return Dense
}

// PackedDevice is a Device whose packed weights can be saved, and restored in place of packing.
type PackedDevice interface {
	Device
	// Layout names the layout of saved weights: it is that of the kernels in use, and only
	// weights of the same layout can be restored.
	Layout() string
	// Packed iterates over the packed weights, in the order in which they were first needed.
	Packed() iter.Seq[PackedWeight]
	// Restore adds a weight that was saved. section returns the memory of each of its
	// sections, by name, which must outlive the device.
	Restore(w *Weight, p Precision, section func(name string) []byte) error
	// Held returns the memory of the packed weights, without the weights themselves.
	Held() int
}

// PackedWeight is a weight in the form in which a device keeps it.
type PackedWeight struct {
	Weight    *Weight
	Precision Precision
	Sections  []Section // none if the device reads the weight as it lies
}

// Section is a part of a packed weight, in the byte order of this machine.
type Section struct {
	Name string // unique within the weight
	Data []byte // read-only
}
