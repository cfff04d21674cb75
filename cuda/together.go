package cuda

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"cradio/graph"

	"gorgonia.org/tensor"
)

// several is the GPUs of a machine as one device. Each run is on one of them; what runs at once is spread over
// all. Weights are updated on the first; the others copy them by way of main memory when they have changed.
type several struct {
	*Device // the first, for which programs are compiled
	all     []*Device

	mu       sync.Mutex
	machines []int                    // of each
	of       map[*graph.Program][]int // and of a program
}

var _ graph.SeveralDevices = (*several)(nil)

// Together makes one device of several, which it closes, also where it fails. They must be of one kind, since
// programs are compiled once: results then do not depend on which of them computes.
func Together(list []*Device) (graph.Device, error) {
	if len(list) == 0 {
		return nil, errors.New("there is no GPU: choose device cpu")
	}
	s := &several{Device: list[0], all: list, machines: make([]int, len(list)), of: map[*graph.Program][]int{}}
	for i, d := range list {
		if d.about != list[0].about {
			err := fmt.Errorf("GPU 0 is %v, and GPU %d is %v: several compute together if they are of one kind: choose one, such as %s:0", list[0], i, d, name)
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}

// String names the GPUs.
func (s *several) String() string { return fmt.Sprintf("%d × %v", len(s.all), s.Device) }

// Options implements graph.Device.
func (s *several) Options() graph.DeviceOptions {
	o := s.Device.Options()
	o.Index = graph.All
	return o
}

// Count implements graph.SeveralDevices.
func (s *several) Count() int { return len(s.all) }

// Parallel implements graph.ParallelDevice.
func (s *several) Parallel() int { return len(s.all) * s.Device.Parallel() }

// PackedBytes implements graph.Device: of the GPU that has the most to store.
func (s *several) PackedBytes(p *graph.Program) (all, missing int) {
	for _, d := range s.all {
		_, n := d.PackedBytes(p)
		missing = max(missing, n)
	}
	all, _ = s.Device.PackedBytes(p)
	return all, missing
}

// Room implements graph.Device: on each GPU.
func (s *several) Room(bytes int64) error {
	for i, d := range s.all {
		if err := d.Room(bytes); err != nil {
			return fmt.Errorf("GPU %d: %w", i, err)
		}
	}
	return nil
}

// Load implements graph.Device: on the GPU that has the fewest machines of the program, and then of all; or on the first.
func (s *several) Load(p *graph.Program) (graph.Machine, error) {
	at := s.choose(p)
	m, err := s.all[at].Load(p)
	if err != nil {
		s.left(p, at)
		return nil, fmt.Errorf("GPU %d: %w", at, err)
	}
	return &member{machine: m.(*machine), of: s, gpu: at}, nil
}

func (s *several) choose(p *graph.Program) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of[p] == nil {
		s.of[p] = make([]int, len(s.all))
	}
	at, own := 0, s.of[p]
	if !updates(p) {
		for i := range own {
			if cmp.Or(cmp.Compare(own[i], own[at]), cmp.Compare(s.machines[i], s.machines[at])) < 0 {
				at = i
			}
		}
	}
	s.machines[at]++
	own[at]++
	return at
}

// left says that a machine is gone.
func (s *several) left(p *graph.Program, gpu int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.machines[gpu]--
	own := s.of[p]
	if own[gpu]--; slices.Max(own) == 0 {
		delete(s.of, p)
	}
}

// updates says whether p writes weights.
func updates(p *graph.Program) bool { return slices.ContainsFunc(p.Instructions(), isUpdate) }

// Close implements graph.Device.
func (s *several) Close() error {
	var errs []error
	for i, d := range s.all {
		if err := d.Close(); err != nil {
			errs = append(errs, fmt.Errorf("GPU %d: %w", i, err))
		}
	}
	return errors.Join(errs...)
}

// member is a machine on one of several GPUs, which its errors name.
type member struct {
	*machine
	of     *several
	gpu    int
	closed bool
}

// Run implements graph.Machine.
func (m *member) Run(ctx context.Context) error { return m.named(m.machine.Run(ctx)) }

// Value implements graph.Machine.
func (m *member) Value(n *graph.Node) (*tensor.Dense, error) {
	x, err := m.machine.Value(n)
	return x, m.named(err)
}

// Close implements graph.Machine.
func (m *member) Close() error {
	if !m.closed {
		m.closed = true
		m.of.left(m.program, m.gpu)
	}
	return m.named(m.machine.Close())
}

func (m *member) named(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("GPU %d: %w", m.gpu, err)
}
