package graph

import (
	"fmt"

	"gorgonia.org/tensor"
)

// CheckInput returns the value of input n, or the error of an x that cannot be its tensor:
// for Machine.Set.
func (p *Program) CheckInput(n *Node, x *tensor.Dense) (*Value, error) {
	v := p.index[n]
	if v == nil || v.kind != Input {
		return nil, fmt.Errorf("%v is not an input of this program", n)
	}
	if x == nil {
		return nil, fmt.Errorf("input %s: got no tensor, want %v of %v", n.Name(), v.shape, v.dtype)
	}
	becomes64 := v.dtype == tensor.Float64 && x.Dtype() == tensor.Float32
	if !x.Shape().Eq(v.shape) || x.Dtype() != v.dtype && !becomes64 {
		return nil, fmt.Errorf("input %s: got %v of %v, want %v of %v", n.Name(), x.Shape(), typeName(x), v.shape, v.dtype)
	}
	if _, err := layout(x); err != nil {
		return nil, fmt.Errorf("input %s: %w", n.Name(), err)
	}
	return v, nil
}

// CheckOutput returns the value of output n, or an error if it is none: for Machine.Value.
func (p *Program) CheckOutput(n *Node) (*Value, error) {
	v := p.index[n]
	if v == nil || v.kind == Computed {
		return nil, fmt.Errorf("%v is not an output of this program", n)
	}
	return v, nil
}
