package graph

import (
	"fmt"
	"hash"
	"hash/fnv"
	"io"

	"cradio/cpu"

	"github.com/chewxy/hm"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Op adapts any Kernel to Gorgonia: it is an Op, an SDOp and a UsePreallocDoer.
// It keeps no state of a run, so that one graph serves several machines.
type Op struct {
	Kernel Kernel
	Path   string // where in the model, "blocks.3.attn.qkv"

	salt  string // unique in its graph, so that Gorgonia never merges two operations
	shape tensor.Shape
	dtype tensor.Dtype
	sig   []hm.Type

	derivative bool // part of a gradient
}

var (
	_ G.SDOp            = (*Op)(nil)
	_ G.UsePreallocDoer = (*Op)(nil)
)

func newOp(k Kernel, path, salt string, children []*Node) (*Op, error) {
	shapes := make([]tensor.Shape, len(children))
	sig := make([]hm.Type, 0, len(children)+1)
	for i, c := range children {
		shapes[i] = c.Shape()
		sig = append(sig, c.Type())
	}
	shape, err := k.Shape(shapes)
	if err != nil {
		return nil, fmt.Errorf("%v %w", k, err)
	}
	dt := children[0].Dtype()
	sig = append(sig, G.TensorType{Dims: shape.Dims(), Of: dt})
	return &Op{Kernel: k, Path: path, salt: salt, shape: shape, dtype: dt, sig: sig}, nil
}

// Arity is the number of inputs.
func (o *Op) Arity() int { return len(o.sig) - 1 }

// Type is a fresh function type at each call: Gorgonia returns it to a pool.
func (o *Op) Type() hm.Type { return hm.NewFnType(o.sig...) }

// InferShape gives the shape that the Kernel computed when it was applied.
func (o *Op) InferShape(...G.DimSizer) (tensor.Shape, error) { return o.shape.Clone(), nil }

// ReturnsPtr and CallsExtern make the TapeMachine hand each operation a
// buffer for its output.
func (o *Op) ReturnsPtr() bool { return true }

// CallsExtern: see ReturnsPtr.
func (o *Op) CallsExtern() bool { return true }

// OverwritesInput is -1: on the TapeMachine nothing is computed in place.
func (o *Op) OverwritesInput() int { return -1 }

// WriteHash writes the Kernel's string and the salt.
func (o *Op) WriteHash(h hash.Hash) { io.WriteString(h, o.String()) }

// Hashcode is the FNV-1a hash of String.
func (o *Op) Hashcode() uint32 {
	h := fnv.New32a()
	o.WriteHash(h)
	return h.Sum32()
}

func (o *Op) String() string { return o.Kernel.String() + "@" + o.salt }

// Do computes into a new tensor.
func (o *Op) Do(in ...G.Value) (G.Value, error) {
	return o.UsePreallocDo(newDense(o.dtype, o.shape), in...)
}

// UsePreallocDo computes into prealloc. Gorgonia calls it on a goroutine of its
// own, where a panic would end the process: it is returned as an error.
func (o *Op) UsePreallocDo(prealloc G.Value, in ...G.Value) (_ G.Value, err error) {
	defer recovered(&err, o.Path)
	a := &Args{In: make([]*tensor.Dense, len(in))}
	var ok bool
	if a.Out, ok = prealloc.(*tensor.Dense); !ok {
		return nil, fmt.Errorf("%s: %v: output is a %T, want a dense tensor", o.Path, o.Kernel, prealloc)
	}
	shapes := make([]tensor.Shape, len(in))
	for i, v := range in {
		if a.In[i], ok = v.(*tensor.Dense); !ok {
			return nil, fmt.Errorf("%s: %v: input %d is a %T, want a dense tensor", o.Path, o.Kernel, i, v)
		}
		if a.In[i], err = RowMajor(a.In[i]); err != nil {
			return nil, fmt.Errorf("%s: %v: input %d %w", o.Path, o.Kernel, i, err)
		}
		shapes[i] = a.In[i].Shape()
	}
	if err := inRows(a.Out); err != nil {
		return nil, fmt.Errorf("%s: %v: output %w", o.Path, o.Kernel, err)
	}
	pool := cpu.Default()
	if s, ok := o.Kernel.(Scratcher); ok {
		if n := s.Scratch(shapes, pool.Threads()); n > 0 {
			a.Scratch = newDense(a.Out.Dtype(), tensor.Shape{n})
		}
	}
	r, err := o.Kernel.Bind(a)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.Path, err)
	}
	r.Run(pool)
	return a.Out, nil
}

// DiffWRT says which inputs have a gradient.
func (o *Op) DiffWRT(n int) []bool { return o.Kernel.Diff(n) }

// SymDiff adds the Kernel's gradient operations to the graph.
func (o *Op) SymDiff(in G.Nodes, out, dy *Node) (grads G.Nodes, err error) {
	defer recovered(&err, o.Path)
	b := derivative(out.Graph(), dy.Dtype(), o)
	grads = o.Kernel.Grad(b, in, out, dy)
	return grads, b.Err()
}

// recovered turns a panic into an error that names the place.
func recovered(err *error, path string) {
	if p := recover(); p != nil {
		*err = Target{}.panicked(p, path)
	}
}

// newDense is a zeroed dense tensor.
func newDense(dt tensor.Dtype, shape tensor.Shape) *tensor.Dense {
	return tensor.New(tensor.Of(dt), tensor.WithShape(shape...))
}
