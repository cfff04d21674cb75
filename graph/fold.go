package graph

import "slices"

// foldMost is the largest output that is kept, bytes, unless the weights that it is
// computed of are larger still.
const foldMost = 16 << 20

// fold takes the instructions that all read frozen weights alone out of the program: see
// Once. Those of which the caller reads the output stay, and those whose output is large:
// that has room in the arena while it is needed, and takes a small part of a run so large.
func (p *Program) fold() {
	p.instrs = slices.DeleteFunc(p.instrs, func(i *Instruction) bool {
		constant := i.op != nil && i.out.kind == Computed &&
			!slices.ContainsFunc(i.in, func(v *Value) bool { return !v.frozen })
		if constant && p.large(i) {
			i.releases = true
			return false
		}
		if constant {
			i.out.kind = Bound
			i.scratch = p.scratch(i)
			p.once = append(p.once, i)
		}
		return constant
	})
}

// large says that the output of i, a constant, is better computed in each run.
func (p *Program) large(i *Instruction) bool {
	reads := 0
	for _, v := range i.in {
		reads += p.bytes(v)
	}
	return p.bytes(i.out) >= max(foldMost, reads)
}
