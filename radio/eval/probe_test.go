package eval_test

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"cradio/cpu"
	"cradio/radio/eval"

	"github.com/stretchr/testify/require"
)

// clouds are n rows of overlapping classes. Column 1 is far from 0.
func clouds(seed uint64, n, width, classes int) eval.Set {
	r := rand.New(rand.NewPCG(seed, 5))
	s := eval.Set{Width: width}
	for i := range n {
		l := i % classes
		for j := range width {
			centre := math.Sin(float64(1+l*width+j) * 12.9898)
			v := centre + r.NormFloat64()
			if j == 1 {
				v = 50 + 5*v
			}
			s.Features = append(s.Features, float32(v))
		}
		s.Labels = append(s.Labels, l)
	}
	return s
}

// bfloat16s are the rows of s, rounded.
func bfloat16s(s eval.Set) eval.Rows {
	short := make([]uint16, len(s.Features))
	for i, v := range s.Features {
		b := math.Float32bits(v)
		short[i] = uint16((b + 0x7fff + b>>16&1) >> 16)
	}
	return eval.Rows{BFloat16: func(i int) []uint16 { return short[i*s.Width:][:s.Width] }, Width: s.Width, Labels: s.Labels}
}

// accuracyOf trains and chooses, and answers other rows.
func accuracyOf(t *testing.T, train, test eval.Rows, classes int, opt eval.ProbeOptions) (float64, *eval.Probe, int) {
	t.Helper()
	p, err := eval.FitProbe(t.Context(), train, classes, opt)
	require.NoError(t, err)
	best, accuracies, err := p.Choose(t.Context(), test, eval.Options{})
	require.NoError(t, err)
	require.Len(t, accuracies, len(p.Heads))
	return accuracies[best], p, best
}

func TestProbeLearns(t *testing.T) {
	const classes = 5
	train, test := clouds(1, 600, 24, classes), clouds(2, 300, 24, classes)
	for name, opt := range map[string]eval.ProbeOptions{
		"sgd":   {Epochs: 8, Batch: 64},
		"adamw": {Epochs: 8, Batch: 64, AdamW: true, Decay: 1e-2, Warmup: 0.5},
	} {
		t.Run(name, func(t *testing.T) {
			accuracy, p, best := accuracyOf(t, train.Rows(), test.Rows(), classes, opt)
			require.Greater(t, accuracy, 0.9)
			require.Len(t, p.Heads, 13)
			h := p.Heads[best]
			require.InDelta(t, math.Log(classes), h.First, 0.3)
			require.Less(t, h.Last, h.First/2)
			scores, err := p.Scores(t.Context(), "test", test.Rows(), best, eval.Options{})
			require.NoError(t, err)
			ranks, err := eval.Ranks(scores, classes, test.Labels)
			require.NoError(t, err)
			require.InDelta(t, accuracy, eval.TopK(ranks, 1), 1e-12)

			low, _, _ := accuracyOf(t, bfloat16s(train), bfloat16s(test), classes, opt)
			require.InDelta(t, accuracy, low, 0.02)
		})
	}
}

// Equal seeds give equal bits, for any number of threads; other seeds give others.
func TestProbeRepeats(t *testing.T) {
	train := clouds(1, 300, 70, 4)
	opt := eval.ProbeOptions{Epochs: 3, Batch: 100, Rates: []float64{0.01, 0.1}, Inputs: []eval.ProbeInput{{"first", 0, 30}, {"all", 0, 70}}}
	var first []float32
	for _, threads := range []int{1, 2, 5} {
		pool := cpu.NewPool(threads)
		defer pool.Close()
		opt.Pool = pool
		p, err := eval.FitProbe(t.Context(), train.Rows(), 4, opt)
		require.NoError(t, err)
		require.Len(t, p.Heads, 4)
		var all []float32
		for h := range p.Heads {
			w, b := p.Weight(h)
			require.Len(t, w, 4*(p.Heads[h].Input.To-p.Heads[h].Input.From))
			all = append(append(all, w...), b...)
		}
		if first == nil {
			first = all
		}
		require.Equal(t, first, all, "%d threads", threads)
	}
	opt.Seed = 1
	p, err := eval.FitProbe(t.Context(), train.Rows(), 4, opt)
	require.NoError(t, err)
	w, _ := p.Weight(0)
	require.NotEqual(t, first[:len(w)], w)
}

