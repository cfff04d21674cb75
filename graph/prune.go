package graph

import (
	"fmt"
	"slices"
)

// prune lists, in order of execution, the instructions that outputs need:
// depth first, so that a value is used soon after it is made.
func (p *Program) prune(b *Builder, outputs []*Node) error {
	hashes := map[uint32]*Node{}
	var visit func(n *Node) (*Value, error)
	visit = func(n *Node) (*Value, error) {
		if v, ok := p.index[n]; ok {
			return v, nil
		}
		v := &Value{node: n, shape: n.Shape(), dtype: n.Dtype(), scalar: n.IsScalar()}
		p.index[n] = v
		if n.Op() == nil {
			p.leaf(b, v)
			return v, nil
		}
		if other, ok := hashes[n.Hashcode()]; ok {
			return nil, fmt.Errorf("%v and %v have the same hash: Gorgonia could merge them", n, other)
		}
		hashes[n.Hashcode()] = n
		i := &Instruction{out: v, path: "gorgonia"}
		if op, ours := n.Op().(*Op); ours {
			i.op, i.path = op.Operation, op.Path
			i.derivative = op.derivative
			p.derivative = p.derivative || op.derivative
		} else {
			i.foreign = n.Op()
		}
		for it := b.graph.From(n.ID()); it != nil && it.Next(); {
			c, err := visit(it.Node().(*Node))
			if err != nil {
				return nil, err
			}
			i.in = append(i.in, c)
		}
		if u := i.update(); u != nil {
			v.kind, v.weight = Bound, i.in[0].weight
			for _, written := range i.in[:u.Writes()] {
				for _, w := range p.updates {
					if w.overlaps(written.weight) {
						return nil, fmt.Errorf("%s and %s both write %s: a program updates a weight once", p.writer[w].path, i.path, w.Name)
					}
				}
				p.writer[written.weight] = i
				p.updates = append(p.updates, written.weight)
			}
		}
		p.instrs = append(p.instrs, i)
		return v, nil
	}
	for _, n := range outputs {
		if n == nil {
			return fmt.Errorf("an output is missing")
		}
		v, err := visit(n)
		if err != nil {
			return err
		}
		if v.kind == Computed {
			v.kind = Result
		}
		p.outputs = append(p.outputs, v)
	}
	return nil
}

// leaf says where an input node gets its memory: a Builder's Input, or any node
// without a value that is not a weight, is filled before each run; another is bound
// to its value.
func (p *Program) leaf(b *Builder, v *Value) {
	v.weight = b.owners[v.node]
	if v.weight != nil || v.node.Value() != nil && !slices.Contains(b.inputs, v.node) {
		v.kind = Bound
		return
	}
	v.kind = Input
	p.inputs = append(p.inputs, v)
}

// FLOPs counts the floating-point operations of the products that the outputs need: see
// Operation.FLOPs. It is that of a compiled Program, but needs no device.
func (b *Builder) FLOPs(outputs ...*Node) (float64, error) {
	if b.err != nil {
		return 0, b.err
	}
	p := &Program{index: map[*Node]*Value{}, writer: map[*Weight]*Instruction{}}
	if err := p.prune(b, outputs); err != nil {
		return 0, err
	}
	return p.FLOPs(), nil
}
