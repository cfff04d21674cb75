package features

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"cradio/loader"
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

// Plan is what a Job would do.
type Plan struct {
	Recipe   Recipe
	Pictures int
	Rows     int   // pictures × views; copies of a picture have one row
	Present  int   // rows that are there
	Bytes    int64 // of the rows to compute
	Free     int64 // of the disk; -1 if it is not known
}

// Missing is how many rows are to compute.
func (p *Plan) Missing() int { return p.Rows - p.Present }

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
	processor, err := json.Marshal(e.Processor)
	if err != nil {
		return r, err
	}
	r.Preprocessing = fmt.Sprintf("size %s, exact %t, orient %t, fast %t, processor %s", e.Size, e.Exact, e.Decode.Orient, e.FastDecode, processor)
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

// Plan counts rows and bytes. Nothing is written, and no picture is opened.
func (j *Job) Plan(ctx context.Context) (*Plan, error) {
	if !j.Set.Hashed {
		return nil, fmt.Errorf("%s: the checksums of the pictures are not computed; call Read of the set", j.Set.Path)
	}
	r, err := j.Recipe(ctx)
	if err != nil {
		return nil, err
	}
	p := &Plan{Recipe: r, Pictures: len(j.Set.Items), Free: loader.FreeBytes(existing(j.Dir))}
	there := map[key]bool{}
	s, err := openRows(j.Dir, r, true)
	switch {
	case err == nil:
		for row, rec := range s.index.records {
			there[rec.key] = !s.index.bad[row]
		}
		s.close()
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	counted := map[key]bool{}
	v := j.views()
	for _, item := range j.Set.Items {
		for view := range v.Count {
			k := key{item.SHA256, v.crop(view)}
			if counted[k] {
				continue
			}
			counted[k] = true
			p.Rows++
			if there[k] {
				p.Present++
			}
		}
	}
	p.Bytes = int64(p.Missing()) * r.RowBytes()
	return p, nil
}

// Check returns an error if the disk has no room.
func (p *Plan) Check(dir string) error {
	if p.Free < 0 || p.Bytes <= p.Free {
		return nil
	}
	return &loader.Error{File: dir, Want: fmt.Sprintf("%d bytes of free disk space", p.Bytes), Found: fmt.Sprintf("%d", p.Free),
		Do: "free some space, choose another disk, or store less: bfloat16, fewer sources or fewer views"}
}

// existing is the innermost folder of a path that exists.
func existing(path string) string {
	for {
		if _, err := os.Stat(path); err == nil || path == filepath.Dir(path) {
			return path
		}
		path = filepath.Dir(path)
	}
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

// running is a Run.
type running struct {
	*Job
	w      *Writer
	v      Views
	report *Report
	wrong  map[string]error // by path
	synced time.Time
	done   int
	size   [2]int // height and width of the model's input, of crops
}

// task is a row to compute.
type task struct {
	item data.Item
	view int
}

// run computes whole pictures first, and then crops.
func (r *running) run(ctx context.Context, plan *Plan) error {
	var whole, crops []task
	queued := map[key]bool{}
	for _, item := range r.Set.Items {
		for view := range r.v.Count {
			k := key{item.SHA256, r.v.crop(view)}
			switch {
			case queued[k]:
				continue
			case r.w.Has(item.SHA256, r.v, view):
				r.report.Present++
			case view == 0:
				whole = append(whole, task{item, view})
			default:
				crops = append(crops, task{item, view})
			}
			queued[k] = true
		}
	}
	total := len(whole) + len(crops)
	e := *r.Encoder
	e.Borrow, e.Request = true, radio.Request{NoFeatures: true, Sources: plan.Recipe.Sources()}
	if err := r.compute(ctx, &e, whole, total); err != nil || len(crops) == 0 {
		return err
	}
	r.size[0], r.size[1], _ = inputSize(&e)
	e.Size, e.Exact, e.FastDecode = radio.Fixed(r.size[0], r.size[1]), false, false
	return r.compute(ctx, &e, crops, total)
}

// syncEvery is how much work a power cut may cost.
const syncEvery = 30 * time.Second

// compute computes rows, in order.
func (r *running) compute(ctx context.Context, e *radio.Encoder, tasks []task, total int) error {
	inputs := make([]radio.Input, len(tasks))
	for i, t := range tasks {
		inputs[i] = r.input(e, t)
	}
	return e.Stream(ctx, inputs, func(res radio.Result) error {
		t := tasks[res.Index]
		err := res.Err
		if err == nil {
			err = r.add(t, res)
		}
		if r.w.failed != nil {
			return fmt.Errorf("%w; %d rows are kept, and the next run goes on after them", r.w.failed, r.w.Rows())
		}
		if err != nil && r.wrong[t.item.Path] == nil {
			r.wrong[t.item.Path] = err
			if r.Skip != nil {
				r.Skip(t.item.Path, err)
			}
		}
		if r.done++; r.Progress != nil {
			r.Progress(r.done, total)
		}
		if time.Since(r.synced) > syncEvery {
			r.synced = time.Now()
			return r.w.Sync()
		}
		return nil
	})
}

// input loads a view of a picture. Its contents must be those whose checksum the row is found by.
func (r *running) input(e *radio.Encoder, t task) radio.Input {
	path := t.item.Path
	return radio.Input{Name: path, Load: func() (*image.RGB, error) {
		contents, err := image.ReadFile(path)
		if err != nil {
			return nil, err
		}
		if sha256.Sum256(contents) != t.item.SHA256 {
			return nil, fmt.Errorf("%s: has changed since its checksum was computed; run the command again", path)
		}
		decode := r.Decode
		if decode == nil {
			decode = func(path string, contents []byte) (*image.RGB, error) { return e.Bytes(path, contents).Load() }
		}
		img, err := decode(path, contents)
		if err != nil || t.view == 0 {
			return img, err
		}
		if !e.Processor.ConvertRGB {
			img.Alpha = nil
		}
		p, err := r.v.Params(t.item.SHA256, t.view, img.H, img.W)
		if err == nil {
			p.Size = r.size
			img, err = p.Apply(img)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		return img, nil
	}}
}

// add writes a row.
func (r *running) add(t task, res radio.Result) error {
	columns := make([][]float32, len(r.w.Recipe.Columns))
	for i, c := range r.w.Recipe.Columns {
		columns[i] = radio.Values[float32](res.Sources[c.Source])
	}
	if err := r.w.Add(t.item.SHA256, r.v, t.view, columns); err != nil {
		return fmt.Errorf("%s: %w", t.item.Path, err)
	}
	r.report.Computed++
	return nil
}

// leaveOut moves pictures without features to Skipped.
func (r *running) leaveOut() {
	kept := r.Set.Items[:0]
	for _, item := range r.Set.Items {
		err := r.wrong[item.Path]
		if err == nil && r.copyFailed(item) {
			err = fmt.Errorf("%s: is a copy of a picture that has no features", item.Path)
		}
		if err == nil {
			kept = append(kept, item)
			continue
		}
		s := data.Skipped{Path: item.Path, Err: err}
		r.report.Skipped = append(r.report.Skipped, s)
		r.Set.Skipped = append(r.Set.Skipped, s)
	}
	r.Set.Items = kept
}

// keep finishes an interrupted run: the store is of the pictures that have rows.
func (r *running) keep() error {
	d := *r.Set
	d.Items = slices.DeleteFunc(slices.Clone(d.Items), r.copyFailed)
	if len(d.Items) == 0 {
		return nil
	}
	return r.w.Finish(&d, r.v, r.About)
}

// copyFailed reports whether a row of the picture is missing.
func (r *running) copyFailed(item data.Item) bool {
	for view := range r.v.Count {
		if !r.w.Has(item.SHA256, r.v, view) {
			return true
		}
	}
	return false
}