// A head trained beside others is the one trained alone.
func TestProbeHeadsDoNotMeet(t *testing.T) {
	train := clouds(1, 200, 64, 3)
	opt := eval.ProbeOptions{Epochs: 2, Batch: 50, Rates: []float64{0.001, 0.01}}
	both, err := eval.FitProbe(t.Context(), train.Rows(), 3, opt)
	require.NoError(t, err)
	for h, rate := range opt.Rates {
		alone := opt
		alone.Rates = []float64{rate}
		one, err := eval.FitProbe(t.Context(), train.Rows(), 3, alone)
		require.NoError(t, err)
		want, wantBias := one.Weight(0)
		got, gotBias := both.Weight(h)
		require.Equal(t, want, got)
		require.Equal(t, wantBias, gotBias)
		require.Equal(t, one.Heads[0], both.Heads[h])
	}
}

// A class that train lacks is never the answer.
func TestProbeUnseenClass(t *testing.T) {
	train, test := clouds(1, 90, 20, 3), clouds(2, 40, 20, 4)
	accuracy, p, best := accuracyOf(t, train.Rows(), test.Rows(), 4, eval.ProbeOptions{Batch: 32})
	require.Equal(t, []bool{true, true, true, false}, p.Seen)
	require.LessOrEqual(t, accuracy, 0.75)
	scores, err := p.Scores(t.Context(), "test", test.Rows(), best, eval.Options{})
	require.NoError(t, err)
	for i := 3; i < len(scores); i += 4 {
		require.True(t, math.IsInf(scores[i], -1))
	}
}

// More classes than rows: those without rows are never the answer, the others are.
func TestProbeMoreClassesThanRows(t *testing.T) {
	train := clouds(1, 3, 20, 3)
	accuracy, _, _ := accuracyOf(t, train.Rows(), train.Rows(), 50, eval.ProbeOptions{Epochs: 50})
	require.Equal(t, 1.0, accuracy)
}

func TestProbeErrors(t *testing.T) {
	train := clouds(1, 40, 20, 4)
	fails := func(want string, rows eval.Rows, classes int, opt eval.ProbeOptions) {
		t.Helper()
		_, err := eval.FitProbe(t.Context(), rows, classes, opt)
		require.ErrorContains(t, err, want)
	}
	one := train.Select([]int{0, 4, 8})
	fails("train has rows of 1 class only: a classifier needs at least two", one.Rows(), 4, eval.ProbeOptions{})
	fails("the label of row 3 is 3: must be 0 to 2", train.Rows(), 3, eval.ProbeOptions{})
	fails("train: has no rows", eval.Set{Width: 3}.Rows(), 3, eval.ProbeOptions{})
	fails("has rows of float32 and of bfloat16, or of neither", eval.Rows{Width: 3, Labels: []int{0}}, 3, eval.ProbeOptions{})
	fails("the rates are [0]", train.Rows(), 4, eval.ProbeOptions{Rates: []float64{0}})
	fails("-1 epochs", train.Rows(), 4, eval.ProbeOptions{Epochs: -1})
	fails("a decay is given for SGD", train.Rows(), 4, eval.ProbeOptions{Decay: 0.1})
	fails("the warm-up is 10 epochs", train.Rows(), 4, eval.ProbeOptions{Warmup: 10})
	fails("the input x is columns 3 to 21: must be some of the 20 of a row", train.Rows(), 4, eval.ProbeOptions{Inputs: []eval.ProbeInput{{"x", 3, 21}}})

	bad := train.Select([]int{0, 1, 2, 3})
	bad.Features[2*20+7] = float32(math.NaN())
	fails("train: feature 7 of row 2 is NaN: must be finite; leave the row out", bad.Rows(), 4, eval.ProbeOptions{})
	fails("train: feature 7 of row 2 is NaN: must be finite; leave the row out", bad.Rows(), 4, eval.ProbeOptions{Raw: true})
	fails("feature 7 of row 2 is NaN", bfloat16s(bad), 4, eval.ProbeOptions{Raw: true})
	p, err := eval.FitProbe(t.Context(), train.Rows(), 4, eval.ProbeOptions{Epochs: 1})
	require.NoError(t, err)
	_, _, err = p.Choose(t.Context(), bad.Rows(), eval.Options{})
	require.ErrorContains(t, err, "val: feature 7 of row 2 is NaN")
	_, err = p.Ranks(t.Context(), "test", clouds(1, 4, 7, 4).Rows(), eval.Options{})
	require.ErrorContains(t, err, "test: the features have width 7, the probe was trained with 20")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = eval.FitProbe(ctx, train.Rows(), 4, eval.ProbeOptions{})
	require.ErrorIs(t, err, context.Canceled)
}

