package train_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"math"
	"os"
	"path/filepath"
	"testing"

	"cradio/graph"
	"cradio/radio/data"
	"cradio/radio/optim"
	"cradio/radio/train"

	_ "cradio/cpu/machine"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// toy is a linear regression: small enough to look at every bit.
type toy struct {
	x, y    []float32 // (n, width), (n)
	w, bias *graph.Weight
	drop    float64
	lag     func()  // before each batch; or nil
	best    string  // what Export wrote last
	tested  int     // evaluations
	val     float64 // what Evaluate gives instead of the error, if it is not 0
}

const toyWidth = 5

func newToy(n int) *toy {
	t := &toy{drop: 0.2}
	r := data.Rand(1, 2, 3, "toy")
	for range n {
		sum := 0.5
		for j := range toyWidth {
			v := r.NormFloat64()
			t.x = append(t.x, float32(v))
			sum += v * float64(j)
		}
		t.y = append(t.y, float32(sum+0.1*r.NormFloat64()))
	}
	t.w = graph.NewWeight("head.weight", tensor.New(tensor.WithShape(1, toyWidth), tensor.Of(tensor.Float32)))
	t.bias = graph.NewWeight("head.bias", tensor.New(tensor.WithShape(1), tensor.Of(tensor.Float32)))
	return t
}

func (t *toy) Samples() int             { return len(t.y) }
func (t *toy) Name(i int) string        { return fmt.Sprintf("%d.png", i) }
func (t *toy) Weights() []*graph.Weight { return []*graph.Weight{t.w, t.bias} }
func (t *toy) Buffers() []*graph.Weight { return nil }
func (t *toy) Depth() int               { return 0 }

func (t *toy) Sum() string {
	return train.DataSum(func(add func(...any)) {
		for i, y := range t.y {
			add(y, t.x[i*toyWidth:][:toyWidth])
		}
	})
}

func (t *toy) Build(g *graph.Builder, batch int) (*train.Graph, error) {
	x, y := g.Input("x", 1, batch, toyWidth), g.Input("y", 1, batch, 1)
	mask := g.Input("mask", batch, toyWidth)
	d := g.At("difference").Sub(g.At("head").Linear(g.At("dropped").Mul(x, mask), g.Weight(t.w), g.Weight(t.bias)), y)
	f := &train.Graph{Loss: g.At("loss").MeanTokens(g.At("square").Mul(d, d)), Masks: []train.Mask{{Node: mask, Name: "input", Drop: t.drop}}}
	f.Fill = func(m graph.Machine, b *train.Batch) error {
		for i, s := range b.Samples {
			copy(m.Input(x).Float32s()[i*toyWidth:], t.x[s*toyWidth:][:toyWidth])
			m.Input(y).Float32s()[i] = t.y[s]
		}
		return nil
	}
	return f, g.Err()
}

func (t *toy) Batches(ctx context.Context, order *data.Batches, first, last int) iter.Seq2[*train.Batch, error] {
	return func(yield func(*train.Batch, error) bool) {
		for i := first; i < last; i++ {
			if t.lag != nil {
				t.lag()
			}
			epoch, samples := order.At(i)
			if !yield(&train.Batch{Epoch: epoch, Samples: samples}, ctx.Err()) {
				return
			}
		}
	}
}

func (t *toy) values() []float32 {
	w, _ := t.w.Value()
	b, _ := t.bias.Value()
	return append(append([]float32(nil), w.Float32s()...), b.Float32s()...)
}

func (t *toy) Evaluate(ctx context.Context) (*train.Evaluation, error) {
	t.tested++
	w, sum := t.values(), 0.0
	for i, y := range t.y {
		d := float64(w[toyWidth]) - float64(y)
		for j := range toyWidth {
			d += float64(w[j]) * float64(t.x[i*toyWidth+j])
		}
		sum += d * d
	}
	if t.val != 0 {
		sum = t.val
	}
	return &train.Evaluation{Figure: "mse", Lower: true, Metrics: map[string]float64{"mse": sum / float64(len(t.y))}}, ctx.Err()
}

func (t *toy) Export(_ context.Context, dir string, best *train.Best) error {
	t.best = fmt.Sprintf("%x %+v", t.values(), best)
	return os.WriteFile(filepath.Join(dir, "head.txt"), []byte(t.best), 0o644)
}

// toyRun is a run of the toy into a folder.
func toyRun(t *testing.T, task *toy, dir string) *train.Run {
	t.Helper()
	return &train.Run{Task: task, Out: dir, Options: train.Options{
		Epochs: 6, Batch: 8, Seed: 5,
		Optim: optim.Options{Rate: 0.05, Decay: 0.01, Clip: 5, EMA: 0.9, Schedule: optim.Schedule{Curve: optim.Cosine, Warmup: 3}},
	}}
}

