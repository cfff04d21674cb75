package graph

import (
	"slices"

	"cradio/cpu"

	"gorgonia.org/tensor"
)

// lower decides for each instruction its implementation in the target's precision,
// for each value the form in which it lives, and what working memory there is
// beside. Which kernel runs on the machine at hand is the affair of package cpu,
// which dispatches on its level when the instruction is bound.
func (p *Program) lower() {
	if p.target.Precision != cpu.Full && p.target.Packs != nil {
		p.narrow()
	}
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

// lowering is how an instruction runs in the target's precision. The zero value
// leaves it as it is.
type lowering struct {
	reads  cpu.Precision   // the form that its first input must have
	writes []cpu.Precision // the narrow forms that its output can have
}

// lowering is the choice for instruction i.
func (p *Program) lowering(i *instr, maker map[*value]*instr) (l lowering) {
	if i.out.dtype != tensor.Float32 {
		return l
	}
	switch k := i.kernel.(type) {
	case layerNorm, patches:
		l.writes = []cpu.Precision{cpu.BFloat16, cpu.Int8}
	case attention:
		l.reads, l.writes = cpu.BFloat16, []cpu.Precision{cpu.BFloat16}
	case linear:
		if !i.in[1].frozen {
			return l
		}
		l.reads = p.target.Precision
		if !even(i.in[0], maker) {
			l.reads = cpu.BFloat16
		}
		if !k.residual {
			l.writes = []cpu.Precision{cpu.BFloat16}
		}
	}
	return l
}

// narrow lowers to the target's precision. A value lives in the form that its
// readers ask for where its maker can write that, and else a conversion stands
// before the first of them, one for each form. Outputs, inputs and whatever
// another kind of instruction reads stay as they are.
func (p *Program) narrow() {
	maker := map[*value]*instr{}
	for _, i := range p.instrs {
		maker[i.out] = i
	}
	plan := map[*instr]lowering{}
	asked := map[*value][]cpu.Precision{} // by each reader
	for _, i := range p.instrs {
		l := p.lowering(i, maker)
		plan[i] = l
		for j, v := range i.in {
			f := cpu.Full
			if j == 0 {
				f = l.reads
			}
			asked[v] = append(asked[v], f)
		}
	}
	for _, i := range p.instrs {
		if i.out.kind == computed {
			i.out.form = form(asked[i.out], plan[i].writes)
		}
	}
	type conversion struct {
		from *value
		to   cpu.Precision
	}
	converted := map[conversion]*value{}
	var list []*instr
	for _, i := range p.instrs {
		if l := plan[i]; l.reads != cpu.Full && i.in[0].form != l.reads {
			c := conversion{i.in[0], l.reads}
			if converted[c] == nil {
				converted[c] = &value{shape: c.from.shape, dtype: c.from.dtype, form: c.to}
				path := i.path // of an input of the program, that of its first reader
				if m := maker[c.from]; m != nil {
					path = m.path
				}
				list = append(list, &instr{path: path, kernel: convert{}, in: []*value{c.from}, out: converted[c]})
			}
			i.in = slices.Clone(i.in)
			i.in[0] = converted[c]
		}
		i.kernel = plan[i].kernel(i)
		list = append(list, i)
	}
	p.instrs = list
}

// form is that of a value whose readers ask for some forms, and whose maker
// writes some narrow ones.
func form(asked, writes []cpu.Precision) cpu.Precision {
	if len(asked) == 0 || slices.Contains(asked, cpu.Full) {
		return cpu.Full
	}
	one := asked[0]
	if !slices.ContainsFunc(asked, func(f cpu.Precision) bool { return f != one }) && slices.Contains(writes, one) {
		return one
	}
	if slices.Contains(writes, cpu.BFloat16) {
		return cpu.BFloat16
	}
	return cpu.Full
}

// kernel is the implementation of i, whose operands have their forms.
func (l lowering) kernel(i *instr) Kernel {
	switch k := i.kernel.(type) {
	case linear:
		if l.reads != cpu.Full {
			return narrowLinear{k, l.reads}
		}
	case attention:
		if l.reads != cpu.Full {
			return narrowAttention{k}
		}
	case layerNorm:
		if i.out.form != cpu.Full {
			return narrowLayerNorm{k}
		}
	case patches:
		if i.out.form != cpu.Full {
			return narrowPatches{k}
		}
	}
	return i.kernel
}

// even says whether the elements of a row of v are near enough in size that one
// scale suits them all: what comes out of a norm, an attention or an activation. In
// the residual stream trained models have channels a hundred times as large as the
// others: in bfloat16 the Linears that read it, those of feature normalisers and
// heads, are off by half as much, at a small part of the cost. So is the first of
// the model, on pixels.
func even(v *value, maker map[*value]*instr) bool {
	i := maker[v]
	if i == nil {
		return false
	}
	switch k := i.kernel.(type) {
	case layerNorm, attention, gelu, relu:
		return true
	case linear:
		return k.gelu
	case scale:
		return even(i.in[0], maker)
	}
	return false
}
