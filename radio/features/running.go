package features

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"cradio/radio"
	"cradio/radio/data"
	"cradio/radio/image"
)

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
