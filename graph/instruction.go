package graph

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Value is a tensor of a Program. It is read-only.
type Value struct {
	node   *Node
	shape  tensor.Shape
	dtype  tensor.Dtype
	form   Form
	kind   Kind
	weight *Weight // or nil
	frozen bool
	scalar bool
	block
}

// Kind says where a value's memory comes from.
type Kind int

// The kinds.
const (
	Computed Kind = iota // made by an instruction, in the arena
	Result               // the same, and kept to the end of the run
	Input                // filled before a run, in the arena
	Bound                // a weight, its new value after an Update, or a constant, in memory of its own
)

// Node returns the node of the graph, nil for a value that Compile has added.
func (v *Value) Node() *Node { return v.node }

// Shape returns the shape, which must not be changed.
func (v *Value) Shape() tensor.Shape { return v.shape }

// Dtype returns the type of the elements, whatever the form.
func (v *Value) Dtype() tensor.Dtype { return v.dtype }

// Form returns how the value lies in memory.
func (v *Value) Form() Form { return v.form }

// Kind says where the memory comes from.
func (v *Value) Kind() Kind { return v.kind }

// Weight returns the weight that the value is, or nil.
func (v *Value) Weight() *Weight { return v.weight }

// Frozen says that the value is a weight that never changes.
func (v *Value) Frozen() bool { return v.frozen }

// Scalar says that the value is a scalar of Gorgonia's own operations, of one element.
func (v *Value) Scalar() bool { return v.scalar }

// Place returns the place in the arena: offset and size in bytes.
func (v *Value) Place() (offset, size int) { return v.offset, v.size }

func (v *Value) formName() string {
	if v.form == Dense {
		return v.dtype.String()
	}
	return string(v.form)
}

// Instruction is one step of a Program: an operation, or a foreign one, of Gorgonia's own.
// It is read-only.
type Instruction struct {
	path     string
	op       Operation
	foreign  G.Op
	in       []*Value
	out      *Value
	scratch  *Value // or nil
	releases bool

	derivative bool // part of a gradient
}

// Path returns the scope path, "blocks.3.attn.qkv".
func (i *Instruction) Path() string { return i.path }

// Operation returns what is computed, nil for a foreign operation.
func (i *Instruction) Operation() Operation { return i.op }

// In returns the inputs; the list must not be changed.
func (i *Instruction) In() []*Value { return i.in }

// Out returns the output.
func (i *Instruction) Out() *Value { return i.out }

// Scratch returns the working memory, or nil.
func (i *Instruction) Scratch() *Value { return i.scratch }

// Releases says that the inputs, weights all, shall be released after each run: they are
// large, and nothing else reads them.
func (i *Instruction) Releases() bool { return i.releases }

// FLOPs counts the floating-point operations of products: see Operation.FLOPs.
func (i *Instruction) FLOPs() float64 {
	if i.op == nil {
		return 0
	}
	return i.op.FLOPs(i.Shapes())
}

// update is the operation if it is an Update, else nil.
func (i *Instruction) update() Update {
	u, _ := i.op.(Update)
	return u
}

// String returns the name of the operation.
func (i *Instruction) String() string {
	if i.op == nil {
		return fmt.Sprintf("gorgonia %v", i.foreign)
	}
	return i.op.String()
}

// Shapes returns the shapes of the inputs.
func (i *Instruction) Shapes() []tensor.Shape {
	s := make([]tensor.Shape, len(i.in))
	for j, v := range i.in {
		s[j] = v.shape
	}
	return s
}

// form is that of the first input and of the output, one where they are the same.
func (i *Instruction) form() string {
	out := i.out.formName()
	if len(i.in) == 0 || i.in[0].formName() == out {
		return out
	}
	return i.in[0].formName() + "→" + out
}

// Tensor returns the tensor of a Bound value: that of its weight, or of its node. The value
// that an Update makes is that of the weight that it writes. It is an
// error if that is not row-major or has changed its shape. Loading a deferred weight may
// take a while.
func (v *Value) Tensor() (*tensor.Dense, error) {
	if v.weight != nil && (v.weight.trainable() || v.node.Value() == nil) {
		return v.weight.Value()
	}
	d, ok := v.node.Value().(*tensor.Dense)
	if !ok {
		return nil, fmt.Errorf("%s holds a %T, want a dense tensor", v.node.Name(), v.node.Value())
	}
	if err := fits(d, v.shape, v.dtype); err != nil {
		return nil, fmt.Errorf("%s %w", v.node.Name(), err)
	}
	return d, nil
}
