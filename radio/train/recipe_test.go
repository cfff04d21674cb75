package train_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"cradio/radio"
	"cradio/radio/augment"
	"cradio/radio/data"
	"cradio/radio/head"
	"cradio/radio/optim"
	"cradio/radio/train"

	"github.com/stretchr/testify/require"
)

// nano opens the small model, whose weights are synthetic.
func nano(t *testing.T, threads int) *radio.Model {
	t.Helper()
	m, err := radio.Open(t.Context(), "synthetic:nano", radio.Options{Threads: threads, Small: -1})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, m.Close()) })
	return m
}

// generated draws a set of a kind.
func generated(t *testing.T, kind data.Kind, classes, each int) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "set")
	require.NoError(t, data.Generate(t.Context(), dir, data.GenerateOptions{Kind: kind, Classes: classes, PerClass: each, Size: 32}))
	return dir
}

// labelled is a generated set of labelled pictures.
func labelled(t *testing.T, dir string) *train.Set {
	t.Helper()
	d, err := data.Open(dir)
	require.NoError(t, err)
	require.NoError(t, d.Read(t.Context(), nil))
	s, err := train.Labelled(d)
	require.NoError(t, err)
	return s
}

// paired is a generated set of pictures with masks or depth maps.
func paired(t *testing.T, dir string, kind data.Kind) *train.Set {
	t.Helper()
	pairs, alone, err := data.Pairs(filepath.Join(dir, "images"), filepath.Join(dir, string(kind)))
	require.NoError(t, err)
	require.Empty(t, alone)
	d, targets := &data.Dataset{Path: dir}, map[string]string{}
	for _, p := range pairs {
		d.Items = append(d.Items, data.Item{Path: p.Picture})
		targets[p.Picture] = p.Target
	}
	require.NoError(t, d.Read(t.Context(), nil))
	require.NoError(t, d.Split("", data.Fractions{Val: 0.25}, 0))
	var s *train.Set
	if kind == data.Masks {
		s, err = train.Masked(d, targets, []string{"background", "circle", "square"})
	} else {
		s, err = train.Depthed(d, targets)
	}
	require.NoError(t, err)
	return s
}

// short are options of a few steps.
func short(batch int) train.Options {
	return train.Options{Epochs: 3, Batch: batch, Seed: 1, Optim: optim.Options{Rate: 1e-2, Clip: 1, Schedule: optim.Schedule{Curve: optim.Cosine, Warmup: 2}}}
}

// begin makes a run into a folder.
func begin(t *testing.T, m *radio.Model, s *train.Set, r train.Recipe, o train.Options, dir string) (*train.Run, *train.HeadTask) {
	t.Helper()
	run, task, err := train.New(t.Context(), m, s, r, o, nil)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, task.Close()) })
	run.Out = dir
	return run, task
}

// recipes of everything that can be trained, by name.
func recipes() map[string]train.Recipe {
	linear := head.Spec{Kind: head.Linear, Input: []radio.Source{radio.SummarySource}}
	size := [2]int{32, 48}
	return map[string]train.Recipe{
		"frozen":  {Head: head.Spec{Kind: head.MLP, Hidden: []int{16}, Input: []radio.Source{radio.SummarySource, radio.MeanSource}, Norm: &head.Norm{}, Dropout: 0.2}, Size: size},
		"crops":   {Head: linear, Size: size, Augment: augment.Policy{Scale: [2]float64{0.3, 1}, Flip: 0.5, Brightness: 0.4}},
		"block":   {Head: linear, Size: size, Blocks: 1, Smoothing: 0.1},
		"all":     {Head: linear, Size: size, Blocks: train.AllBlocks, DropPath: 0.2, Augment: augment.Policy{Flip: 0.5}},
		"adapter": {Head: linear, Size: size, LoRA: &train.LoRA{Rank: 2, Alpha: 4}},
	}
}

// state are all bits of a run's last checkpoint.
func state(t *testing.T, dir string) string {
	t.Helper()
	c, damaged, err := train.LoadLast(filepath.Join(dir, train.CheckpointFolder))
	require.NoError(t, err)
	require.Empty(t, damaged)
	text := fmt.Sprint(c.Step, c.Best)
	for _, x := range c.Tensors {
		text += x.Name + bits(x.Data)
	}
	return text
}

