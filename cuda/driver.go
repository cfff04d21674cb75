package cuda

// Driver is a GPU, as far as this package needs it. What a caller asks for happens in the order of
// the calls. A Driver is used by one goroutine at a time.
type Driver interface {
	// Describe returns what is known of the GPU.
	Describe() Description
	// Memory returns how many bytes of memory are free.
	Memory() (free int64, err error)

	// Alloc returns n bytes of memory, which is aligned to at least 256.
	Alloc(n int) (Pointer, error)
	// Free gives back what Alloc gave.
	Free(p Pointer) error
	// Upload copies to memory of the device. It may return before it has, but has read from.
	Upload(to Pointer, from []byte) error
	// Download copies from memory of the device, and waits for all that was asked for before.
	Download(to []byte, from Pointer) error
	// Send is Upload beside the launches that were asked for before, which must not use that memory. Launches
	// that are asked for afterwards find there what was sent.
	Send(to Pointer, from []byte) error
	// Receive is Download of what is there at a mark, beside the launches that were asked for after it, which
	// must not write that memory.
	Receive(to []byte, from Pointer, after Mark) error
	// Mark makes a mark, at the beginning.
	Mark() (Mark, error)

	// Load compiles the PTX of a module. It stays loaded until Close.
	Load(ptx string) (Module, error)
	// Launch runs a kernel. Errors of the kernel may come with a later call.
	Launch(f Function, l Launch) error
	// Record calls f, and keeps the launches that it asks for instead of running them. f asks for
	// nothing else.
	Record(f func() error) (Recording, error)
	// Replay runs the launches of a recording in order, with the arguments that they had.
	Replay(r Recording) error
	// Wait waits for all that was asked for before.
	Wait() error

	// Close frees all memory and modules.
	Close() error
}

// Description is what is known of a GPU.
type Description struct {
	Name string // "NVIDIA H200", or the emulator's
	// Architecture is 10 times the major compute capability, plus the minor one: 90 for 9.0.
	Architecture int
	// Multiprocessors is how many blocks, at least, run at once.
	Multiprocessors int
}

// Pointer is an address in memory of the device; 0 is none.
type Pointer uint64

// Module is a loaded module.
type Module interface {
	// Function finds a kernel by its name.
	Function(name string) (Function, error)
}

// Function is a kernel of a loaded module.
type Function any

// Mark is a moment in the order of launches.
type Mark interface {
	// Set is asked for like a launch: the mark is behind all that was asked for before.
	Set() error
	// Wait waits until the device has reached it. It may be called while others use the driver.
	Wait() error
	// Close gives it back.
	Close() error
}

// Recording is what a driver has kept of launches. It is closed before the memory that they use is
// freed.
type Recording interface{ Close() error }

// Launch says how a kernel runs.
type Launch struct {
	Grid, Block [3]int // blocks, and threads of each
	Shared      int    // bytes of dynamic shared memory of a block; over 48 KB a GPU must be asked for it
	// Args are the parameters of the kernel: Pointer, TensorMap, int32, int64, float32 or float64.
	Args []any
	// Overlap lets the launch begin before the one before it has ended, where the driver can: the kernel
	// waits for that itself. Compute capability 9.0 or newer.
	Overlap bool
}

// TensorMap is a parameter that describes a tensor in memory of the device, for kernels that copy boxes of
// it. Boxes are swizzled by 128 bytes, which is also the most that a row of one has; what is outside of the
// tensor is read as 0. Compute capability 9.0 or newer.
type TensorMap struct {
	Base Pointer // a multiple of 16
	// Float32 says that elements are float32; else they are bfloat16.
	Float32 bool
	Dims    [3]int // elements, the contiguous ones first; the third is 0 for a matrix
	Strides [2]int // bytes from row to row, and from matrix to matrix: multiples of 16
	Box     [3]int // elements
}

// Rank is the number of dimensions.
func (t TensorMap) Rank() int {
	if t.Dims[2] == 0 {
		return 2
	}
	return 3
}

// ElementBytes is the size of an element.
func (t TensorMap) ElementBytes() int {
	if t.Float32 {
		return 4
	}
	return 2
}