func TestToyLearns(t *testing.T) {
	task := newToy(60)
	task.drop = 0
	dir := filepath.Join(t.TempDir(), "out")
	r := toyRun(t, task, dir)
	r.Options.Epochs, r.Options.Optim.Rate = 40, 0.1
	var plan *train.Plan
	r.Planned = func(p *train.Plan) { plan = p }
	var rates []float64
	r.Progress = func(p train.Progress) { rates = append(rates, p.Rate) }
	got, err := r.Train(t.Context())
	require.NoError(t, err)
	require.Equal(t, 40*7, got.Steps)
	require.Less(t, got.Best.Value, 0.05)
	require.Equal(t, 6, plan.Trained)
	require.Equal(t, int64(24), plan.Weights)
	require.Equal(t, int64(3*24), plan.Optimizer)
	require.Positive(t, plan.Arena)
	require.Contains(t, plan.String(), "280 steps of 8 samples; 6 parameters are trained (24 bytes, and 72 bytes for the optimiser); ")
	require.Len(t, rates, got.Steps)
	require.Equal(t, 0.1/3, rates[0])
	for _, r := range got.Records {
		if r.Rate != nil {
			require.Equal(t, rates[r.Step-1], float64(*r.Rate), "the rate printed is the rate used")
		}
	}
	require.FileExists(t, filepath.Join(dir, train.CurvesFile))
	require.FileExists(t, filepath.Join(dir, "head.txt"))
	steps, err := train.Checkpoints(filepath.Join(dir, train.CheckpointFolder))
	require.NoError(t, err)
	require.Contains(t, steps, got.Best.Step)
	require.LessOrEqual(t, len(steps), 3)
}

// lossesOf are the parts of records that do not depend on time.
func lossesOf(records []train.Record) (text string) {
	for _, r := range records {
		text += fmt.Sprint(r.Step, r.Epoch, value(r.Loss), value(r.Rate), value(r.Norm), r.Evaluation, "\n")
	}
	return text
}

func value(n *train.Number) float64 {
	if n == nil {
		return math.NaN()
	}
	return float64(*n)
}

// TestInterruptions: a run that is stopped again and again comes to the same bits.
func TestInterruptions(t *testing.T) {
	for _, accumulate := range []int{1, 3} {
		whole := newToy(60)
		r := toyRun(t, whole, t.TempDir())
		r.Options.Optim.Accumulate = accumulate
		want, err := r.Train(t.Context())
		require.NoError(t, err)

		dir := t.TempDir()
		var got *train.Result
		for try := 0; got == nil; try++ {
			require.Less(t, try, 100)
			part := newToy(60)
			r := toyRun(t, part, dir)
			r.Options.Optim.Accumulate = accumulate
			r.Resume = try > 0
			ctx, cancel := context.WithCancel(t.Context())
			left := 1 + data.Rand(uint64(try), 0, 0, "stop").IntN(9)
			if try%3 == 2 { // in the middle of loading
				part.lag = func() {
					if left--; left == 0 {
						cancel()
					}
				}
			} else {
				r.Progress = func(train.Progress) {
					if left--; left == 0 {
						cancel()
					}
				}
			}
			got, err = r.Train(ctx)
			cancel()
			if got != nil {
				require.Equal(t, whole.values(), part.values())
				require.Equal(t, want.Best, got.Best)
				break
			}
			var stopped *train.InterruptedError
			require.ErrorAs(t, err, &stopped)
			require.ErrorIs(t, err, context.Canceled)
			require.ErrorContains(t, err, "to go on, give the same command with --resume")
			curves, err := os.ReadFile(filepath.Join(dir, train.CurvesFile))
			if stopped.Step == 0 {
				require.ErrorIs(t, err, fs.ErrNotExist)
				continue
			}
			require.NoError(t, err)
			if stopped.Step < stopped.Steps {
				require.Contains(t, string(curves), fmt.Sprintf("Training, %d of %d steps", stopped.Step, stopped.Steps))
			}
		}
		require.Equal(t, lossesOf(want.Records), lossesOf(got.Records))
		require.Equal(t, want.Loss, got.Loss)
		text, err := os.ReadFile(filepath.Join(dir, "head.txt"))
		require.NoError(t, err)
		require.Equal(t, whole.best, string(text))
	}
}

// untested is a toy without a validation part, whose head is written at the end.
type untested struct {
	*toy
	exporting func()
}

func (u untested) Evaluate(context.Context) (*train.Evaluation, error) { return nil, nil }

func (u untested) Export(ctx context.Context, dir string, best *train.Best) error {
	u.exporting()
	return errors.Join(ctx.Err(), u.toy.Export(ctx, dir, best))
}

// TestInterruptedAtTheEnd: a run that is stopped while it writes its head goes on, and writes it.
func TestInterruptedAtTheEnd(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	r := toyRun(t, newToy(60), dir)
	r.Task = untested{newToy(60), cancel}
	_, err := r.Train(ctx)
	var stopped *train.InterruptedError
	require.ErrorAs(t, err, &stopped)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "to go on, give the same command with --resume")
	r.Task, r.Resume = untested{newToy(60), func() {}}, true
	got, err := r.Train(t.Context())
	require.NoError(t, err)
	require.Equal(t, 42, got.Steps)
}

