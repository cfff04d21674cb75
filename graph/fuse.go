package graph

import (
	"slices"

	"cradio/cpu"
)

// fuse joins a Linear with what follows it: GELU, a product with a row
// (LayerScale), and the sum with a residual of its own shape, in that order. A
// LayerNorm of frozen weights takes the factor of a Scale, Patches the Normalize of
// their image, and Prefix the sum of its tokens with a table. A value that something
// else needs, an output or a tap, is not fused away.
func (p *Program) fuse() {
	uses := map[*value]int{}
	for _, i := range p.instrs {
		for _, v := range i.in {
			uses[v]++
		}
	}
	maker := map[*value]*instr{} // of values that only one instruction uses
	gone := map[*instr]bool{}
	for _, i := range p.instrs {
		if l, at := candidate(i, maker); l != nil {
			*i = *absorb(l, i, at)
			gone[l] = true
		} else if l := scaled(i, maker); l != nil {
			norm := l.kernel.(layerNorm)
			norm.gain *= i.kernel.(scale).factor
			*i = instr{path: i.path, kernel: norm, in: l.in, out: i.out}
			gone[l] = true
		} else if n := conditioned(i, maker); n != nil && !p.target.Check { // which names the pixel
			cut := i.kernel.(patches)
			cut.normalize = true
			*i = instr{path: i.path, kernel: cut, in: n.in, out: i.out}
			gone[n] = true
		} else if a := summed(i, maker); a != nil {
			join := i.kernel.(concat)
			join.sum = true
			*i = instr{path: i.path, kernel: join, in: []*value{i.in[0], a.in[0], a.in[1]}, out: i.out}
			gone[a] = true
		}
		if i.out.kind == computed && uses[i.out] == 1 {
			maker[i.out] = i
		}
	}
	p.instrs = slices.DeleteFunc(p.instrs, func(i *instr) bool { return gone[i] })
}

// candidate is the Linear whose output instruction i can be absorbed into, and
// which input of i it makes.
func candidate(i *instr, maker map[*value]*instr) (l *instr, at int) {
	if len(i.in) == 0 {
		return nil, 0
	}
	if b, ok := i.kernel.(binary); ok && b.op == cpu.Add {
		at = 1 // residual + branch
	}
	l = maker[i.in[at]]
	if l == nil {
		return nil, 0
	}
	lin, ok := l.kernel.(linear)
	if !ok {
		return nil, 0
	}
	switch k := i.kernel.(type) {
	case gelu:
		ok = lin.epilogue == epilogue{}
	case binary:
		same := i.in[0].shape.Eq(i.in[1].shape)
		row := len(i.in[1].shape) == 1
		ok = k.op == cpu.Mul && row && !lin.scale && !lin.residual ||
			k.op == cpu.Add && same && i.in[0] != i.in[1] && !lin.residual
	default:
		ok = false
	}
	if !ok {
		return nil, 0
	}
	return l, at
}

// absorb is the Linear l with instruction i as its epilogue, in i's place.
func absorb(l, i *instr, at int) *instr {
	lin := l.kernel.(linear)
	in := l.in
	switch k := i.kernel.(type) {
	case gelu:
		lin.gelu = true
	case binary:
		lin.scale = lin.scale || k.op == cpu.Mul
		lin.residual = lin.residual || k.op == cpu.Add
		in = append(in[:len(in):len(in)], i.in[1-at])
	}
	return &instr{path: i.path, kernel: lin, in: in, out: i.out}
}

// scaled is the LayerNorm that can take the factor of instruction i, or nil.
func scaled(i *instr, maker map[*value]*instr) *instr {
	if _, ok := i.kernel.(scale); !ok {
		return nil
	}
	l := maker[i.in[0]]
	if l == nil {
		return nil
	}
	if _, ok := l.kernel.(layerNorm); !ok || !l.in[1].frozen || !l.in[2].frozen {
		return nil
	}
	return l
}

// conditioned is the Normalize whose output instruction i cuts into patches, or nil.
func conditioned(i *instr, maker map[*value]*instr) *instr {
	if _, ok := i.kernel.(patches); !ok {
		return nil
	}
	n := maker[i.in[0]]
	if n == nil {
		return nil
	}
	if _, ok := n.kernel.(normalize); !ok {
		return nil
	}
	return n
}

// summed is the sum with a table that makes the tokens to which instruction i puts
// others before, or nil.
func summed(i *instr, maker map[*value]*instr) *instr {
	if k, ok := i.kernel.(concat); !ok || !k.broadcast {
		return nil
	}
	a := maker[i.in[1]]
	if a == nil {
		return nil
	}
	b, ok := a.kernel.(binary)
	if s := a.out.shape; !ok || b.op != cpu.Add || a.in[1].shape.TotalSize() != s[1]*s[2] {
		return nil
	}
	return a
}
