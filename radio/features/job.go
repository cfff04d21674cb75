package features

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"cradio/radio"
	"cradio/radio/data"
	"cradio/radio/image"
)

// Job computes features of pictures into a store.
type Job struct {
	Dir string // of the store
	// Encoder has the model, and says how pictures become its input. A Job sets what it computes.
	Encoder *radio.Encoder
	Set     *data.Dataset // its Read must have been called
	Sources []radio.Source
	DType   DType // empty is Float32
	Views   Views // the zero value is the whole picture alone
	About   About
	// Brief: the store is always of the pictures that have rows, also after a Run that was interrupted,
	// and has no rows of others, so that pictures that are gone leave nothing behind. Otherwise an
	// interrupted store says so when it is opened, and keeps the rows of earlier sets.
	Brief bool
	// Decode decodes the contents of a file; nil is as Encoder.Bytes does.
	Decode func(path string, contents []byte) (*image.RGB, error)

	Checked  func(done, total int)         // told of the rows that Create checks; may be nil
	Progress func(done, total int)         // told of rows; may be nil
	Skip     func(picture string, e error) // told of each picture that has no features; may be nil
}

// Report is what a Job did.
type Report struct {
	Computed int
	Present  int // rows that were there
	Repaired int // rows that were there, and damaged: they are computed again
	Removed  int // rows of pictures that are not in the set any more; see Job.Brief
	Skipped  []data.Skipped
}

// Recipe says what a row of the job's store holds.
func (j *Job) Recipe(ctx context.Context) (r Recipe, err error) {
	e := j.Encoder
	c := e.Model.Config()
	r.DType = j.DType
	if r.DType == "" {
		r.DType = Float32
	}
	h, w, one := inputSize(e)
	if one {
		r.Grid = [2]int{h / c.Patch, w / c.Patch}
	}
	sources := slices.Compact(slices.Sorted(slices.Values(j.Sources)))
	for _, s := range sources {
		if s.Tokens() && !one {
			return r, fmt.Errorf("the source %s needs pictures of one size, and size %s gives each its own: choose one such as %d", s, e.Size, c.PreferredResolution[0])
		}
		shape, err := s.Shape(&c, r.Grid[0], r.Grid[1])
		if err != nil {
			return r, err
		}
		r.Columns = append(r.Columns, Column{s, shape})
	}
	if j.views().Count > 1 && !one {
		return r, fmt.Errorf("%d views need pictures of one size, and size %s gives each its own: choose one such as %d", j.Views.Count, e.Size, c.PreferredResolution[0])
	}
	if r.Model, err = e.Model.Identity(ctx); err != nil {
		return r, err
	}
	r.Precision = string(e.Model.Precision())
	if r.Preprocessing, err = preprocessing(e); err != nil {
		return r, err
	}
	return r, errors.Join(r.Check(), j.views().Check())
}

// views are the job's views.
func (j *Job) views() Views {
	v := j.Views
	v.Count = max(v.Count, 1)
	if v.Scale == [2]float64{} {
		v.Scale = DefaultScale
	}
	return v
}

// inputSize is the size of the model's input. one is false if it depends on the picture.
func inputSize(e *radio.Encoder) (h, w int, one bool) {
	for i, of := range [][2]int{{64, 192}, {192, 64}, {1024, 1024}} {
		img, err := e.Resize(&image.RGB{H: of[0], W: of[1], Pix: make([]uint8, 3*of[0]*of[1])})
		if err != nil || i > 0 && (img.H != h || img.W != w) {
			return 0, 0, false
		}
		h, w = img.H, img.W
	}
	return h, w, true
}

// Run computes the rows that are not there. Whenever it ends, by an error, ctx or a kill, the rows that
// were computed are kept, and the next Run goes on after them.
//
// A picture that cannot be read, or whose features are not finite, is skipped: it moves to Set.Skipped.
// It is an error if none is left.
func (j *Job) Run(ctx context.Context) (*Report, error) {
	plan, err := j.Plan(ctx)
	if err != nil {
		return nil, err
	}
	if err := plan.Check(j.Dir); err != nil {
		return nil, err
	}
	w, err := Create(ctx, j.Dir, plan.Recipe, j.Checked)
	if err != nil {
		return nil, err
	}
	defer w.Close()
	v := j.views()
	if !j.Brief {
		if err := w.Begin(j.Set, v, j.About); err != nil {
			return nil, err
		}
	}
	r := &running{Job: j, w: w, v: v, report: &Report{Repaired: w.Damaged()}, wrong: map[string]error{}, synced: time.Now()}
	if err := r.run(ctx, plan); err != nil {
		if j.Brief && w.failed == nil {
			err = errors.Join(err, r.keep())
		}
		return r.report, errors.Join(err, w.Close())
	}
	if err := r.Encoder.Model.Unchanged(); err != nil {
		return r.report, err
	}
	r.leaveOut()
	if len(j.Set.Items) == 0 {
		return r.report, fmt.Errorf("%s: none of the %d pictures has features; the first: %w", j.Set.Path, plan.Pictures, r.report.Skipped[0].Err)
	}
	if err := w.Finish(j.Set, v, j.About); err != nil {
		return r.report, err
	}
	if j.Brief {
		if r.report.Removed, err = w.Prune(j.Set, v); err != nil {
			return r.report, err
		}
	}
	return r.report, w.Close()
}
