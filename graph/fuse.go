package graph

import "slices"

// A fusion joins instruction i with the one that makes one of its inputs. It returns that
// one, and the instruction that takes the place of both; nil where there is nothing to
// join. maker has the instructions whose output only one instruction uses.
type fusion func(p *Program, i *Instruction, maker map[*Value]*Instruction) (gone, fused *Instruction)

var fusions = []fusion{epilogue, gain, conditioned, summed}

// fuse joins instructions, where the device implements the result. A value that something
// else needs, an output or a tap, is not fused away. The sums that Gorgonia makes of
// gradients become operations, which may work in place.
func (p *Program) fuse() {
	uses := map[*Value]int{}
	for _, i := range p.instrs {
		for _, v := range i.in {
			uses[v]++
		}
	}
	for _, i := range p.instrs {
		if i.sum() {
			i.op, i.foreign = Binary{Op: Add}, nil
		}
	}
	maker := map[*Value]*Instruction{}
	gone := map[*Instruction]bool{}
	for _, i := range p.instrs {
		for _, join := range fusions {
			other, fused := join(p, i, maker)
			if other == nil || !p.device.Implements(fused.op, i.out.dtype) {
				continue
			}
			fused.derivative = i.derivative
			*i = *fused
			gone[other] = true
			break
		}
		if i.out.kind == Computed && uses[i.out] == 1 {
			maker[i.out] = i
		}
	}
	p.instrs = slices.DeleteFunc(p.instrs, func(i *Instruction) bool { return gone[i] })
}

// made is the instruction with an operation O that makes input `at` of i.
func made[O Operation](i *Instruction, at int, maker map[*Value]*Instruction) (m *Instruction, op O, ok bool) {
	if m = maker[i.in[at]]; m == nil {
		return nil, op, false
	}
	op, ok = m.op.(O)
	return m, op, ok
}

// epilogue appends to a Linear the operation that follows it: GELU, a product with a row
// (LayerScale), or the sum with a residual of its own shape, in that order.
func epilogue(_ *Program, i *Instruction, maker map[*Value]*Instruction) (gone, fused *Instruction) {
	at := 0
	binary, _ := i.op.(Binary)
	switch i.op.(type) {
	case GELU:
	case Binary:
		if binary.Op == Add {
			at = 1 // residual + branch
		}
	default:
		return nil, nil
	}
	l, linear, ok := made[Linear](i, at, maker)
	if !ok {
		return nil, nil
	}
	in := l.in
	switch i.op.(type) {
	case GELU:
		if linear != (Linear{Bias: linear.Bias}) {
			return nil, nil
		}
		linear.GELU = true
	default:
		same, row := i.in[0].shape.Eq(i.in[1].shape), len(i.in[1].shape) == 1
		switch {
		case binary.Op == Mul && row && !linear.Scale && !linear.Residual:
			linear.Scale = true
		case binary.Op == Add && same && i.in[0] != i.in[1] && !linear.Residual:
			linear.Residual = true
		default:
			return nil, nil
		}
		in = append(in[:len(in):len(in)], i.in[1-at])
	}
	return l, &Instruction{path: i.path, op: linear, in: in, out: i.out}
}

// gain lets a LayerNorm of frozen weights take the factor of the Scale that follows it.
func gain(_ *Program, i *Instruction, maker map[*Value]*Instruction) (gone, fused *Instruction) {
	scale, ok := i.op.(Scale)
	if !ok {
		return nil, nil
	}
	l, norm, ok := made[LayerNorm](i, 0, maker)
	if !ok || !l.in[1].frozen || !l.in[2].frozen {
		return nil, nil
	}
	norm.Gain *= scale.Factor
	return l, &Instruction{path: i.path, op: norm, in: l.in, out: i.out}
}

// conditioned lets Patches normalise the image that they cut. With Target.Check, which
// names the pixel that is not finite, Normalize stays.
func conditioned(p *Program, i *Instruction, maker map[*Value]*Instruction) (gone, fused *Instruction) {
	patches, ok := i.op.(Patches)
	if !ok || p.target.Check {
		return nil, nil
	}
	n, _, ok := made[Normalize](i, 0, maker)
	if !ok {
		return nil, nil
	}
	patches.Normalize = true
	return n, &Instruction{path: i.path, op: patches, in: n.in, out: i.out}
}

// summed lets Prefix add a table to the tokens that it puts others before.
func summed(_ *Program, i *Instruction, maker map[*Value]*Instruction) (gone, fused *Instruction) {
	prefix, ok := i.op.(Concat)
	if !ok || !prefix.Broadcast {
		return nil, nil
	}
	a, sum, ok := made[Binary](i, 1, maker)
	if !ok || sum.Op != Add {
		return nil, nil
	}
	if s := a.out.shape; a.in[1].shape.TotalSize() != s[1]*s[2] {
		return nil, nil
	}
	prefix.Sum = true
	return a, &Instruction{path: i.path, op: prefix, in: []*Value{i.in[0], a.in[0], a.in[1]}, out: i.out}
}
