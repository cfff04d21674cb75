package graph

import (
	"sync"

	"cradio/cpu"

	"gorgonia.org/tensor"
)

// Packs holds the packed form of each weight, made once, when the first
// program that needs it is bound. It is safe for concurrent use.
type Packs struct {
	mu    sync.Mutex
	forms map[*tensor.Dense]any // *cpu.Matrix[float32] or [float64]
	bytes int
}

// NewPacks is an empty store.
func NewPacks() *Packs { return &Packs{forms: map[*tensor.Dense]any{}} }

// Bytes is the memory that packed forms take beside the weights themselves.
func (p *Packs) Bytes() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.bytes
}

func packed[T cpu.Float](p *Packs, w *tensor.Dense) *cpu.Matrix[T] {
	p.mu.Lock()
	defer p.mu.Unlock()
	if m, ok := p.forms[w]; ok {
		return m.(*cpu.Matrix[T])
	}
	s := w.Shape()
	m := cpu.Pack(data[T](w), s[0], s[1])
	p.forms[w] = m
	p.bytes += m.Bytes()
	return m
}