// TestResumeRefuses: other options and other data are named.
func TestResumeRefuses(t *testing.T) {
	dir := t.TempDir()
	_, err := toyRun(t, newToy(60), dir).Train(t.Context())
	require.NoError(t, err)
	_, err = toyRun(t, newToy(60), dir).Train(t.Context())
	require.ErrorContains(t, err, "has the checkpoint of an earlier run, of step 42: go on with it (--resume), or choose another folder")
	r := toyRun(t, newToy(60), dir)
	r.Resume, r.Options.Optim.Rate, r.Options.Seed = true, 0.5, 6
	_, err = r.Train(t.Context())
	require.ErrorContains(t, err, "the run to go on with differs: optim.rate was 0.05, is 0.5; seed was 5, is 6; give the same options and data, or another folder")
	task := newToy(60)
	task.y[3]++
	r = toyRun(t, task, dir)
	r.Resume = true
	_, err = r.Train(t.Context())
	require.ErrorContains(t, err, "the training data were 60 samples, ")
	r = toyRun(t, newToy(60), dir)
	r.Resume = true
	_, err = r.Train(t.Context())
	require.NoError(t, err, "a finished run is finished again")
	others := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(others, "notes.txt"), nil, 0o666))
	for _, out := range []string{others, filepath.Join(others, "mistyped")} {
		r = toyRun(t, newToy(60), out)
		r.Resume = true
		_, err = r.Train(t.Context())
		require.ErrorIs(t, err, train.ErrNoCheckpoint)
		require.NoDirExists(t, filepath.Join(others, "mistyped"))
	}
	notes := filepath.Join(others, "notes.txt")
	for _, out := range []string{notes, filepath.Join(notes, "a", "b")} {
		for _, resume := range []bool{false, true} {
			require.EqualError(t, train.CheckFolder(out, resume), out+": the run cannot be there: "+notes+" is a file; give another folder")
		}
	}
	r = toyRun(t, newToy(60), t.TempDir())
	r.Resume = true
	_, err = r.Train(t.Context())
	require.NoError(t, err, "a run that was stopped before it saved anything begins")
	r = toyRun(t, newToy(6), t.TempDir())
	_, err = r.Train(t.Context())
	require.ErrorContains(t, err, "the batch size is 8, and there are only 6 samples to train on: must be at most that")
}

// TestNotFinite: the picture and the operation are named, and the weights are those before the step,
// with any optimiser.
func TestNotFinite(t *testing.T) {
	for name, c := range map[string]struct {
		value float64
		path  string
		o     optim.Options
	}{
		"nan":                 {math.NaN(), "dropped", optim.Options{Rate: 0.05, Clip: 5}},
		"nan, sgd, no clip":   {math.NaN(), "dropped", optim.Options{Kind: optim.SGD, Rate: 0.05, Momentum: 0.9}},
		"overflow":            {1e25, "square", optim.Options{Rate: 0.05, EMA: 0.9}},
		"overflow, many sums": {1e25, "square", optim.Options{Rate: 0.05, Accumulate: 2}},
	} {
		t.Run(name, func(t *testing.T) {
			task := newToy(60)
			task.drop = 0
			task.w, task.bias = weightOf(t, "head.weight", 1, 2, 3, 4, 5), weightOf(t, "head.bias", 1)
			task.x[17*toyWidth+2] = float32(c.value)
			r := toyRun(t, task, t.TempDir())
			r.Options.Optim = c.o
			_, err := r.Train(t.Context())
			var bad *train.NotFiniteError
			require.ErrorAs(t, err, &bad)
			require.Contains(t, bad.Pictures, "17.png")
			require.Len(t, bad.Pictures, r.Options.Batch)
			require.Equal(t, "17.png", bad.At)
			require.ErrorContains(t, err, ", of 17.png; the pictures of the batch: ")
			require.NotNil(t, bad.First)
			require.Equal(t, c.path, bad.First.Path)
			require.ErrorContains(t, err, "the rate 0.05 is too high: try 0.005")
			for _, v := range task.values() {
				require.False(t, math.IsNaN(float64(v)) || math.IsInf(float64(v), 0))
			}
		})
	}
}

func weightOf(t *testing.T, name string, values ...float32) *graph.Weight {
	t.Helper()
	shape := []int{1, len(values)}
	if len(values) == 1 {
		shape = shape[:1]
	}
	return graph.NewWeight(name, tensor.New(tensor.WithShape(shape...), tensor.WithBacking(values)))
}

// TestAccumulation: k small batches are one large one, to rounding.
func TestAccumulation(t *testing.T) {
	large, small := newToy(48), newToy(48)
	a, b := toyRun(t, large, t.TempDir()), toyRun(t, small, t.TempDir())
	a.Options.Batch = 24
	b.Options.Optim.Accumulate = 3
	one, err := a.Train(t.Context())
	require.NoError(t, err)
	two, err := b.Train(t.Context())
	require.NoError(t, err)
	require.Equal(t, one.Steps, two.Steps)
	for i, v := range large.values() {
		require.InDelta(t, v, small.values()[i], 1e-5)
	}
}
