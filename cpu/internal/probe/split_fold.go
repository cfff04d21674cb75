package probe

import (
	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// foldPanelTask makes some columns of a panel of weights that are split: the right operand of scores.
type foldPanelTask Step

func (t *foldPanelTask) Do(worker, i int) {
	s := (*Step)(t)
	for k := range s.Inputs {
		in, p := &s.Inputs[k], &s.inputs[k]
		slices := pool.Blocks(p.size, s.form.slice())
		if n := pool.Blocks(in.Heads*s.Classes, kernel.TileCols) * slices; i >= n {
			i -= n
			continue
		}
		s.foldPanel(&s.memory[worker], in, p, i/slices, i%slices*s.form.slice())
		return
	}
}

// foldPanels is how many tasks there are.
func (s *Step) foldPanels() (n int) {
	for k, in := range s.Inputs {
		n += pool.Blocks(in.Heads*s.Classes, kernel.TileCols) * pool.Blocks(s.inputs[k].size, s.form.slice())
	}
	return n
}

// foldPanel makes a slice of a panel of an input's weights, from column k0 on.
func (s *Step) foldPanel(m *workerMemory, in *Input, p *place, panel, k0 int) {
	const cols = kernel.TileCols
	width, n := in.To-in.From, min(s.form.slice(), p.size-k0)
	ld, first := n+padding, panel*cols
	rows := min(cols, in.Heads*s.Classes-first)
	to := kernel.At(s.folded, p.weights+panel*p.stride+s.form.right(k0, cols))
	if g := p.segments[0]; len(p.segments) == 1 && s.Factor == nil && g.from+k0+n <= g.to {
		s.table.PackPanel(cols, m.packed, in.Weight[first*width+k0:], width, rows, n)
		s.table.AMX.SplitPanel(to, kernel.At(m.packed, 0), n/step, nil)
		return
	}
	for _, g := range p.segments {
		lo, hi := max(k0, g.at-p.at), min(k0+n, g.end()-p.at)
		if lo >= hi {
			continue
		}
		from := g.from + lo - (g.at - p.at)
		whole := max(0, min(hi-lo, g.to-from))
		for r := range rows {
			row := m.rows[r*ld+lo-k0:][:hi-lo]
			clear(row[whole:])
			if whole > 0 {
				s.scale(row[:whole], in.Weight[(first+r)*width+from-in.From:], from)
			}
		}
	}
	s.table.PackPanel(cols, m.packed, m.rows, ld, rows, n)
	s.table.AMX.SplitPanel(to, kernel.At(m.packed, 0), n/step, nil)
}
