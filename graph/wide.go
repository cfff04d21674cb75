package graph

import (
	"slices"

	"cradio/cpu"

	"gorgonia.org/tensor"
)

// widen keeps the values of a small program with gradients in float64 from one
// operation to the next, and rounds each output once. Small operations are computed
// in float64 as it is (see cpu.SetSmall); what is left to be seen is the rounding of
// what goes between them. Of a small gradient it may decide everything: where one
// channel is a hundred times as large as all others, as in trained models, the error
// is that of its one value, none or a unit in the last place.
//
// It is all of the program that is small or not, since gradients of weights are sums over
// the batch: unlike those of a forward pass its results may depend on the batch's size.
//
// Inputs and weights are converted before their first reader: frozen weights once,
// others at each run, since they may have changed. Gorgonia's own operations keep
// the type that they were made for, but its sums of gradients become ours.
func (p *Program) widen() {
	if !p.derivative || p.dtype != tensor.Float32 || p.target.Precision != cpu.Full || !p.small() {
		return
	}
	w := widening{other: map[*value]*value{}}
	for _, i := range p.instrs {
		w.add(i)
	}
	p.instrs = w.list
}

// widening is a program as far as it has been widened.
type widening struct {
	list  []*instr
	other map[*value]*value // the same tensor in the other type
}

// add appends i, and the conversions of what it reads and of the output it makes.
func (w *widening) add(i *instr) {
	if i.sum() {
		i.kernel, i.foreign = binary{op: cpu.Add}, nil
	}
	i.in = slices.Clone(i.in)
	for j, v := range i.in {
		dt := tensor.Float64
		if i.kernel == nil {
			dt = v.node.Dtype()
		}
		i.in[j] = w.as(dt, v, i.path)
	}
	w.list = append(w.list, i)
	switch v := i.out; {
	case i.kernel == nil:
	case v.kind == computed:
		v.dtype = tensor.Float64
	default:
		i.out = &value{shape: v.shape, dtype: tensor.Float64}
		w.other[v] = i.out
		w.convert(i.out, v, i.path)
	}
}

// as is v in type dt; path is that of its reader.
func (w *widening) as(dt tensor.Dtype, v *value, path string) *value {
	if v.dtype == dt {
		return v
	}
	if w.other[v] == nil {
		w.other[v] = &value{node: v.node, shape: v.shape, dtype: dt, scalar: v.scalar}
		w.convert(v, w.other[v], path)
	}
	return w.other[v]
}

func (w *widening) convert(from, to *value, path string) {
	w.list = append(w.list, &instr{path: path, kernel: convert{}, in: []*value{from}, out: to})
}

// smallOperations is how many of the largest small operations a small program may
// cost, all together: a tenth of a second of one core's time.
const smallOperations = 16

// small says whether p is a small program, by the limit of cpu.SetSmall.
func (p *Program) small() bool {
	cost := 0.0
	for _, i := range p.instrs {
		cost += i.cost()
	}
	limit := cpu.Small()
	return limit > 0 && cost <= smallOperations*float64(limit)
}

// elementCost is what an element costs in float64 where it is not made of products,
// in multiplications: few where it is added, more where it takes an exp.
const elementCost = 16

// cost is the time of i in float64, in multiplications.
func (i *instr) cost() float64 {
	size := func(v *value) float64 { return float64(v.shape.TotalSize()) }
	switch i.kernel.(type) {
	case linear, linearGradInput: // x (…, In), w (Out, In)
		return float64(rows(i.in[0].shape)) * size(i.in[1])
	case linearGradWeight: // dy (…, Out), x (…, In)
		return size(i.in[0]) * float64(last(i.in[1].shape))
	case attention: // qkv (B, T, 3D): two products of B·T·T·D
		return 2 * size(i.in[0]) / 3 * float64(i.in[0].shape[1])
	case attentionGrad: // nine of them
		return 9 * size(i.in[0]) / 3 * float64(i.in[0].shape[1])
	}
	return elementCost * size(i.out)
}
