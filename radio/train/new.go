package train

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"

	"cradio/radio"
	"cradio/radio/features"
)

// New prepares a run: it makes the head, computes features if the backbone is frozen and nothing is
// random, and reads all targets. The model stays the caller's, who closes the task after the run.
// progress is told of the features that are computed; it may be nil.
func New(ctx context.Context, m *radio.Model, s *Set, r Recipe, o Options, progress func(done, total int)) (*Run, *HeadTask, error) {
	return prepare(ctx, m, s, r, o, &builder{ctx: ctx, m: m, r: &r, progress: progress})
}

// PlanOf says what a run will take. Nothing is computed or written, and targets are not read.
func PlanOf(ctx context.Context, m *radio.Model, s *Set, r Recipe, o Options) (*Plan, error) {
	run, task, err := prepare(ctx, m, s, r, o, &builder{ctx: ctx, m: m, r: &r, plans: true})
	if err != nil {
		return nil, err
	}
	p, err := run.Plan()
	if closed := task.Close(); err == nil {
		err = closed
	}
	return p, err
}

func prepare(ctx context.Context, m *radio.Model, s *Set, r Recipe, o Options, b *builder) (run *Run, task *HeadTask, err error) {
	b.r = &r
	c := m.Config()
	if err := r.Check(&c, s); err != nil {
		return nil, nil, err
	}
	id, err := m.Identity(ctx)
	if err != nil {
		return nil, nil, err
	}
	r.Model, r.Precision, r.Augment.Size = id, m.Precision(), r.Size
	if err := r.checkPrecision(); err != nil {
		return nil, nil, err
	}
	if r.Views, err = r.viewsOf(s); err != nil {
		return nil, nil, err
	}
	if o.Task, err = json.Marshal(r); err != nil {
		return nil, nil, err
	}
	if b.h, err = r.head(&c, s, o.Seed); err != nil {
		return nil, nil, err
	}
	if err := b.h.CheckBatch(o.Batch); err != nil {
		return nil, nil, err
	}
	t := &HeadTask{Head: b.h, Target: m.Target(), EvalBatch: o.Batch}
	defer func() {
		if err != nil {
			err = errors.Join(err, t.Close())
		}
	}()
	b.store, b.total = s.Store, len(s.Train)+len(s.Val)
	b.skip = s.Skip
	var counts []int // of the classes, in pixels
	if !b.plans {
		if counts, err = r.checkTargets(ctx, s); err != nil {
			return nil, nil, err
		}
		if s, err = b.features(s, o, t); err != nil {
			return nil, nil, err
		}
	}
	r.chooseWeights(s, counts)
	t.Goal, t.ValGoal = r.goal(s, s.Train), r.goal(s, s.Val)
	if r.trains() {
		if t.Backbone, err = b.backbone(o.Seed); err != nil {
			return nil, nil, err
		}
	} else if err := b.trainedOn(); err != nil {
		return nil, nil, err
	}
	if t.Train, err = b.inputs(s.Train, true, o.Seed); err != nil {
		return nil, nil, err
	}
	if err := b.standardise(t.Train); err != nil {
		return nil, nil, err
	}
	if len(s.Val) > 0 {
		if t.Val, err = b.inputs(s.Val, false, o.Seed); err != nil {
			return nil, nil, err
		}
	}
	if !b.plans {
		if err := t.Prepare(); err != nil {
			return nil, nil, err
		}
	}
	target := t.Target
	target.Recompute = r.recomputed(c.Depth)
	return &Run{Task: t, Options: o, Target: target}, t, nil
}

// features finds or computes what a head on a frozen backbone reads. It returns the set of the pictures
// that have it.
func (b *builder) features(s *Set, o Options, t *HeadTask) (*Set, error) {
	if b.r.live() {
		return s, nil
	}
	if s.Store == nil && s.Cache != nil {
		store, kept, err := b.fill(s, o)
		if err != nil {
			return nil, err
		}
		t.store, b.store = store, store
		return kept, nil
	}
	if s.Store == nil {
		return s, nil
	}
	return s, s.Store.Verify(b.ctx, nil, b.h.Sources()...)
}

// FeaturesFolder is the folder of a run for features that it has computed: a store.
const FeaturesFolder = "features"

// Cache says that the features that a run computes are kept in its folder, so that a run that goes on,
// or begins again after an interruption, does not compute them again.
type Cache struct {
	Run   string // the folder of the run; the store is its folder FeaturesFolder
	About features.About
	// Planned is told before anything is computed; or nil.
	Planned func(*features.Plan)
}

// Dir is the folder of the store.
func (c *Cache) Dir() string { return filepath.Join(c.Run, FeaturesFolder) }
