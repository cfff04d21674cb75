package cpu

import (
	"slices"

	"cradio/cpu/internal/probe"
)

// LinearProbe is the step of training linear classifiers on rows of features: the mean cross
// entropy of a batch, and its gradient. Any number of classifiers share the rows. Each
// classifier sees the columns of its input.
//
// Rows are read where they lie, in any order, and packed as they are gathered. They are
// float32, or bfloat16, which the fast levels multiply as it is: weights and the
// derivatives of scores are then rounded to bfloat16 for their products, whose sums are
// float32.
//
// With Mean and Factor, features are standardised: (x − Mean)·Factor. This costs no copy.
type LinearProbe struct {
	Float32  func(i int) []float32 // row i of the features, (Width), or nil:
	BFloat16 func(i int) []uint16  // the upper halves of float32
	Width    int
	Classes  int
	Rows     []int   // (Batch): the rows of the batch
	Labels   []int32 // (Batch): their classes
	Mean     []float32
	Factor   []float32 // (Width) both, or nil
	// Inputs are the classifiers, by what they see. Their sizes may not change after the first Run.
	Inputs []LinearProbeInput

	// What else is computed, if not nil. The classifiers are numbered input by input.
	Ranks  []int32   // (classifiers, Batch): how many classes score above the label; all if it is NaN
	Scores []float32 // (Batch, classifiers·Classes)

	step probe.Step
}

// LinearProbeInput are Heads classifiers of columns [From, To). Their weights lie one after
// the other. Without DWeight and DBias, which all inputs have or none, only the loss is
// computed.
type LinearProbeInput = probe.Input

// Check reports fields that contradict one another. It does not look at rows.
func (op *LinearProbe) Check() error {
	c := checking("LinearProbe")
	if (op.Float32 == nil) == (op.BFloat16 == nil) {
		c.fail("want either Float32 or BFloat16")
	}
	c.least("Width", op.Width, 1)
	c.least("Classes", op.Classes, 1)
	c.least("the length of Rows", len(op.Rows), 1)
	c.length("Labels", len(op.Labels), len(op.Rows))
	if i := slices.IndexFunc(op.Labels, func(l int32) bool { return l < 0 || int(l) >= op.Classes }); i >= 0 {
		c.fail("label %d is %d, want 0 to %d", i, op.Labels[i], op.Classes-1)
	}
	if op.Mean != nil || op.Factor != nil {
		c.length("Mean", len(op.Mean), op.Width)
		c.length("Factor", len(op.Factor), op.Width)
	}
	c.least("the number of Inputs", len(op.Inputs), 1)
	heads := 0
	for _, in := range op.Inputs {
		if in.From < 0 || in.From >= in.To || in.To > op.Width {
			c.fail("an input has columns %d to %d, want some of %d", in.From, in.To, op.Width)
		}
		c.least("Heads", in.Heads, 1)
		heads += in.Heads
		c.length("Weight", len(in.Weight), in.Heads, op.Classes, in.To-in.From)
		c.length("Bias", len(in.Bias), in.Heads, op.Classes)
		c.length("Loss", len(in.Loss), in.Heads)
		if op.Inputs[0].DWeight != nil {
			c.length("DWeight", len(in.DWeight), len(in.Weight))
			c.length("DBias", len(in.DBias), len(in.Bias))
		}
	}
	if op.Ranks != nil {
		c.length("Ranks", len(op.Ranks), heads, len(op.Rows))
	}
	if op.Scores != nil {
		c.length("Scores", len(op.Scores), len(op.Rows), heads, op.Classes)
	}
	return c.err
}

// Run computes losses, gradients, ranks and scores.
func (op *LinearProbe) Run(p *Pool) {
	s := &op.step
	s.Float32, s.BFloat16, s.Width, s.Classes, s.Rows, s.Labels = op.Float32, op.BFloat16, op.Width, op.Classes, op.Rows, op.Labels
	s.Mean, s.Factor, s.Inputs, s.Ranks, s.Scores = op.Mean, op.Factor, op.Inputs, op.Ranks, op.Scores
	s.Run(p.threads)
}
