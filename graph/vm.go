package graph

import (
	"context"
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// VM is a Machine as a gorgonia.VM.
type VM struct{ Machine }

var _ G.VM = VM{}

// RunAll implements gorgonia.VM. It takes the inputs from the values of their nodes,
// and sets the values of the output nodes.
func (m VM) RunAll() error {
	p := m.Program()
	for _, v := range p.inputs {
		x, ok := v.node.Value().(*tensor.Dense)
		if !ok || x == nil {
			return fmt.Errorf("input %s has no dense tensor", v.node.Name())
		}
		if err := m.Set(v.node, x); err != nil {
			return err
		}
	}
	if err := m.Run(context.Background()); err != nil {
		return err
	}
	for _, v := range p.outputs {
		d, err := m.Value(v.node)
		if err != nil {
			return err
		}
		var x G.Value = d
		if v.scalar {
			x = scalarOf(d)
		}
		if err := G.UnsafeLet(v.node, x); err != nil {
			return fmt.Errorf("output %v: %w", v.node, err)
		}
	}
	return nil
}

// Reset does nothing: a Machine can always run again.
func (VM) Reset() {}
