package graph

import "gorgonia.org/tensor"

// lower decides what an instruction needs on the target beside its operands:
// its working memory. Which implementation runs is the affair of package cpu,
// which dispatches on the level of the machine when the instruction is bound.
func (p *Program) lower() {
	threads := p.target.pool().Threads()
	for _, i := range p.instrs {
		s, ok := i.kernel.(Scratcher)
		if !ok {
			continue
		}
		if n := s.Scratch(i.shapes(), threads); n > 0 {
			i.scratch = &value{shape: tensor.Shape{n}, dtype: i.out.dtype}
		}
	}
}
