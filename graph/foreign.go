package graph

import (
	"fmt"
	"strings"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// RunForeign runs one of Gorgonia's own operations, which a loss or the sum of several
// gradients brings in, on tensors in main memory, and copies what it returns to out.
func (i *Instruction) RunForeign(out *tensor.Dense, in []*tensor.Dense) error {
	args := make([]G.Value, len(i.in))
	for j, v := range i.in {
		args[j] = in[j]
		if v.scalar {
			args[j] = scalarOf(in[j])
		}
	}
	got, err := i.foreign.Do(args...)
	if err != nil {
		return err
	}
	switch got := got.(type) {
	case *tensor.Dense:
		if n := out.Shape().TotalSize(); got == nil || got.Shape().TotalSize() != n {
			return fmt.Errorf("returned %v, want %v", got, out.Shape())
		}
		if err := Assign(out, got); err != nil {
			return fmt.Errorf("its result %w", err)
		}
		return nil
	case *G.F32:
		out.Float32s()[0] = float32(*got)
	case *G.F64:
		out.Float64s()[0] = float64(*got)
	default:
		return fmt.Errorf("returned a %T, want a tensor or a float", got)
	}
	return nil
}

// sum says whether i adds two tensors of one shape, as Gorgonia does with the
// gradients that reach a node from several sides.
func (i *Instruction) sum() bool {
	op, ok := i.foreign.(G.BinaryOp)
	return ok && strings.HasPrefix(op.String(), "+ ") && !i.out.scalar &&
		i.in[0].shape.Eq(i.out.shape) && i.in[1].shape.Eq(i.out.shape)
}

// scalarOf is the Gorgonia scalar of a tensor of one element.
func scalarOf(d *tensor.Dense) G.Value {
	if d.Dtype() == tensor.Float64 {
		return G.NewF64(d.Float64s()[0])
	}
	return G.NewF32(d.Float32s()[0])
}
