package ptxsim

import (
	"fmt"
	"runtime"
	"sort"
	"sync"
	"sync/atomic"
)

// Order is in which the warps of a block run.
type Order int

// The orders.
const (
	FirstFirst  Order = iota // each warp as far as it can, the first one first
	LastFirst                // the same, the last one first
	Interleaved              // a few instructions each
)

// Device is memory and processors. The fields must not change while it runs.
type Device struct {
	Cores     int   // blocks that run at once; 0 means as many as the machine has cores
	Order     Order // of warps
	Immediate bool  // asynchronous copies arrive at once, not at the wait for them
	Races     bool  // look for races in shared memory
	Count     bool  // count Traffic

	mu        sync.Mutex // of what follows
	limit     int
	used      int
	next      uint64 // address of the next allocation
	memory    []*allocation
	constants map[*Module]map[string]uint64
	steps     int64
	traffic   Traffic
	idle      map[shape][]*block // that have run

	atomics sync.Mutex // one atomic operation at a time
}

// allocation is a piece of global memory.
type allocation struct {
	address uint64
	bytes   []byte
	module  bool        // belongs to a module, not to a caller of Alloc
	stored  atomic.Bool // by a kernel
}

// Where the state spaces lie among generic addresses.
const (
	paramBase  = uint64(0x7c0000000000)
	localBase  = uint64(0x7d0000000000)
	sharedBase = uint64(0x7e0000000000)
	globalBase = uint64(0x7f0000000000)
)

// allocationAlign is the alignment of Alloc, as that of cuMemAlloc.
const allocationAlign = 256

// NewDevice returns a device with so many bytes of global memory.
func NewDevice(bytes int) *Device { return NewDeviceAbove(bytes, 0) }

// NewDeviceAbove is NewDevice with addresses that are higher by so much, as those of another GPU are.
func NewDeviceAbove(bytes int, above uint64) *Device {
	return &Device{limit: bytes, next: globalBase + above + allocationAlign, constants: map[*Module]map[string]uint64{}, idle: map[shape][]*block{}}
}

// Alloc returns the address of n bytes of global memory, which are NaN.
func (d *Device) Alloc(n int) (uint64, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.alloc(n, false)
}

func (d *Device) alloc(n int, module bool) (uint64, error) {
	if n < 1 {
		return 0, fmt.Errorf("an allocation of %d bytes, want at least 1", n)
	}
	if d.used+n > d.limit {
		return 0, fmt.Errorf("out of device memory: %d bytes wanted, %d of %d are free", n, d.limit-d.used, d.limit)
	}
	a := &allocation{address: d.next, bytes: make([]byte, n), module: module}
	fill(a.bytes, 0xff)
	d.used += n
	d.next += uint64(n+2*allocationAlign-1) / allocationAlign * allocationAlign
	d.memory = append(d.memory, a)
	return a.address, nil
}

func fill(b []byte, v byte) {
	for i := range b {
		b[i] = v
	}
}

// Free gives back what Alloc gave.
func (d *Device) Free(address uint64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	i := d.find(address)
	if i < 0 || d.memory[i].address != address || d.memory[i].module {
		return fmt.Errorf("free of %#x, which is not an allocation", address)
	}
	d.used -= len(d.memory[i].bytes)
	d.memory = append(d.memory[:i:i], d.memory[i+1:]...)
	return nil
}

// Allocations returns the number of allocations that have not been freed.
func (d *Device) Allocations() (n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, a := range d.memory {
		if !a.module {
			n++
		}
	}
	return n
}

// Free memory and all memory, in bytes.
func (d *Device) Memory() (free, total int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.limit - d.used, d.limit
}

// find returns the index of the allocation that an address lies in, or -1.
func (d *Device) find(address uint64) int {
	i := sort.Search(len(d.memory), func(i int) bool { return d.memory[i].address > address }) - 1
	if i < 0 || address-d.memory[i].address >= uint64(len(d.memory[i].bytes)) {
		return -1
	}
	return i
}

// Bytes returns n bytes of global memory. They stay valid until they are freed.
func (d *Device) Bytes(address uint64, n int) ([]byte, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	i := d.find(address)
	if i < 0 {
		return nil, fmt.Errorf("%#x is in no allocation", address)
	}
	a := d.memory[i]
	from := address - a.address
	if n < 0 || uint64(n) > uint64(len(a.bytes))-from {
		return nil, fmt.Errorf("%d bytes at %#x are beyond its allocation, which ends at %#x", n, address, a.address+uint64(len(a.bytes)))
	}
	return a.bytes[from:][:n:n], nil
}

// Steps returns how many instructions of warps have run.
func (d *Device) Steps() int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.steps
}

// Launch runs a kernel over a grid.
func (d *Device) Launch(k *Kernel, l Launch) error {
	if err := l.check(k); err != nil {
		return fmt.Errorf("%s: %w", k.Name, err)
	}
	params, err := k.pack(l.Args)
	if err != nil {
		return fmt.Errorf("%s: %w", k.Name, err)
	}
	globals, err := d.globals(k.module)
	if err != nil {
		return fmt.Errorf("%s: %w", k.Name, err)
	}
	cores := d.Cores
	if cores == 0 {
		cores = runtime.GOMAXPROCS(0)
	}
	var next atomic.Int64
	var failure error
	var first sync.Once
	var group sync.WaitGroup
	n := l.blocks()
	for range min(int64(cores), n) {
		group.Go(func() {
			b := d.block(k, &l, params, globals)
			defer d.keep(b)
			for i := next.Add(1) - 1; i < n; i = next.Add(1) - 1 {
				b.reset(l.index(i))
				if err := b.run(); err != nil {
					first.Do(func() { failure = err })
					next.Store(n)
				}
			}
		})
	}
	group.Wait()
	return failure
}

// globals returns the addresses of the variables of a module. The first launch makes them.
func (d *Device) globals(m *Module) (map[string]uint64, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if g, ok := d.constants[m]; ok {
		return g, nil
	}
	g := map[string]uint64{}
	for name, v := range m.variables {
		if v.contents == nil {
			continue
		}
		at, err := d.alloc(max(len(v.contents), 1), true)
		if err != nil {
			return nil, err
		}
		copy(d.memory[len(d.memory)-1].bytes, v.contents)
		g[name] = at
	}
	d.constants[m] = g
	return g, nil
}
