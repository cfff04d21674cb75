package graph

import (
	"fmt"

	"cradio/cpu"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Node is a tensor of the expression graph.
type Node = G.Node

// Kernel is all that an operation says about itself.
type Kernel interface {
	// String is the kind and its attributes, "LayerNorm{eps=1e-06}". Two
	// kernels with equal strings compute the same function.
	String() string
	// Shape is the shape rule.
	Shape(in []tensor.Shape) (tensor.Shape, error)
	// Bind prepares the computation of a.Out from a.In. The task may be run
	// any number of times; it reads and writes those tensors each time.
	Bind(a *Args) (Runner, error)
	// Diff says for which of n inputs Grad gives a gradient.
	Diff(n int) []bool
	// Grad adds the gradient with respect to each input, nil where Diff says
	// false; out is the operation's own output, dy the gradient that reaches it.
	Grad(g *Builder, in []*Node, out, dy *Node) []*Node
}

// Runner is a prepared computation, such as *cpu.LayerNorm.
type Runner interface {
	// Check says whether the operands fit each other.
	Check() error
	// Run computes, on the pool's threads, without allocating.
	Run(p *cpu.Pool)
}

// Scratcher is a Kernel that needs working memory beside its operands.
type Scratcher interface {
	// Scratch is the number of elements for these inputs on so many threads.
	Scratch(in []tensor.Shape, threads int) int
}

// InPlacer is a Kernel whose output may take the memory of one of its inputs.
type InPlacer interface {
	// InPlace is the index of that input, or -1.
	InPlace() int
}

// Packer is a Kernel that reads a weight in packed form, where there is one.
type Packer interface {
	// Packs is the index of that input.
	Packs() int
}

// Args are the operands of a Kernel that is being bound.
type Args struct {
	Out     *tensor.Dense
	In      []*tensor.Dense // nil for a weight that is packed
	Scratch *tensor.Dense   // nil unless the Kernel is a Scratcher

	packs   *Packs
	weights []*Weight // by input: those that are packed
	err     error     // of packing

	// Of an operand in a narrow form, the tensor above is nil. shapes are those
	// of the inputs, whatever their form.
	narrowOut *cpu.Narrow
	narrowIn  []*cpu.Narrow
	shapes    []tensor.Shape
}

// typed binds kernel k by the dtype of its output.
func typed[K Kernel](k K, a *Args, f32, f64 func(K, *Args) Runner) (Runner, error) {
	var r Runner
	switch dt := a.Out.Dtype(); dt {
	case tensor.Float32:
		r = f32(k, a)
	case tensor.Float64:
		r = f64(k, a)
	default:
		return nil, fmt.Errorf("%v: no implementation for %v", k, dt)
	}
	if err := r.Check(); err != nil {
		return nil, fmt.Errorf("%v: %w", k, err)
	}
	return r, nil
}

// data is the memory of a dense tensor, without a copy.
func data[T cpu.Float](d *tensor.Dense) []T {
	if d == nil {
		return nil
	}
	var zero T
	if _, single := any(zero).(float32); single {
		return any(d.Float32s()).([]T)
	}
	return any(d.Float64s()).([]T)
}

func in[T cpu.Float](a *Args, i int) []T { return data[T](a.In[i]) }
func out[T cpu.Float](a *Args) []T       { return data[T](a.Out) }
func scratch[T cpu.Float](a *Args) []T   { return data[T](a.Scratch) }

// matrix is input i as the weight of a Linear: packed once where the target
// packs and the weight is frozen, else as it lies.
func matrix[T cpu.Float](a *Args, i int) *cpu.Matrix[T] {
	if a.In[i] == nil {
		m, err := packed[T](a.packs, a.weights[i])
		if err != nil {
			a.err = err
			m = &cpu.Matrix[T]{}
		}
		return m
	}
	s := a.In[i].Shape()
	m := cpu.Wrap(in[T](a, i), s[0], s[1])
	return &m
}

// rows is the number of rows of s when its last axis is the row.
func rows(s tensor.Shape) int {
	n := 1
	for _, d := range s[:len(s)-1] {
		n *= d
	}
	return n
}

// last is the width of the last axis.
func last(s tensor.Shape) int { return s[len(s)-1] }

// ranks checks the number of inputs and the number of axes of each.
func ranks(in []tensor.Shape, want ...int) error {
	if len(in) != len(want) {
		return fmt.Errorf("has %d inputs, want %d", len(in), len(want))
	}
	for i, w := range want {
		if w > 0 && len(in[i]) != w {
			return fmt.Errorf("input %d is %v, want %d axes", i, in[i], w)
		}
		if len(in[i]) == 0 {
			return fmt.Errorf("input %d is a scalar, want a tensor", i)
		}
	}
	return nil
}

// allDiff is embedded by kernels that are differentiable in every input.
type allDiff struct{}

func (allDiff) Diff(n int) []bool {
	d := make([]bool, n)
	for i := range d {
		d[i] = true
	}
	return d
}

// noDiff is embedded by gradient kernels: there are no second derivatives.
type noDiff struct{}

func (noDiff) Diff(n int) []bool { return make([]bool, n) }

func (noDiff) Grad(g *Builder, _ []*Node, _, _ *Node) []*Node {
	g.Fail("second derivatives are not available")
	return nil
}
