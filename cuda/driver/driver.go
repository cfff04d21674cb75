//go:build nvidia && linux && cgo && (amd64 || arm64)

package driver

import (
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"

	"cradio/cuda"
	"cradio/cuda/internal/libcuda"
	"cradio/graph"

	"gorgonia.org/cu"
)

const built = true

// gpu is a cuda.Driver on a GPU: its primary context, which all drivers of the GPU in a program
// share, and streams of its own. The context is that of the operating system's thread, so each
// method sets it.
type gpu struct {
	device  cu.Device
	context cu.CUContext
	lane             // launches, and copies in their order
	in, out lane     // copies beside them
	sent    cu.Event // of the last copy in
	about   cuda.Description
	// overlaps says that launches may overlap: before CUDA 12.3, drivers could not record that.
	overlaps bool
	memory   map[cuda.Pointer]bool
	modules  []cu.Module

	recordings map[*recording]bool
	marks      map[*mark]bool
	// lost is since when nothing is asked of it; what it had goes with its context. Those who wait for marks see it too.
	lost atomic.Pointer[graph.LostError]
}

var _ cuda.Driver = (*gpu)(nil)

// Open opens the GPU with an index, 0 for the first.
func Open(index int) (cuda.Driver, error) {
	n, err := count()
	if err != nil {
		return nil, err
	}
	if index < 0 || index >= n {
		return nil, missing(index, n)
	}
	g := &gpu{memory: map[cuda.Pointer]bool{}, recordings: map[*recording]bool{}, marks: map[*mark]bool{}}
	if err := g.open(index); err != nil {
		return nil, errors.Join(fmt.Errorf("GPU %d: %w", index, err), g.Close())
	}
	return g, nil
}

// missing is the error of a GPU that is none of the n that there are.
func missing(index, n int) error {
	if n == 1 {
		return fmt.Errorf("there is no GPU %d: the only one is %s:0; check CUDA_VISIBLE_DEVICES", index, name)
	}
	return fmt.Errorf("there is no GPU %d: choose one of %s:0 to %s:%d, or %s:all; check CUDA_VISIBLE_DEVICES", index, name, name, n-1, name)
}

// count is how many GPUs there are, at least one.
func count() (int, error) {
	if err := libcuda.Open(); err != nil {
		return 0, err
	}
	n, err := cu.NumDevices()
	if err != nil {
		return 0, fmt.Errorf("counting GPUs: %w", err)
	}
	if n == 0 {
		return 0, errors.New("the NVIDIA driver finds no GPU: check CUDA_VISIBLE_DEVICES and nvidia-smi, or choose device cpu")
	}
	return n, nil
}

func (g *gpu) open(index int) (err error) {
	if g.device, err = cu.GetDevice(index); err != nil {
		return err
	}
	if g.about.Name, err = g.device.Name(); err != nil {
		return err
	}
	attributes, err := g.device.Attributes(cu.ComputeCapabilityMajor, cu.ComputeCapabilityMinor, cu.MultiprocessorCount)
	if err != nil {
		return err
	}
	g.about.Architecture = 10*attributes[0] + attributes[1]
	g.about.Multiprocessors = attributes[2]
	g.overlaps = g.about.Architecture >= 90 && cu.Version() >= 12030
	if g.context, err = g.device.RetainPrimaryCtx(); err != nil {
		return fmt.Errorf("its context: %w", err)
	}
	return g.do(func() error {
		for _, l := range []*lane{&g.lane, &g.in, &g.out} {
			if l.stream, err = cu.MakeStream(cu.DefaultStream); err != nil {
				return err
			}
		}
		g.sent, err = cu.MakeEvent(cu.DisableTiming)
		return err
	})
}

