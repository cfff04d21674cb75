// Package emulated is a driver for package cuda on the PTX interpreter, for tests.
package emulated

import (
	"fmt"

	"cradio/cuda"
	"cradio/cuda/internal/ptxsim"
)

// Driver runs kernels in ptxsim, when they are launched.
type Driver struct {
	Sim *ptxsim.Device
	// Architecture and Multiprocessors are those of the GPU that it stands for.
	Architecture, Multiprocessors int
	// Launches counts the kernels by name.
	Launches map[string]int

	recording *recording // what launches are kept in, where that is wanted
}

var _ cuda.Driver = (*Driver)(nil)

// New returns a driver with so many bytes of memory, which stands for a small Ampere.
func New(bytes int) *Driver {
	return &Driver{Sim: ptxsim.NewDevice(bytes), Architecture: 80, Multiprocessors: 4, Launches: map[string]int{}}
}

// Describe implements cuda.Driver.
func (d *Driver) Describe() cuda.Description {
	return cuda.Description{Name: "emulator", Architecture: d.Architecture, Multiprocessors: d.Multiprocessors}
}

// Memory implements cuda.Driver.
func (d *Driver) Memory() (free int64, err error) {
	f, _ := d.Sim.Memory()
	return int64(f), nil
}

// Alloc implements cuda.Driver.
func (d *Driver) Alloc(n int) (cuda.Pointer, error) {
	p, err := d.Sim.Alloc(n)
	return cuda.Pointer(p), err
}

// Free implements cuda.Driver.
func (d *Driver) Free(p cuda.Pointer) error { return d.Sim.Free(uint64(p)) }

// Upload implements cuda.Driver.
func (d *Driver) Upload(to cuda.Pointer, from []byte) error {
	b, err := d.Sim.Bytes(uint64(to), len(from))
	copy(b, from)
	return err
}

// Download implements cuda.Driver.
func (d *Driver) Download(to []byte, from cuda.Pointer) error {
	b, err := d.Sim.Bytes(uint64(from), len(to))
	copy(to, b)
	return err
}

// Send implements cuda.Driver.
func (d *Driver) Send(to cuda.Pointer, from []byte) error { return d.Upload(to, from) }

// Receive implements cuda.Driver.
func (d *Driver) Receive(to []byte, from cuda.Pointer, _ cuda.Mark) error {
	return d.Download(to, from)
}

// mark is in the past, since all is done at once.
type mark struct{}

func (mark) Set() error   { return nil }
func (mark) Wait() error  { return nil }
func (mark) Close() error { return nil }

// Mark implements cuda.Driver.
func (*Driver) Mark() (cuda.Mark, error) { return mark{}, nil }

// module is a parsed module.
type module struct{ *ptxsim.Module }

// Load implements cuda.Driver.
func (*Driver) Load(ptx string) (cuda.Module, error) {
	m, err := ptxsim.Parse(ptx)
	return module{m}, err
}

// Function implements cuda.Module.
func (m module) Function(name string) (cuda.Function, error) {
	k := m.Kernels[name]
	if k == nil {
		return nil, fmt.Errorf("there is no kernel %s", name)
	}
	return k, nil
}

// Launch implements cuda.Driver.
func (d *Driver) Launch(f cuda.Function, l cuda.Launch) error {
	k := f.(*ptxsim.Kernel)
	args := make([]any, len(l.Args))
	for i, a := range l.Args {
		switch v := a.(type) {
		case cuda.Pointer:
			a = uint64(v)
		case cuda.TensorMap:
			a = encode(v)
		}
		args[i] = a
	}
	run := func() error {
		d.Launches[k.Name]++
		return d.Sim.Launch(k, ptxsim.Launch{Grid: l.Grid, Block: l.Block, Shared: l.Shared, Args: args, Overlap: l.Overlap})
	}
	if d.recording != nil {
		d.recording.launches = append(d.recording.launches, run)
		return nil
	}
	return run()
}

// encode is a tensor map as the interpreter has it.
func encode(t cuda.TensorMap) []byte {
	return ptxsim.TensorMap{
		Base: uint64(t.Base), Dims: t.Dims, Strides: [2]uint64{uint64(t.Strides[0]), uint64(t.Strides[1])}, Box: t.Box,
		Size: t.ElementBytes(), Swizzle: ptxsim.Swizzle128,
	}.Encode()
}

// recording is a list of launches.
type recording struct{ launches []func() error }

// Close implements cuda.Recording.
func (r *recording) Close() error {
	r.launches = nil
	return nil
}

// Record implements cuda.Driver.
func (d *Driver) Record(f func() error) (cuda.Recording, error) {
	d.recording = &recording{}
	defer func() { d.recording = nil }()
	if err := f(); err != nil {
		return nil, err
	}
	return d.recording, nil
}

// Replay implements cuda.Driver.
func (*Driver) Replay(r cuda.Recording) error {
	for _, run := range r.(*recording).launches {
		if err := run(); err != nil {
			return err
		}
	}
	return nil
}

// Wait implements cuda.Driver.
func (*Driver) Wait() error { return nil }

// Close implements cuda.Driver.
func (*Driver) Close() error { return nil }
