package graph

import (
	"sync"

	"cradio/cpu"
)

// Packs holds the packed form of each weight, made once, when the first
// program that needs it is bound. It is safe for concurrent use.
type Packs struct {
	mu    sync.Mutex
	forms map[*Weight]any // *cpu.Matrix[float32] or [float64]
	bytes int
}

// NewPacks is an empty store.
func NewPacks() *Packs { return &Packs{forms: map[*Weight]any{}} }

// Bytes is the memory that packed forms take beside the weights themselves.
func (p *Packs) Bytes() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.bytes
}

// packed is the packed form of w. A weight that was copied is released.
func packed[T cpu.Float](p *Packs, w *Weight) (*cpu.Matrix[T], error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if m, ok := p.forms[w]; ok {
		return m.(*cpu.Matrix[T]), nil
	}
	d, err := w.Value()
	if err != nil {
		return nil, err
	}
	m := cpu.Pack(data[T](d), w.Shape()[0], w.Shape()[1])
	p.forms[w] = m
	p.bytes += m.Bytes()
	if m.Bytes() > 0 {
		w.Release()
	}
	return m, nil
}
