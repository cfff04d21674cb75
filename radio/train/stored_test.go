package train_test

import (
	"context"
	"path/filepath"
	"testing"

	"cradio/radio"
	"cradio/radio/data"
	"cradio/radio/features"
	"cradio/radio/head"
	"cradio/radio/train"

	"github.com/stretchr/testify/require"
)

// storeOf computes the features of a set.
func storeOf(t *testing.T, m *radio.Model, s *train.Set, size radio.Size, d features.DType, sources ...radio.Source) *features.Store {
	t.Helper()
	return stored(t, m, s, size, features.Job{DType: d, Sources: sources})
}

// viewsOf computes the features of several views.
func viewsOf(t *testing.T, m *radio.Model, s *train.Set, size radio.Size, v features.Views, sources ...radio.Source) *features.Store {
	t.Helper()
	return stored(t, m, s, size, features.Job{Views: v, Sources: sources})
}

func stored(t *testing.T, m *radio.Model, s *train.Set, size radio.Size, job features.Job) *features.Store {
	t.Helper()
	var list []string
	for _, e := range append(append([]train.Example{}, s.Train...), s.Val...) {
		list = append(list, e.Picture)
	}
	set := data.Pictures("set", list)
	require.NoError(t, set.Read(t.Context(), nil))
	if job.Encoder == nil {
		job.Encoder = radio.NewEncoder(m)
	}
	job.Encoder.Size = size
	job.Dir, job.Set = filepath.Join(t.TempDir(), "store"), set
	_, err := job.Run(t.Context())
	require.NoError(t, err)
	store, err := features.Open(job.Dir)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	return store
}

// TestStored: a training on a float32 store has the bits of one that computes the features.
func TestStored(t *testing.T) {
	m := nano(t, 0)
	labels, masks := labelled(t, generated(t, data.Labels, 3, 6)), paired(t, generated(t, data.Masks, 2, 6), data.Masks)
	ignored := data.Ignored
	for name, c := range map[string]struct {
		set     *train.Set
		recipe  train.Recipe
		sources []radio.Source
	}{
		"labels": {labels, recipes()["frozen"], []radio.Source{radio.SummarySource, radio.MeanSource, radio.BlockSource(1)}},
		"masks": {masks, train.Recipe{Head: head.Spec{Kind: head.Segment, Input: []radio.Source{radio.FeaturesSource}, Norm: &head.Norm{Affine: true}, Ignore: &ignored}, Size: [2]int{32, 48}},
			[]radio.Source{radio.FeaturesSource}},
	} {
		t.Run(name, func(t *testing.T) {
			want, got := t.TempDir(), t.TempDir()
			run, _ := begin(t, m, c.set, c.recipe, short(3), want)
			_, err := run.Train(t.Context())
			require.NoError(t, err)
			stored := *c.set
			stored.Store = storeOf(t, m, c.set, radio.Fixed(32, 48), features.Float32, c.sources...)
			run, _ = begin(t, m, &stored, c.recipe, short(3), got)
			_, err = run.Train(t.Context())
			require.NoError(t, err)
			require.Equal(t, state(t, want), state(t, got))
		})
	}
}

// TestStoredErrors: a store of something else is refused, with what differs.
func TestStoredErrors(t *testing.T) {
	m := nano(t, 0)
	set := labelled(t, generated(t, data.Labels, 2, 6))
	recipe := recipes()["frozen"]
	try := func(m *radio.Model, store *features.Store) error {
		s := *set
		s.Store = store
		_, _, err := train.New(t.Context(), m, &s, recipe, short(3), nil)
		return err
	}
	both := []radio.Source{radio.SummarySource, radio.MeanSource}
	require.ErrorContains(t, try(m, storeOf(t, m, set, radio.Square(32), features.Float32, both...)), "preprocessing: want size 32x48, ")
	require.ErrorContains(t, try(m, storeOf(t, m, set, radio.Fixed(32, 48), features.Float32, both[0])), "want the source mean, found [summary]")
	other, err := radio.Open(t.Context(), "synthetic:nano", radio.Options{Seed: "other"})
	require.NoError(t, err)
	defer other.Close()
	require.ErrorContains(t, try(other, storeOf(t, m, set, radio.Fixed(32, 48), features.Float32, both...)), "model: want ")
	few := *set
	few.Train = few.Train[1:]
	require.ErrorContains(t, try(m, storeOf(t, m, &few, radio.Fixed(32, 48), features.BFloat16, both...)), set.Train[0].Picture+": has no features in ")
}