// do calls f on a thread whose context is that of the GPU.
func (g *gpu) do(f func() error) error {
	if lost := g.lost.Load(); lost != nil {
		return lost
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := cu.SetCurrentContext(g.context)
	if err == nil {
		err = f()
	}
	return g.seen(err)
}

// release is do of what gives something back, which a GPU that is lost has not any more.
func (g *gpu) release(f func() error) error {
	if g.lost.Load() != nil {
		return nil
	}
	return g.do(f)
}

// Describe implements cuda.Driver.
func (g *gpu) Describe() cuda.Description { return g.about }

// Memory implements cuda.Driver.
func (g *gpu) Memory() (free int64, err error) {
	err = g.do(func() error {
		free, _, err = cu.MemInfo()
		return err
	})
	return free, err
}

// Alloc implements cuda.Driver.
func (g *gpu) Alloc(n int) (p cuda.Pointer, err error) {
	err = g.do(func() error {
		d, err := cu.MemAlloc(int64(n))
		if errors.Is(err, cu.OutOfMemory) {
			free, _, _ := cu.MemInfo()
			return &graph.MemoryError{Need: int64(n), Free: free, Limit: "the memory of " + g.about.Name}
		}
		p = cuda.Pointer(d)
		return err
	})
	if err == nil {
		g.memory[p] = true
	}
	return p, err
}

// Free implements cuda.Driver. It waits for what may use the memory.
func (g *gpu) Free(p cuda.Pointer) error {
	if !g.memory[p] {
		return fmt.Errorf("%#x was not allocated here", uint64(p))
	}
	delete(g.memory, p)
	return g.release(func() error { return cu.MemFree(cu.DevicePtr(p)) })
}

// Upload implements cuda.Driver.
func (g *gpu) Upload(to cuda.Pointer, from []byte) error {
	return g.do(func() error { return g.upload(cu.DevicePtr(to), from) })
}

// Download implements cuda.Driver.
func (g *gpu) Download(to []byte, from cuda.Pointer) error {
	return g.do(func() error {
		if err := g.download(to, cu.DevicePtr(from)); err != nil {
			return err
		}
		return g.stream.Synchronize()
	})
}

// module is a loaded module.
type module struct {
	gpu *gpu
	cu.Module
}

// Load implements cuda.Driver.
func (g *gpu) Load(ptx string) (cuda.Module, error) {
	m := module{gpu: g}
	err := g.do(func() (err error) {
		m.Module, err = cu.LoadData(ptx)
		return err
	})
	if err != nil {
		return nil, err
	}
	g.modules = append(g.modules, m.Module)
	return m, nil
}

// function is a kernel, with the dynamic shared memory that it has been allowed.
type function struct {
	cu.Function
	name   string
	shared int
}

// Function implements cuda.Module.
func (m module) Function(name string) (cuda.Function, error) {
	f := &function{name: name}
	err := m.gpu.do(func() (err error) {
		f.Function, err = m.Module.Function(name)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("kernel %s: %w", name, err)
	}
	return f, nil
}

// Launch implements cuda.Driver.
func (g *gpu) Launch(to cuda.Function, l cuda.Launch) error {
	f, ok := to.(*function)
	if !ok {
		return fmt.Errorf("a %T is not a kernel of this driver", to)
	}
	args, err := parameters(l.Args)
	if err != nil {
		return fmt.Errorf("kernel %s: %w", f.name, err)
	}
	return g.do(func() error {
		if l.Shared > f.shared { // more than 48 KB, with its static memory, must be allowed
			if err := allowShared(f.Function, l.Shared); err != nil {
				return fmt.Errorf("%d bytes of shared memory for %s: %w", l.Shared, f.name, err)
			}
			f.shared = l.Shared
		}
		if l.Overlap && g.overlaps || args.hasMaps {
			return launchKernel(f.Function, l, l.Overlap && g.overlaps, g.stream, args)
		}
		return f.Function.Launch(l.Grid[0], l.Grid[1], l.Grid[2], l.Block[0], l.Block[1], l.Block[2], l.Shared, g.stream, args.pointers)
	})
}

// Wait implements cuda.Driver.
func (g *gpu) Wait() error { return g.do(g.stream.Synchronize) }

// Close implements cuda.Driver.
func (g *gpu) Close() error {
	if g.context == (cu.CUContext{}) {
		return nil
	}
	err := g.release(func() error {
		var errs []error
		for _, l := range []*lane{&g.lane, &g.in, &g.out} {
			errs = append(errs, l.finish())
		}
		for m := range g.marks {
			errs = append(errs, m.Close())
		}
		if g.sent != (cu.Event{}) {
			errs = append(errs, cu.DestroyEvent(&g.sent))
		}
		for r := range g.recordings {
			errs = append(errs, r.Close())
		}
		for p := range g.memory {
			errs = append(errs, cu.MemFree(cu.DevicePtr(p)))
		}
		for _, m := range g.modules {
			errs = append(errs, m.Unload())
		}
		for _, l := range []*lane{&g.lane, &g.in, &g.out} {
			errs = append(errs, l.close())
		}
		return errors.Join(errs...)
	})
	g.memory, g.modules, g.context = nil, nil, cu.CUContext{}
	return errors.Join(err, g.device.ReleasePrimaryCtx())
}
