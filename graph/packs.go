package graph

import (
	"sync"

	"cradio/cpu"

	"gorgonia.org/tensor"
)

// Packs holds the packed forms of each weight, made once, when the first
// program that needs one is bound. It is safe for concurrent use.
type Packs struct {
	mu    sync.Mutex
	forms map[pack]packedForm
	bytes int
}

// pack is a weight in a precision.
type pack struct {
	weight    *Weight
	precision cpu.Precision
}

// packedForm is a *cpu.Matrix[float32] or [float64], or a *cpu.NarrowMatrix.
type packedForm interface{ Bytes() int }

// NewPacks is an empty store.
func NewPacks() *Packs { return &Packs{forms: map[pack]packedForm{}} }

// Bytes is the memory that packed forms take beside the weights themselves.
func (p *Packs) Bytes() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.bytes
}

// packed is the packed form of w.
func packed[T cpu.Float](p *Packs, w *Weight) (*cpu.Matrix[T], error) {
	m, err := p.get(pack{w, cpu.Full}, func(d *tensor.Dense, rows, cols int) packedForm { return cpu.Pack(data[T](d), rows, cols) })
	if err != nil {
		return nil, err
	}
	return m.(*cpu.Matrix[T]), nil
}

// packedNarrow is the packed form of w in a narrow precision.
func packedNarrow(p *Packs, w *Weight, precision cpu.Precision) (*cpu.NarrowMatrix, error) {
	m, err := p.get(pack{w, precision}, func(d *tensor.Dense, rows, cols int) packedForm {
		return cpu.PackNarrow(d.Float32s(), rows, cols, precision)
	})
	if err != nil {
		return nil, err
	}
	return m.(*cpu.NarrowMatrix), nil
}

// get finds a form or makes it. A weight that was copied is released.
func (p *Packs) get(key pack, make func(d *tensor.Dense, rows, cols int) packedForm) (packedForm, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if m, ok := p.forms[key]; ok {
		return m, nil
	}
	d, err := key.weight.Value()
	if err != nil {
		return nil, err
	}
	s := key.weight.Shape()
	m := make(d, s[0], s[1])
	p.forms[key] = m
	p.bytes += m.Bytes()
	if m.Bytes() > 0 {
		key.weight.Release()
	}
	return m, nil
}
