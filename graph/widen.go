package graph

import (
	"slices"

	"gorgonia.org/tensor"
)

// widen keeps the values of a small program with gradients in float64 from one operation
// to the next, and rounds each output once. The device says which programs are small. Of a
// small gradient the rounding between operations may decide everything: where one channel
// is a hundred times as large as all others, as in trained models, the error is that of its
// one value, none or a unit in the last place.
//
// It is all of the program that is small or not, since gradients of weights are sums over
// the batch: unlike those of a forward pass its results may depend on the batch's size.
//
// Inputs and weights are converted before their first reader: frozen weights once,
// others at each run, since they may have changed. Gorgonia's own operations keep
// the type that they were made for. Updates write
// weights in the graph's type, and take gradients rounded to it, as if these were outputs.
func (p *Program) widen() {
	if !p.derivative || p.dtype != tensor.Float32 || !p.device.Widens(p) {
		return
	}
	w := widening{other: map[*Value]*Value{}}
	for _, i := range p.instrs {
		w.add(i)
	}
	p.instrs = w.list
}

// widening is a program as far as it has been widened.
type widening struct {
	list  []*Instruction
	other map[*Value]*Value // the same tensor in the other type
}

// add appends i, and the conversions of what it reads and of the output it makes.
func (w *widening) add(i *Instruction) {
	i.in = slices.Clone(i.in)
	for j, v := range i.in {
		dt := tensor.Float64
		if i.op == nil {
			dt = v.node.Dtype()
		} else if i.gradientsOnly() {
			dt = i.out.dtype
		}
		i.in[j] = w.as(dt, v, i.path)
	}
	w.list = append(w.list, i)
	switch v := i.out; {
	case i.op == nil || i.gradientsOnly():
	case v.kind == Computed:
		v.dtype = tensor.Float64
	default:
		i.out = &Value{shape: v.shape, dtype: tensor.Float64}
		w.other[v] = i.out
		w.convert(i.out, v, i.path)
	}
}

// as is v in type dt; path is that of its reader.
func (w *widening) as(dt tensor.Dtype, v *Value, path string) *Value {
	if v.dtype == dt {
		return v
	}
	if w.other[v] == nil {
		w.other[v] = &Value{node: v.node, shape: v.shape, dtype: dt, scalar: v.scalar}
		w.convert(v, w.other[v], path)
	}
	return w.other[v]
}

func (w *widening) convert(from, to *Value, path string) {
	w.list = append(w.list, &Instruction{path: path, op: Convert{}, in: []*Value{from}, out: to})
}
