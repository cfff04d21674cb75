package graph

import "fmt"

// Overlaps lists the pairs of values that share memory while both live.
func Overlaps(p *Program) (pairs []string) {
	type span struct {
		name string
		block
	}
	var all []span
	for _, v := range p.inputs {
		all = append(all, span{v.node.Name(), v.block})
	}
	for _, i := range p.instrs {
		if v := p.inPlace(i); v != nil && v.offset == i.out.offset {
			continue // takes over its input's memory
		}
		if i.out.kind != Bound {
			all = append(all, span{i.path, i.out.block})
		}
		if i.scratch != nil {
			all = append(all, span{i.path + " scratch", i.scratch.block})
		}
	}
	for i, a := range all {
		for _, b := range all[:i] {
			apart := a.to < b.from || b.to < a.from || a.offset+a.size <= b.offset || b.offset+b.size <= a.offset
			if !apart {
				pairs = append(pairs, fmt.Sprintf("%s and %s", a.name, b.name))
			}
		}
	}
	return pairs
}

// Unlink forgets all devices until the returned function is called.
func Unlink() (again func()) {
	list, def := registry.list, registry.standard
	registry.list, registry.standard = nil, nil
	return func() { registry.list, registry.standard = list, def }
}
