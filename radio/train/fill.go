package train

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"

	"cradio/radio/data"
	"cradio/radio/features"
)

// FeaturesInterruptedError is the error of a run that was stopped while it computed features.
type FeaturesInterruptedError struct {
	Dir         string // of the store
	Rows, Total int    // that are there, in all
	Cause       error
}

func (e *FeaturesInterruptedError) Error() string {
	return fmt.Sprintf("interrupted: the features of %d of %d pictures are kept in %s; to go on, give the same command", e.Rows, e.Total, e.Dir)
}

// Unwrap returns why.
func (e *FeaturesInterruptedError) Unwrap() error { return e.Cause }

// fill computes the features of a set into the store of its Cache, but for those that are there. kept is
// the set without the pictures that cannot be read.
func (b *builder) fill(s *Set, o Options) (store *features.Store, kept *Set, err error) {
	c := s.Cache
	if err := b.differs(c.Run, s, o); err != nil {
		return nil, nil, err
	}
	if _, err := new(session).settle(o, len(s.Train)); err != nil {
		return nil, nil, err // before minutes of work
	}
	enc := b.encoder()
	enc.BatchSize = featuresBatch
	set, err := s.dataset()
	if err != nil {
		return nil, nil, err
	}
	job := features.Job{Dir: c.Dir(), Encoder: enc, Set: set, Sources: b.h.Sources(), About: c.About, Skip: s.Skip, Progress: b.progress}
	plan, err := job.Plan(b.ctx)
	if err != nil {
		return nil, nil, err
	}
	if c.Planned != nil {
		c.Planned(plan)
	}
	report, err := job.Run(b.ctx)
	if b.ctx.Err() != nil {
		if err == nil {
			err = b.ctx.Err() // after the last
		}
		e := &FeaturesInterruptedError{Dir: c.Dir(), Rows: plan.Present, Total: plan.Rows, Cause: err}
		if report != nil {
			e.Rows = report.Present + report.Computed
		}
		return nil, nil, e
	}
	if err != nil {
		return nil, nil, err
	}
	if store, err = features.Open(c.Dir()); err != nil {
		return nil, nil, err
	}
	if kept, err = s.without(report.Skipped); err == nil {
		err = store.Verify(b.ctx, nil, b.h.Sources()...)
	}
	if err != nil {
		return nil, nil, errors.Join(err, store.Close())
	}
	return store, kept, nil
}

// differs returns an error if the run in a folder has other options, as other data may give it. It is known before
// the features are computed again for them.
func (b *builder) differs(run string, s *Set, o Options) error {
	dir := filepath.Join(run, CheckpointFolder)
	steps, err := Checkpoints(dir)
	if err != nil || len(steps) == 0 {
		return err
	}
	c, err := readFacts(filepath.Join(dir, checkpointName(steps[len(steps)-1])) + factsExtension)
	if err != nil {
		return nil // the run says so when it resumes
	}
	is, err := marshalled(o)
	if err != nil {
		return err
	}
	lines, err := Differences(c.Options, is)
	if err != nil || len(lines) == 0 {
		return err
	}
	t := &HeadTask{Head: b.h, Goal: b.r.goal(s, s.Train), Train: uncomputed(s.Train)}
	if len(s.Val) > 0 {
		t.Val, t.ValGoal = uncomputed(s.Val), b.r.goal(s, s.Val)
	}
	if err := t.Prepare(); err != nil {
		return err
	}
	return &DifferentError{run, append(dataDifferences(dir, c, t), lines...)}
}

// uncomputed are examples without their features, as a store will have them.
func uncomputed(list []Example) *Cached {
	c := &Cached{}
	for _, e := range list {
		c.add(e, features.Float32)
	}
	return c
}

// add adds an example whose features are of a type.
func (c *Cached) add(e Example, d features.DType) {
	c.Names, c.Sums = append(c.Names, e.Picture), append(c.Sums, e.SHA256+" "+string(d))
}

// dataset are the pictures of a set, with what a store keeps of them.
func (s *Set) dataset() (*data.Dataset, error) {
	d := &data.Dataset{Path: s.Path, MultiLabel: s.Several, Hashed: true}
	parts := []struct {
		part data.Part
		list []Example
	}{{data.Train, s.Train}, {data.Val, s.Val}}
	for _, p := range parts {
		for _, e := range p.list {
			item := data.Item{Path: e.Picture, Labels: e.Labels, Unknown: e.Unknown, Target: e.Mask + e.Depth, Part: p.part} // one of them is empty
			sum, err := hex.DecodeString(e.SHA256)
			if err != nil || len(sum) != sha256.Size {
				return nil, fmt.Errorf("%s: its SHA-256 is %q: want 64 hexadecimal digits", e.Picture, e.SHA256)
			}
			copy(item.SHA256[:], sum)
			d.Items = append(d.Items, item)
			if e.Labels != nil {
				d.Classes = s.Classes
			}
		}
	}
	return d, nil
}

// without is the set without pictures that were skipped.
func (s *Set) without(skipped []data.Skipped) (*Set, error) {
	if len(skipped) == 0 {
		return s, nil
	}
	gone := map[string]bool{}
	for _, x := range skipped {
		gone[x.Path] = true
	}
	out := *s
	out.Train, out.Val = nil, nil
	for _, e := range s.Train {
		if !gone[e.Picture] {
			out.Train = append(out.Train, e)
		}
	}
	for _, e := range s.Val {
		if !gone[e.Picture] {
			out.Val = append(out.Val, e)
		}
	}
	if len(out.Train) == 0 {
		return nil, fmt.Errorf("%s: none of the %d pictures of train has features; the first: %w", s.Path, len(s.Train), skipped[0].Err)
	}
	return &out, nil
}
