package machine

import (
	"fmt"

	"cradio/cpu"
	"cradio/graph"

	"gorgonia.org/tensor"
)

// define computes op as it is defined: on dense tensors, without fusion and packed weights.
// Of an Update, which writes its inputs, out is the new value of the first.
func define(op graph.Operation, out *tensor.Dense, in []*tensor.Dense) error {
	how := of(op)
	if how == nil {
		return fmt.Errorf("%v: package machine does not implement a %T", op, op)
	}
	a := &operands{out: out, in: in, small: cpu.SmallDefault}
	for _, x := range in {
		a.shapes = append(a.shapes, x.Shape())
	}
	pool := cpu.Default()
	if n := how.room(op, a.shapes, out.Dtype(), pool); n > 0 {
		a.scratch = tensor.New(tensor.Of(out.Dtype()), tensor.WithShape(n))
	}
	r, err := how.bind(op, a)
	if err != nil {
		return err
	}
	r.Run(pool)
	if _, ok := op.(graph.Update); ok {
		return graph.Assign(out, in[0])
	}
	return nil
}