// TestViews: a training takes the views that data.View says, with their parts of the masks, and the same
// ones after an interruption; an evaluation takes whole pictures. Another number of views is said.
func TestViews(t *testing.T) {
	m, masks := nano(t, 0), paired(t, generated(t, data.Masks, 2, 6), data.Masks)
	recipe := train.Recipe{Head: head.Spec{Kind: head.Segment, Input: []radio.Source{radio.FeaturesSource}, Norm: &head.Norm{Affine: true}}, Size: [2]int{32, 48}}
	views := features.Views{Count: 3, Seed: 5, Scale: [2]float64{0.3, 0.6}}
	set := *masks
	set.Store = viewsOf(t, m, masks, radio.Fixed(32, 48), views, radio.FeaturesSource)
	o := short(3)
	_, task := begin(t, m, &set, recipe, o, t.TempDir())
	items := map[string]int{}
	for i, item := range set.Store.Set.Items {
		items[item.Path] = i
	}
	array, err := set.Store.Array(radio.FeaturesSource)
	require.NoError(t, err)
	check := func(in train.Inputs, order *data.Batches, view func(epoch uint64, sample int) int, examples []train.Example) (seen map[int]bool) {
		seen = map[int]bool{}
		for b, err := range in.Rows(t.Context(), order, 0, 3*order.Steps()) {
			require.NoError(t, err)
			rows := b.Data.(*train.Rows)
			for i, sample := range b.Samples {
				v, item := view(b.Epoch, sample), items[examples[sample].Picture]
				seen[v] = true
				want := make([]float32, array.Width)
				array.Read(want, set.Store.Row(item, v))
				require.Equal(t, want, rows.Sources[radio.FeaturesSource][i*array.Width:][:array.Width])
				p, err := set.Store.Params(item, v, 32, 32)
				require.NoError(t, err)
				p.Size = recipe.Size
				mask, err := data.ReadMask(examples[sample].Mask, data.MaskOptions{Classes: 3})
				require.NoError(t, err)
				mask, err = p.ApplyMask(mask)
				require.NoError(t, err)
				require.Equal(t, mask.Pix, rows.Masks[i*32*48:][:32*48])
			}
		}
		return seen
	}
	order := &data.Batches{Samples: len(set.Train), Size: 3, Seed: 1}
	require.Len(t, check(task.Train, order, func(epoch uint64, sample int) int { return data.View(o.Seed, epoch, uint64(sample), 3) }, set.Train), 3)
	require.Len(t, check(task.Val, &data.Batches{Samples: len(set.Val), Size: 1, InOrder: true}, func(uint64, int) int { return 0 }, set.Val), 1)

	whole, stopped := t.TempDir(), t.TempDir()
	run, _ := begin(t, m, &set, recipe, o, whole)
	_, err = run.Train(t.Context())
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	run, _ = begin(t, m, &set, recipe, o, stopped)
	run.Progress = func(p train.Progress) {
		if p.Step == 4 {
			cancel()
		}
	}
	_, err = run.Train(ctx)
	var e *train.InterruptedError
	require.ErrorAs(t, err, &e)
	run, _ = begin(t, m, &set, recipe, o, stopped)
	run.Resume = true
	_, err = run.Train(t.Context())
	require.NoError(t, err)
	require.Equal(t, state(t, whole), state(t, stopped))

	fewer := set
	fewer.Views = 2
	run, _ = begin(t, m, &fewer, recipe, o, stopped)
	run.Resume = true
	_, err = run.Train(t.Context())
	require.ErrorContains(t, err, "task.views.count was 3, is 2")
	fewer.Views = 4
	_, _, err = train.New(t.Context(), m, &fewer, recipe, o, nil)
	require.ErrorContains(t, err, "has 3 views of each picture, and 4 are asked for: make it with more views")
	fewer.Store = nil
	_, _, err = train.New(t.Context(), m, &fewer, recipe, o, nil)
	require.ErrorContains(t, err, "4 views of each picture are asked for: they are in a store of features")
}