// TestRecipes: with one thread, with two, and with interruptions the bits are the same, and what is
// exported answers as the run's last evaluation did.
func TestRecipes(t *testing.T) {
	set := labelled(t, generated(t, data.Labels, 3, 6))
	for name, r := range recipes() {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			run, _ := begin(t, nano(t, 1), set, r, short(3), dir)
			one, err := run.Train(t.Context())
			require.NoError(t, err)
			require.Equal(t, 12, one.Steps)
			require.NotNil(t, one.Best)
			require.Positive(t, one.Best.Value)

			again := t.TempDir()
			stopped := 0
			for try := 0; ; try++ {
				ctx, cancel := context.WithCancel(t.Context())
				run, _ := begin(t, nano(t, 2), set, r, short(3), again)
				run.Resume = try > 0
				left := 2 + try*4
				run.Progress = func(train.Progress) {
					if left--; left == 0 {
						cancel()
					}
				}
				two, err := run.Train(ctx)
				cancel()
				if err == nil {
					require.Equal(t, lossesOf(one.Records), lossesOf(two.Records))
					break
				}
				var e *train.InterruptedError
				require.ErrorAs(t, err, &e)
				stopped++
			}
			require.Positive(t, stopped)
			require.Equal(t, state(t, dir), state(t, again))

			h, err := head.Load(filepath.Join(dir, train.HeadFolder))
			require.NoError(t, err)
			require.Equal(t, set.Classes, []string(h.Spec().Labels))
			require.Equal(t, one.Best.Value, h.Spec().Metrics["top1"])
			require.InDelta(t, one.Best.Value, accuracy(t, dir, r, h, set), 1e-9)
		})
	}
}

// accuracy answers the validation part with what a run has exported.
func accuracy(t *testing.T, dir string, r train.Recipe, h *head.Head, s *train.Set) float64 {
	t.Helper()
	name, opt := "synthetic:nano", radio.Options{Small: -1}
	if r.Blocks != 0 {
		name = filepath.Join(dir, train.ModelFolder)
	}
	if r.LoRA != nil {
		opt.Adapter = filepath.Join(dir, train.AdapterFolder)
	}
	m, err := radio.Open(t.Context(), name, opt)
	require.NoError(t, err)
	defer m.Close()
	require.NoError(t, h.CheckModel(t.Context(), m))
	e := radio.NewEncoder(m)
	e.Size, err = radio.ParseSize(h.Spec().Picture.Size)
	require.NoError(t, err)
	e.Request = radio.Request{NoFeatures: true, Heads: []radio.Head{h}}
	right := 0
	for _, x := range s.Val {
		out, err := e.EncodeFiles(t.Context(), x.Picture)
		require.NoError(t, err)
		scores := radio.Values[float32](out.Items[0].Heads[0].Values)
		best := 0
		for c, v := range scores {
			if v > scores[best] {
				best = c
			}
		}
		if best == x.Labels[0] {
			right++
		}
	}
	return float64(right) / float64(len(s.Val))
}

// TestDenseRecipes: segmentation and depth learn, on a frozen model and with blocks.
func TestDenseRecipes(t *testing.T) {
	for name, c := range map[string]struct {
		kind data.Kind
		r    train.Recipe
	}{
		"segment":    {data.Masks, train.Recipe{Head: head.Spec{Kind: head.Segment, Input: []radio.Source{radio.FeaturesSource}, Norm: &head.Norm{Affine: true}}}},
		"levels":     {data.Masks, train.Recipe{Head: head.Spec{Kind: head.Fused, Hidden: []int{16}, Input: []radio.Source{radio.BlockSource(0), radio.BlockSource(2)}}}},
		"block":      {data.Masks, train.Recipe{Blocks: 1, Head: head.Spec{Kind: head.Segment, Input: []radio.Source{radio.FeaturesSource}}, Augment: augment.Policy{Scale: [2]float64{0.5, 1}, Flip: 0.5}}},
		"upsampling": {data.Masks, train.Recipe{Head: head.Spec{Kind: head.Upsampling, Hidden: []int{16, 8}, Input: []radio.Source{radio.FeaturesSource}}}},
		"fixed":      {data.Masks, train.Recipe{Head: head.Spec{Kind: head.Segment, Input: []radio.Source{radio.BlockSource(0), radio.FeaturesSource}, Norm: &head.Norm{Fixed: true}, Dropout: 0.1, DropoutFirst: true}}},
		"class":      {data.Depths, train.Recipe{PerMetre: data.Millimetres, Head: head.Spec{Kind: head.Depth, Outputs: 16, Bins: &head.Bins{Low: 1e-1, High: 10, Log: true, Weights: head.SoftmaxWeights, Upsample: 2}, Input: []radio.Source{radio.FeaturesSource, radio.ClassSource(2)}, Norm: &head.Norm{Affine: true}}}},
		"depth":      {data.Depths, train.Recipe{PerMetre: data.Millimetres, Gradient: 0.5, Head: head.Spec{Kind: head.Depth, Outputs: 16, Bins: &head.Bins{Low: 1e-3, High: 10}, Input: []radio.Source{radio.FeaturesSource}, Norm: &head.Norm{Affine: true}}}},
	} {
		t.Run(name, func(t *testing.T) {
			set := paired(t, generated(t, c.kind, 2, 12), c.kind)
			c.r.Size = [2]int{64, 64}
			o := short(6)
			o.Epochs = 12
			run, _ := begin(t, nano(t, 0), set, c.r, o, t.TempDir())
			got, err := run.Train(t.Context())
			require.NoError(t, err)
			first, last := math.NaN(), math.NaN()
			for _, r := range got.Records {
				if r.Loss != nil {
					if math.IsNaN(first) {
						first = float64(*r.Loss)
					}
					last = float64(*r.Loss)
				}
			}
			require.Less(t, last, 0.9*first)
			require.NotNil(t, got.Best)
			t.Log(name, first, last, got.Best)
		})
	}
}

