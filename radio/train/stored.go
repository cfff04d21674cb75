package train

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"cradio/loader"
	"cradio/radio"
	"cradio/radio/augment"
	"cradio/radio/features"
)

// stored are the inputs of examples whose features are in a store. They are read where they lie.
// The store must have been made by the model, at the size and with the sources of the recipe. A training
// takes another view of a picture in each epoch, an evaluation the whole picture.
func (b *builder) stored(s *features.Store, list []Example, training bool, seed uint64) (*Cached, error) {
	if err := b.storeFits(s); err != nil {
		return nil, err
	}
	c := &Cached{Shapes: map[radio.Source][]int{}, Grid: radio.Grid{Rows: s.Recipe.Grid[0], Cols: s.Recipe.Grid[1]}, H: b.r.Size[0], W: b.r.Size[1]}
	arrays := map[radio.Source]*features.Array{}
	for _, source := range b.h.Sources() {
		a, err := s.Array(source)
		if err != nil {
			return nil, err
		}
		arrays[source], c.Shapes[source] = a, a.Shape
	}
	items := map[string]int{}
	for i, item := range s.Set.Items {
		items[hex.EncodeToString(item.SHA256[:])] = i
	}
	if training && b.r.Views != nil {
		c.Views, c.Seed = b.r.Views.Count, seed
	}
	at := make([]int, len(list)) // items of the store
	for i, e := range list {
		item, ok := items[e.SHA256]
		if !ok {
			return nil, fmt.Errorf("%s: has no features in %s", e.Picture, s.Dir)
		}
		at[i] = item
		c.add(e, s.Recipe.DType)
	}
	c.Copy = func(to []float32, sample, view int, source radio.Source) error {
		arrays[source].Read(to, s.Row(at[sample], view))
		return nil
	}
	if b.r.Head.Kind.Dense() {
		c.Dense = b.dense(list, func(sample, view, h, w int) (augment.Params, error) { return s.Params(at[sample], view, h, w) })
	}
	return c, nil
}

// viewsOf are the views of a set's store that the recipe trains on, nil for whole pictures alone.
func (r *Recipe) viewsOf(s *Set) (*features.Views, error) {
	switch {
	case s.Views > 0 && (s.Store == nil || r.live()):
		return nil, fmt.Errorf("%d views of each picture are asked for: they are in a store of features, which is read if the backbone is frozen and no crop, flip or colour is random", s.Views)
	case s.Store == nil || r.live():
		return nil, nil
	case s.Views < 0 || s.Views > s.Store.Views.Count:
		return nil, fmt.Errorf("%s: has %d views of each picture, and %d are asked for: make it with more views", s.Store.Dir, s.Store.Views.Count, s.Views)
	}
	v := s.Store.Views
	if s.Views > 0 {
		v.Count = s.Views
	}
	if v.Count == 1 {
		return nil, nil
	}
	return &v, nil
}

// storeFits returns an error unless the rows of a store are what the recipe would compute.
func (b *builder) storeFits(s *features.Store) error {
	want, err := (&features.Job{Encoder: b.encoder(), Sources: b.h.Sources(), DType: s.Recipe.DType}).Recipe(b.ctx)
	if err != nil {
		return err
	}
	wrong := func(what, want, found string) error {
		return &loader.Error{File: s.Dir, Item: what, Want: want, Found: found, Do: "give the model and size of the store, or make another with cradio features"}
	}
	have := s.Recipe
	switch {
	case have.Model != want.Model:
		return wrong("model", b.m.Source(), s.About.Model+", or other weights or options of it")
	case have.Precision != want.Precision:
		return wrong("precision", want.Precision, have.Precision)
	case have.Grid != want.Grid || have.Preprocessing != want.Preprocessing:
		return fmt.Errorf("%s: preprocessing: %s; give the size of the store, or make another with cradio features", s.Dir, strings.Join(have.Differences(&want), "; "))
	}
	for _, source := range b.h.Sources() {
		if !slices.Contains(have.Sources(), source) {
			_, err := s.Array(source)
			return err
		}
	}
	return nil
}
