package graph

import (
	"fmt"
	"slices"
	"strings"
)

// recompute lets gradients read what is computed once more, for each scope that the target
// lists. The instructions are those of the forward pass, after fusion, so that they give the
// same bits; they stand before the first gradient that needs them.
func (p *Program) recompute() error {
	for _, scope := range p.target.Recompute {
		if !slices.ContainsFunc(p.instrs, func(i *Instruction) bool { return i.within(scope) }) {
			return fmt.Errorf("nothing to recompute at %q: no instruction of the program is there", scope)
		}
		r := recomputing{maker: map[*Value]*Instruction{}, again: map[*Value]*Value{}}
		outside := map[*Value]bool{} // what is read from outside of the scope
		for _, i := range p.instrs {
			for _, v := range i.in {
				outside[v] = outside[v] || !i.within(scope)
			}
		}
		for _, i := range p.instrs {
			forward := i.within(scope) && !i.derivative && !i.gradientsOnly()
			if forward && i.out.kind == Computed && !outside[i.out] {
				r.maker[i.out] = i
			}
		}
		for _, i := range p.instrs {
			if i.derivative && i.within(scope) {
				i.in = slices.Clone(i.in)
				for j, v := range i.in {
					i.in[j] = r.value(v)
				}
			}
			r.list = append(r.list, i)
		}
		p.instrs = r.list
	}
	return nil
}

// within says whether i is in a scope.
func (i *Instruction) within(scope string) bool {
	return i.path == scope || strings.HasPrefix(i.path, scope+".")
}

// recomputing is a program as far as the values of a scope are computed again.
type recomputing struct {
	maker map[*Value]*Instruction // of those that can be
	again map[*Value]*Value
	list  []*Instruction
}

// value is v computed again, if it is one of those.
func (r *recomputing) value(v *Value) *Value {
	i, ok := r.maker[v]
	if !ok {
		return v
	}
	if r.again[v] == nil {
		c := *i
		c.in = slices.Clone(i.in)
		for j, x := range c.in {
			c.in[j] = r.value(x)
		}
		out := *v
		c.out, c.derivative = &out, true
		r.again[v] = &out
		r.list = append(r.list, &c)
	}
	return r.again[v]
}