// A rate that diverges is said in words. Beside others it is only not chosen.
func TestProbeDiverges(t *testing.T) {
	train := clouds(1, 200, 20, 4)
	opt := eval.ProbeOptions{Batch: 20, Rates: []float64{1e5}, Raw: true}
	_, err := eval.FitProbe(t.Context(), train.Rows(), 4, opt)
	require.ErrorContains(t, err, "the probe diverged: with rate 100000 the loss rose from ")
	require.ErrorContains(t, err, "; try a rate of 1e+04, or standardise the features")
	opt.Rates, opt.Raw = []float64{1e38, 3e38}, false
	_, err = eval.FitProbe(t.Context(), train.Rows(), 4, opt)
	require.ErrorContains(t, err, "the probe diverged with every rate: with rate 1e+38 the loss was ")
	require.ErrorContains(t, err, "is not a number from step ")
	require.ErrorContains(t, err, "; try a rate of 1e+37, or a warm-up")

	opt.Rates = []float64{1e38, 2}
	accuracy, p, best := accuracyOf(t, train.Rows(), train.Rows(), 4, opt)
	require.Equal(t, 1, best)
	require.Positive(t, p.Heads[0].Diverged)
	require.Zero(t, p.Heads[1].Diverged)
	require.Greater(t, accuracy, 0.8)
}

// TestProbeViews: an epoch takes the view of each picture that data.View says. With equal views the
// numbers are those of one.
func TestProbeViews(t *testing.T) {
	const classes, views = 3, 4
	one := clouds(1, 90, 8, classes)
	var equal, other eval.Set
	noise := clouds(2, 90*views, 8, classes)
	for i := range one.Len() {
		for v := range views {
			equal.Features, equal.Labels = append(equal.Features, one.Row(i)...), append(equal.Labels, one.Labels[i])
			row := one.Row(i)
			if v > 0 {
				row = noise.Row(i*views + v)
			}
			other.Features, other.Labels = append(other.Features, row...), append(other.Labels, one.Labels[i])
		}
	}
	equal.Width, other.Width = one.Width, one.Width
	opt := eval.ProbeOptions{Epochs: 4, Batch: 32, Rates: []float64{1e-2}, Raw: true, Seed: 7}
	want, err := eval.FitProbe(t.Context(), one.Rows(), classes, opt)
	require.NoError(t, err)
	opt.Views = views
	got, err := eval.FitProbe(t.Context(), equal.Rows(), classes, opt)
	require.NoError(t, err)
	require.Equal(t, want.Heads, got.Heads)
	require.Equal(t, want.Steps, got.Steps)

	taken := map[int]int{}
	rows := other.Rows()
	rows.Float32 = func(i int) []float32 {
		taken[i]++
		return other.Row(i)
	}
	opt.Options = eval.Options{Pool: cpu.NewPool(1)}
	_, err = eval.FitProbe(t.Context(), rows, classes, opt)
	require.NoError(t, err)
	require.Len(t, taken, other.Len(), "four epochs take all four views")
	_, err = eval.FitProbe(t.Context(), one.Rows(), classes, eval.ProbeOptions{Views: 7})
	require.EqualError(t, err, "90 rows are not 7 views of each picture")
}
