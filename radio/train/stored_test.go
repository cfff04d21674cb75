package train_test

import (
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
	var list []string
	for _, e := range append(append([]train.Example{}, s.Train...), s.Val...) {
		list = append(list, e.Picture)
	}
	set := data.Pictures("set", list)
	require.NoError(t, set.Read(t.Context(), nil))
	e := radio.NewEncoder(m)
	e.Size = size
	job := features.Job{Dir: filepath.Join(t.TempDir(), "store"), Encoder: e, Set: set, Sources: sources, DType: d}
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
