package train

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"

	"cradio/graph"
	"cradio/radio/data"
	"cradio/radio/features"
	"cradio/radio/head"
)

// HeadTask trains a head, alone or with weights of the backbone.
type HeadTask struct {
	Head     *head.Head
	Goal     Goal
	Train    Inputs
	Val      Inputs // nil: no validation part
	ValGoal  Goal   // of the samples of Val
	Backbone Backbone
	Target   graph.Target
	// EvalBatch bounds how many samples an evaluation answers at once; 0 means 32.
	EvalBatch int

	sums      DataSums
	listed    []Sample
	evaluator *evaluator
	store     *features.Store // of its Cache, or nil
}

// Backbone is what is trained below the head. The zero value is nothing.
type Backbone struct {
	Weights []*graph.Weight
	Depth   int
	// Export writes the changed backbone into a folder, and tells the head whose it is; or nil.
	Export func(ctx context.Context, dir string, h *head.Head) error
}

// Samples implements Task.
func (t *HeadTask) Samples() int { return t.Train.Len() }

// Name implements Task.
func (t *HeadTask) Name(sample int) string { return t.Train.Name(sample) }

// Prepare lists the data and computes their checksums, which may read every target.
func (t *HeadTask) Prepare() error {
	list, sum, err := listing(data.Train, t.Train, t.Goal)
	t.listed, t.sums.Train = list, sum
	if err == nil && t.Val != nil {
		list, t.sums.Val, err = listing(data.Val, t.Val, t.ValGoal)
		t.listed = append(t.listed, list...)
	}
	return err
}

// Sum implements Task.
func (t *HeadTask) Sum() string { return t.sums.Train }

// Sums implements Listed.
func (t *HeadTask) Sums() DataSums { return t.sums }

// Listed implements Listed.
func (t *HeadTask) Listed() []Sample { return t.listed }

// TargetName implements Listed.
func (t *HeadTask) TargetName() string { return targetName(t.Head.Spec().Kind) }

// Weights implements Task: the head's, then the backbone's.
func (t *HeadTask) Weights() []*graph.Weight {
	return append(t.Head.Trainable(), t.Backbone.Weights...)
}

// Buffers implements Task.
func (t *HeadTask) Buffers() []*graph.Weight { return t.Head.Buffers() }

// Depth implements Task.
func (t *HeadTask) Depth() int { return t.Backbone.Depth }

// Build implements Task.
func (t *HeadTask) Build(g *graph.Builder, batch int) (*Graph, error) {
	in, err := t.Train.Build(g, batch, t.Head.Sources(), true)
	if err != nil {
		return nil, err
	}
	h := t.Head.Train(g.At("head"), in.Sources, in.Grid)
	if err := g.Err(); err != nil {
		return nil, err
	}
	loss, targets := t.Goal.Loss(g, h.Output, h.Grid)
	f := &Graph{Loss: loss, Updates: h.Updates, Masks: in.Masks}
	for i, m := range h.Masks {
		f.Masks = append(f.Masks, Mask{Node: m.Node, Name: fmt.Sprintf("head.%d", i), Drop: m.Drop})
	}
	f.Fill = func(m graph.Machine, b *Batch) error {
		rows := b.Data.(*Rows)
		if err := in.Fill(m, rows); err != nil {
			return err
		}
		return targets(m, rows)
	}
	return f, g.Err()
}

// Batches implements Task.
func (t *HeadTask) Batches(ctx context.Context, order *data.Batches, first, last int) iter.Seq2[*Batch, error] {
	return t.Train.Rows(ctx, order, first, last)
}

// Evaluate implements Task.
func (t *HeadTask) Evaluate(ctx context.Context) (*Evaluation, error) {
	if t.Val == nil || t.Val.Len() == 0 {
		return nil, nil
	}
	if err := t.evaluates(); err != nil {
		return nil, err
	}
	return t.evaluator.run(ctx)
}

// evaluates compiles what answers the validation part.
func (t *HeadTask) evaluates() (err error) {
	if t.evaluator == nil {
		t.evaluator, err = newEvaluator(t)
	}
	return err
}

// EvaluationBytes is the memory of an evaluation, beside that of the steps; see Plan.
func (t *HeadTask) EvaluationBytes() (int64, error) {
	if t.Val == nil || t.Val.Len() == 0 {
		return 0, nil
	}
	if err := t.evaluates(); err != nil {
		return 0, err
	}
	b := t.evaluator.batch
	n := int64(t.evaluator.program.ArenaBytes()) + t.Val.LoadingBytes(b)
	if t.Val.Len()%b > 0 {
		n += t.Val.LoadingBytes(1) // of a last batch that is not full
	}
	return n, nil
}

// LoadingBytes is the memory of the batches that are loaded ahead; see Plan.
func (t *HeadTask) LoadingBytes(batch int) int64 { return t.Train.LoadingBytes(batch) }

// Close frees what evaluations hold.
func (t *HeadTask) Close() error {
	err := t.store.Close()
	t.store = nil
	if t.evaluator != nil && t.evaluator.machine != nil {
		err = errors.Join(err, t.evaluator.machine.Close())
	}
	return err
}

// HeadFolder is the folder of the head in that of a run.
const HeadFolder = "head"

// Export implements Task: the head's folder, with the figures that it reached, and what was trained
// of the backbone.
func (t *HeadTask) Export(ctx context.Context, dir string, best *Best) error {
	if t.Backbone.Export != nil {
		if err := t.Backbone.Export(ctx, dir, t.Head); err != nil {
			return err
		}
	}
	if best != nil {
		if err := t.Head.Describe(func(s *head.Spec) { s.Metrics = map[string]float64{best.Metric: best.Value} }); err != nil {
			return err
		}
	}
	return t.Head.Save(filepath.Join(dir, HeadFolder))
}
