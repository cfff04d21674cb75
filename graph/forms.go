package graph

import (
	"slices"

	"gorgonia.org/tensor"
)

// chooseForms decides in which form each value lives, and what working memory there is
// beside. A value lives in the form that its readers ask for where its maker can write
// that, and else a conversion stands before the first of them, one for each form. Outputs
// and inputs of the program stay dense.
func (p *Program) chooseForms() {
	maker := map[*Value]*Instruction{}
	for _, i := range p.instrs {
		maker[i.out] = i
	}
	forms := map[*Instruction]Forms{}
	asked := map[*Value][]Form{} // by each reader
	for _, i := range p.instrs {
		if i.op != nil {
			forms[i] = p.device.Forms(i, maker)
		}
		for j, v := range i.in {
			asked[v] = append(asked[v], forms[i].reads(j))
		}
	}
	for _, i := range p.instrs {
		if i.out.kind == Computed {
			i.out.form = form(asked[i.out], forms[i].Writes)
		}
	}
	c := conversions{program: p, maker: maker, made: map[conversion]*Value{}}
	for _, i := range p.instrs {
		c.read(i, forms[i])
		c.list = append(c.list, i)
	}
	p.instrs = c.list
	for _, i := range p.instrs {
		i.scratch = p.scratch(i)
	}
}

// scratch is the working memory of i, or nil.
func (p *Program) scratch(i *Instruction) *Value {
	if i.op == nil {
		return nil
	}
	n := p.device.Scratch(i)
	if n == 0 {
		return nil
	}
	return &Value{shape: tensor.Shape{n}, dtype: i.out.dtype}
}

// conversions are those of a program, in the list of its instructions as far as it is made.
type conversions struct {
	program *Program
	maker   map[*Value]*Instruction
	made    map[conversion]*Value
	list    []*Instruction
}

// conversion is a value and the form that it is wanted in.
type conversion struct {
	from *Value
	to   Form
}

// read lets i read its inputs in the forms that it asks for.
func (c *conversions) read(i *Instruction, f Forms) {
	i.in = slices.Clone(i.in)
	for j, v := range i.in {
		to := f.reads(j)
		if to == Dense || to == v.form {
			continue
		}
		w := conversion{v, to}
		if c.made[w] == nil {
			path := i.path // of an input of the program, that of its first reader
			if m := c.maker[v]; m != nil {
				path = m.path
			}
			c.made[w] = &Value{shape: v.shape, dtype: v.dtype, form: to}
			c.list = append(c.list, &Instruction{path: path, op: Convert{}, in: []*Value{v}, out: c.made[w]})
		}
		i.in[j] = c.made[w]
	}
}

// form is that of a value whose readers ask for some forms, and whose maker writes some.
// Where they ask for several, it is converted from the first that the maker writes.
func form(asked, writes []Form) Form {
	if len(asked) == 0 || len(writes) == 0 || slices.Contains(asked, Dense) {
		return Dense
	}
	one := asked[0]
	if slices.Contains(writes, one) && !slices.ContainsFunc(asked, func(f Form) bool { return f != one }) {
		return one
	}
	return writes[0]
}
