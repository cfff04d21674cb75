package graph

import (
	"fmt"
	"hash"
	"hash/fnv"
	"io"

	"github.com/chewxy/hm"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Op adapts any Operation to Gorgonia: it is an Op, an SDOp and a UsePreallocDoer.
// It has no state of a run, so several machines can use one graph.
type Op struct {
	Operation Operation
	Path      string // where in the model, "blocks.3.attn.qkv"

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

func newOp(k Operation, path, salt string, children []*Node) (*Op, error) {
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
	return &Op{Operation: k, Path: path, salt: salt, shape: shape, dtype: dt, sig: sig}, nil
}

// Arity returns the number of inputs.
func (o *Op) Arity() int { return len(o.sig) - 1 }

// Type returns a new function type at each call: Gorgonia returns it to a pool.
func (o *Op) Type() hm.Type { return hm.NewFnType(o.sig...) }

// InferShape returns the shape that the Operation gave when it was applied.
func (o *Op) InferShape(...G.DimSizer) (tensor.Shape, error) { return o.shape.Clone(), nil }

// ReturnsPtr and CallsExtern return true, so that the TapeMachine gives each operation
// a buffer for its output.
func (o *Op) ReturnsPtr() bool { return true }

// CallsExtern: see ReturnsPtr.
func (o *Op) CallsExtern() bool { return true }

// OverwritesInput returns -1: on the TapeMachine nothing is computed in place.
func (o *Op) OverwritesInput() int { return -1 }

// WriteHash writes the Operation's string and the salt.
func (o *Op) WriteHash(h hash.Hash) { io.WriteString(h, o.String()) }

// Hashcode returns the FNV-1a hash of String.
func (o *Op) Hashcode() uint32 {
	h := fnv.New32a()
	o.WriteHash(h)
	return h.Sum32()
}

func (o *Op) String() string { return o.Operation.String() + "@" + o.salt }

// Do computes into a new tensor.
func (o *Op) Do(in ...G.Value) (G.Value, error) {
	return o.UsePreallocDo(newDense(o.dtype, o.shape), in...)
}

// UsePreallocDo computes into prealloc, as the operation is defined: see Registration.
// Gorgonia calls it on a goroutine of its own, where a panic would end the process. So a
// panic is returned as an error.
func (o *Op) UsePreallocDo(prealloc G.Value, in ...G.Value) (_ G.Value, err error) {
	defer recovered(&err, o.Path)
	out, ok := prealloc.(*tensor.Dense)
	if !ok {
		return nil, fmt.Errorf("%s: %v: output is a %T, want a dense tensor", o.Path, o.Operation, prealloc)
	}
	operands := make([]*tensor.Dense, len(in))
	for i, v := range in {
		if operands[i], ok = v.(*tensor.Dense); !ok {
			return nil, fmt.Errorf("%s: %v: input %d is a %T, want a dense tensor", o.Path, o.Operation, i, v)
		}
		if operands[i], err = RowMajor(operands[i]); err != nil {
			return nil, fmt.Errorf("%s: %v: input %d %w", o.Path, o.Operation, i, err)
		}
	}
	if u, ok := o.Operation.(Update); ok {
		for i := range u.Writes() {
			operands[i] = operands[i].Clone().(*tensor.Dense) // nothing keeps state here
		}
	}
	if err := inRows(out); err != nil {
		return nil, fmt.Errorf("%s: %v: output %w", o.Path, o.Operation, err)
	}
	if err := Define(o.Operation, out, operands); err != nil {
		return nil, fmt.Errorf("%s: %w", o.Path, err)
	}
	return out, nil
}

// DiffWRT reports which inputs have a gradient.
func (o *Op) DiffWRT(n int) []bool { return o.Operation.Diff(n) }

// SymDiff adds the Operation's gradient operations to the graph.
func (o *Op) SymDiff(in G.Nodes, out, dy *Node) (grads G.Nodes, err error) {
	defer recovered(&err, o.Path)
	b := derivative(out.Graph(), dy.Dtype(), o)
	grads = o.Operation.Grad(b, in, out, dy)
	return grads, b.Err()
}

// newDense is a zeroed dense tensor.
func newDense(dt tensor.Dtype, shape tensor.Shape) *tensor.Dense {
	return tensor.New(tensor.Of(dt), tensor.WithShape(shape...))
}
