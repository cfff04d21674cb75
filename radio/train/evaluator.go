package train

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"cradio/graph"
	"cradio/radio"
	"cradio/radio/data"

	"gorgonia.org/tensor"
)

// evaluator answers the validation part: the program of inference, for one batch size.
type evaluator struct {
	*HeadTask
	in      *Built
	grid    radio.Grid
	output  *graph.Node
	program *graph.Program
	machine graph.Machine // nil before the first evaluation
	batch   int
}

// evaluationBatch is the most samples that are answered at once. It changes no figure.
const evaluationBatch = 32

// newEvaluator compiles the program. The machine is made by the first run.
func newEvaluator(t *HeadTask) (*evaluator, error) {
	e := &evaluator{HeadTask: t, batch: min(evaluationBatch, t.Val.Len())}
	if t.EvalBatch > 0 {
		e.batch = min(e.batch, t.EvalBatch)
	}
	g := graph.New(dtypeOf(t)).Lazy()
	var err error
	if e.in, err = t.Val.Build(g, e.batch, t.Head.Sources(), false); err != nil {
		return nil, err
	}
	e.output, e.grid = t.Head.Infer(g.At("head"), e.in.Sources, e.in.Grid)
	target := t.Target
	target.Consume = true
	e.program, err = g.Compile(target, e.output)
	return e, err
}

// run answers all samples. The rows of a last batch that is not full are what they were before; they
// do not count.
func (e *evaluator) run(ctx context.Context) (*Evaluation, error) {
	if e.machine == nil {
		var err error
		if e.machine, err = graph.NewMachine(e.program); err != nil {
			return nil, err
		}
	}
	order := &data.Batches{Samples: e.Val.Len(), Size: e.batch, InOrder: true, Partial: true}
	meter, counted := e.ValGoal.Meter(), 0
	for b, err := range e.Val.Rows(ctx, order, 0, order.Steps()) {
		if err != nil {
			return nil, err
		}
		rows := b.Data.(*Rows)
		if err := e.in.Fill(e.machine, rows.padded(e.batch)); err != nil {
			return nil, err
		}
		if err := e.machine.Run(ctx); err != nil {
			return nil, err
		}
		v, err := e.machine.Value(e.output)
		if err != nil {
			return nil, err
		}
		if v.Dtype() != tensor.Float32 {
			return nil, fmt.Errorf("the head's outputs are %v, want float32", v.Dtype())
		}
		outputs, rows := rows.counting(v.Float32s(), e.batch)
		n := len(rows.Samples)
		if n == 0 {
			continue
		}
		counted += n
		if err := meter.Add(outputs, e.grid, rows, n); err != nil {
			var wrong *scoreError
			if errors.As(err, &wrong) {
				wrong.picture = e.Val.Name(wrong.sample)
			}
			return nil, err
		}
	}
	if counted == 0 {
		return nil, fmt.Errorf("none of the %d pictures of the validation part can be read", e.Val.Len())
	}
	return meter.Evaluation()
}

// counting are the rows of pictures that can be read, and their outputs.
func (r *Rows) counting(outputs []float32, batch int) ([]float32, *Rows) {
	if len(r.Again) == 0 {
		return outputs, r
	}
	n := len(r.Samples)
	left := &Rows{H: r.H, W: r.W}
	var counted []float32
	for row := range n {
		if slices.Contains(r.Again, row) {
			continue
		}
		left.Samples = append(left.Samples, r.Samples[row])
		left.Masks = append(left.Masks, rowOf(r.Masks, row, n)...)
		left.Depths = append(left.Depths, rowOf(r.Depths, row, n)...)
		counted = append(counted, rowOf(outputs, row, batch)...)
	}
	return counted, left
}

// rowOf is one of n rows.
func rowOf[T any](values []T, row, n int) []T {
	each := len(values) / n
	return values[row*each:][:each]
}

// padded is the rows of a full batch, whose last ones are the first one again.
func (r *Rows) padded(batch int) *Rows {
	n := len(r.Samples)
	if n == batch {
		return r
	}
	full := *r
	repeat := func(values []float32) []float32 {
		each := len(values) / n
		out := append(make([]float32, 0, batch*each), values...)
		for range batch - n {
			out = append(out, values[:each]...)
		}
		return out
	}
	full.Pixels = repeat(r.Pixels)
	full.Sources = map[radio.Source][]float32{}
	for name, values := range r.Sources {
		full.Sources[name] = repeat(values)
	}
	return &full
}
