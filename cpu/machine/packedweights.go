package machine

import (
	"fmt"
	"iter"
	"sync"

	"cradio/cpu"
	"cradio/graph"

	"gorgonia.org/tensor"
)

// PackedWeights holds packed weights in memory. Each is packed once, when the first program that needs
// it is bound, or is restored from a file. It is safe for concurrent use.
type PackedWeights struct {
	mu    sync.Mutex
	forms map[pack]made
	order []pack
	bytes int

	scratch []float32 // for weights on their way
}

// made is a packed weight, and the version that it was made of.
type made struct {
	cpu.Packed
	version int
}

// pack is a weight in a form.
type pack struct {
	weight *graph.Weight
	form   cpu.Form
}

// bytes is its size if it is packed for a pool.
func (f pack) bytes(p *cpu.Pool) int {
	rows, cols := f.weight.Shape()[0], f.weight.Shape()[1]
	switch {
	case f.form != cpu.Dense:
		return cpu.PackedLowPrecisionBytes(p, f.form, rows, cols)
	case f.weight.Dtype() == tensor.Float64:
		return cpu.PackedBytes[float64](p, rows, cols)
	default:
		return cpu.PackedBytes[float32](p, rows, cols)
	}
}

// NewPackedWeights returns an empty store.
func NewPackedWeights() *PackedWeights { return &PackedWeights{forms: map[pack]made{}} }

// Bytes returns the memory of the packed weights, without the weights themselves.
func (p *PackedWeights) Bytes() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.bytes
}

// lack says whether a form has not been made yet.
func (p *PackedWeights) lack(f pack) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, ok := p.forms[f]
	return !ok
}

// All iterates over the packed weights, in the order in which they were first needed.
func (p *PackedWeights) All() iter.Seq2[*graph.Weight, cpu.Packed] {
	return func(yield func(*graph.Weight, cpu.Packed) bool) {
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, f := range p.order {
			if !yield(f.weight, p.forms[f].Packed) {
				return
			}
		}
	}
}

// Restore adds a packed weight that was saved from All, for a pool of the same layout.
// section returns the memory of each of its sections, by name. That memory must outlive
// the PackedWeights.
func (p *PackedWeights) Restore(pool *cpu.Pool, w *graph.Weight, f cpu.Form, section func(name string) []byte) error {
	if len(w.Shape()) != 2 || w.Dtype() != tensor.Float32 {
		return fmt.Errorf("%s is %v of %v: only matrices of float32 have a packed form", w.Name, w.Shape(), w.Dtype())
	}
	m, err := cpu.Restore(pool, f, w.Shape()[0], w.Shape()[1], section)
	if err != nil {
		return fmt.Errorf("%s: %w", w.Name, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.add(pack{w, f}, m, w.Version())
	return nil
}

// packed is a form of w in full precision.
func packed[T cpu.Float](pool *cpu.Pool, p *PackedWeights, w *graph.Weight) (*cpu.Matrix[T], error) {
	m, err := p.get(pool, pack{w, cpu.Dense}, func(d *tensor.Dense, rows, cols int) cpu.Packed {
		return cpu.Pack(pool, data[T](d), rows, cols)
	})
	if err != nil {
		return nil, err
	}
	return m.(*cpu.Matrix[T]), nil
}

// packedReduced is the packed form of w in a reduced precision.
func packedReduced(pool *cpu.Pool, p *PackedWeights, w *graph.Weight, form cpu.Form) (*cpu.LowPrecisionMatrix, error) {
	m, err := p.get(pool, pack{w, form}, func(d *tensor.Dense, rows, cols int) cpu.Packed {
		return cpu.PackLowPrecision(pool, d.Float32s(), rows, cols, form)
	})
	if err != nil {
		return nil, err
	}
	return m.(*cpu.LowPrecisionMatrix), nil
}

// get finds a packed weight or makes it of the weight, which is released where it is a
// copy. One of an older version is made anew, in other memory: machines may still read it.
func (p *PackedWeights) get(pool *cpu.Pool, f pack, pack func(d *tensor.Dense, rows, cols int) cpu.Packed) (cpu.Packed, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := f.weight
	version := w.Version()
	if m, ok := p.forms[f]; ok && m.version == version {
		return m.Packed, nil
	}
	if f.bytes(pool) == 0 { // it refers to the value
		d, err := w.Value()
		if err != nil {
			return nil, err
		}
		p.add(f, pack(d, w.Shape()[0], w.Shape()[1]), version)
		return p.forms[f].Packed, nil
	}
	if n := w.Shape().TotalSize(); n > len(p.scratch) {
		p.scratch = make([]float32, n)
	}
	d, err := w.Read(p.scratch)
	if err != nil {
		return nil, err
	}
	p.add(f, pack(d, w.Shape()[0], w.Shape()[1]), version)
	w.Release()
	return p.forms[f].Packed, nil
}

// giveBack lets go of the memory that packing took.
func (p *PackedWeights) giveBack() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.scratch = nil
}

func (p *PackedWeights) add(f pack, m cpu.Packed, version int) {
	if old, ok := p.forms[f]; ok {
		p.bytes -= old.Bytes()
	} else {
		p.order = append(p.order, f)
	}
	p.forms[f] = made{m, version}
	p.bytes += m.Bytes()
}