// TestStandardised: a fixed norm has the mean and the variance of the training part, and keeps them.
func TestStandardised(t *testing.T) {
	set, m := labelled(t, generated(t, data.Labels, 3, 6)), nano(t, 0)
	r := recipes()["frozen"]
	r.Head.Norm = &head.Norm{Fixed: true}
	run, task := begin(t, m, set, r, short(3), t.TempDir())
	check := func() {
		e := radio.NewEncoder(m)
		e.Size, e.Request = radio.Fixed(r.Size[0], r.Size[1]), radio.Request{NoFeatures: true, Sources: r.Head.Input}
		sum, square := make([]float64, 256), make([]float64, 256)
		for _, x := range set.Train {
			out, err := e.EncodeFiles(t.Context(), x.Picture)
			require.NoError(t, err)
			values := append(append([]float32{}, radio.Values[float32](out.Items[0].Sources[radio.SummarySource])...), radio.Values[float32](out.Items[0].Sources[radio.MeanSource])...)
			for i, v := range values {
				sum[i] += float64(v)
				square[i] += float64(v) * float64(v)
			}
		}
		n := float64(len(set.Train))
		for i, mean := range valueOf(t, task, "norm.running_mean") {
			require.InDelta(t, sum[i]/n, mean, 1e-5)
			require.InDelta(t, square[i]/n-sum[i]/n*sum[i]/n, valueOf(t, task, "norm.running_var")[i], 1e-4)
		}
	}
	check()
	_, err := run.Train(t.Context())
	require.NoError(t, err)
	check()
	r.Augment.Flip = 0.5
	_, _, err = train.New(t.Context(), m, set, r, short(3), nil)
	require.ErrorContains(t, err, "the fixed norm of the mlp head needs features that do not change")
}

// TestRecompute: less memory, and the same bits, also where gradients of several batches are added up.
func TestRecompute(t *testing.T) {
	set := labelled(t, generated(t, data.Labels, 3, 6))
	states := map[bool]string{}
	arena := map[bool]int64{}
	for _, again := range []bool{false, true} {
		r := recipes()["all"]
		r.Size, r.Recompute = [2]int{64, 64}, again
		dir := t.TempDir()
		options := short(3)
		options.Optim.Accumulate = 2
		run, _ := begin(t, nano(t, 0), set, r, options, dir)
		p, err := run.Plan()
		require.NoError(t, err)
		run, _ = begin(t, nano(t, 0), set, r, options, dir)
		_, err = run.Train(t.Context())
		require.NoError(t, err)
		states[again], arena[again] = state(t, dir), p.Arena
	}
	require.Equal(t, states[false], states[true])
	require.Less(t, arena[true], arena[false]*9/10)
}

// TestBFloat16: products in bfloat16, with weights and moments in float32, learn too, and their runs
// are not mixed with those in float32.
func TestBFloat16(t *testing.T) {
	set := labelled(t, generated(t, data.Labels, 3, 6))
	r := recipes()["block"]
	dir := t.TempDir()
	m, err := radio.Open(t.Context(), "synthetic:nano", radio.Options{DType: radio.BFloat16})
	require.NoError(t, err)
	defer m.Close()
	run, _ := begin(t, m, set, r, short(3), dir)
	got, err := run.Train(t.Context())
	require.NoError(t, err)
	require.Equal(t, 12, got.Steps)
	run, _ = begin(t, nano(t, 0), set, r, short(3), dir)
	run.Resume = true
	_, err = run.Train(t.Context())
	require.ErrorContains(t, err, `task.precision was "bfloat16", is "float32"`)
}

// TestPlan: what is trained, and that the peak holds what is in it.
func TestPlan(t *testing.T) {
	set := labelled(t, generated(t, data.Labels, 3, 12))
	counts := map[string]int{"frozen": (192+64)*16 + 16 + 16*3 + 3, "block": 192*3 + 3 + 12*64*64 + 13*64, "adapter": 192*3 + 3 + 3*2*(64+192+64+64)}
	for name, want := range counts {
		run, _ := begin(t, nano(t, 0), set, recipes()[name], short(6), "")
		p, err := run.Plan()
		require.NoError(t, err)
		require.Equal(t, want, p.Trained, name)
		require.Equal(t, int64(8*want), p.Optimizer, name)
		require.GreaterOrEqual(t, p.Peak, p.Arena+p.Weights+p.Optimizer)
	}
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	for _, e := range entries {
		require.NotEqual(t, train.CheckpointFolder, e.Name(), "a plan writes nothing")
	}
}
