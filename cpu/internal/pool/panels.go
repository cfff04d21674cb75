package pool

import "sync"

// PanelsSize is the size in float32 of the memory for panels.
const PanelsSize = 1 << 22

// panels is memory for an operand that is packed for one operation: all workers write it in
// one region, and read it in the next. It is there from the first such operation on.
type panels struct {
	mu     sync.Mutex // held from TakePanels to ReturnPanels
	memory []float32
}

// TakePanels returns PanelsSize elements that nobody else has until ReturnPanels.
func (p *Pool) TakePanels() []float32 {
	p.panels.mu.Lock()
	if p.panels.memory == nil {
		p.panels.memory = Aligned(PanelsSize)
	}
	return p.panels.memory
}

// ReturnPanels ends what TakePanels began.
func (p *Pool) ReturnPanels() { p.panels.mu.Unlock() }
