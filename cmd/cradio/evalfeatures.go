package main

import (
	"fmt"
	"log/slog"
	"math"
	"slices"
	"time"

	"cradio/radio"
	"cradio/radio/data"
	"cradio/radio/eval"
	"cradio/radio/image"

	"github.com/spf13/cobra"
)

// warn prints a warning on standard error.
func warn(format string, args ...any) { slog.Warn(fmt.Sprintf(format, args...)) }

// evaluation is one run of a command below eval.
type evaluation struct {
	*evalFlags
	cmd      *cobra.Command
	set      *data.Dataset
	about    evalAbout
	enc      *radio.Encoder  // nil of stored features
	stored   *storedFeatures // nil of images
	rows     [][]float32     // the features of each item; nil if it failed
	failures []failure
	part     data.Part // the part that is answered
	layout   *evalLayout
}

// evalAbout says what the features are of.
type evalAbout struct {
	model       string
	synthetic   bool
	dtype, size string
}

// start opens the set, and the model unless the features are stored.
func (f *evalFlags) start(cmd *cobra.Command, args []string) (e *evaluation, err error) {
	if err := f.check(cmd); err != nil {
		return nil, err
	}
	path := f.train
	if len(args) == 1 {
		path = args[0]
	}
	e = &evaluation{evalFlags: f, cmd: cmd, part: data.Test}
	if isStored(path) {
		if e.stored, err = f.openStored(cmd, path); err != nil {
			return nil, err
		}
		e.set, e.about, e.layout = e.stored.set, e.stored.about, e.stored.layout
	} else if e.set, err = f.open(cmd, path); err != nil {
		return nil, err
	}
	e.failures = tell(cmd, e.set, e.orient)
	if len(e.set.Part(data.Test)) == 0 {
		e.part = data.Val
	}
	if len(e.set.Part(e.part)) == 0 {
		e.close()
		return nil, fmt.Errorf("%s: has neither a part test nor a part val; give --test, or more images of each class", shown(e.set.Path))
	}
	if e.stored != nil {
		return e, nil
	}
	m, err := f.model.open(cmd)
	if err != nil {
		return nil, err
	}
	e.about = evalAbout{f.model.name, m.Synthetic(), f.model.dtype, f.size.Size.String()}
	if err := e.encoder(m); err != nil {
		m.Close()
		return nil, err
	}
	return e, nil
}

func (e *evaluation) close() {
	if e.enc != nil {
		e.enc.Model.Close()
	}
	if e.stored != nil {
		e.stored.close()
	}
}

// encoder prepares the model for the features that were asked for.
func (e *evaluation) encoder(m *radio.Model) error {
	if err := e.size.check(m.Config()); err != nil {
		return err
	}
	e.enc = radio.NewEncoder(m)
	e.enc.BatchSize, e.enc.Borrow = e.batch, true
	e.enc.Decode = image.DecodeOptions{MaxPixels: e.pixels, Orient: e.orient}
	processor := *m.Processor()
	e.enc.Processor = &processor
	e.size.apply(e.enc)
	e.alpha.apply(e.enc.Processor)
	l, err := e.layoutOf(e.cmd, m.Config().Depth)
	if err != nil {
		return err
	}
	e.layout = &l
	e.enc.Request = radio.Request{NoFeatures: true, Sources: l.distinct()}
	if e.adaptor != "" {
		e.enc.Request = radio.Request{NoFeatures: !slices.Contains(l.sources, radio.MeanSource), Adaptors: []string{e.adaptor}}
	}
	h, w, err := e.size.of(m)
	if err == nil { // report missing outputs before any image is encoded
		_, err = m.Plan(e.batch, h, w, e.enc.Request)
	}
	return err
}

// encode computes or reads the features of all images.
func (e *evaluation) encode() error {
	encode := e.encodeImages
	if e.stored != nil {
		encode = e.readStored
	}
	if err := encode(); err != nil {
		return err
	}
	for _, p := range data.Parts() {
		if len(e.set.Part(p)) > 0 && e.of(p).Len() == 0 {
			return fmt.Errorf("%s: none of the %s of %s has features", shown(e.set.Path), count(len(e.set.Part(p)), "image"), p)
		}
	}
	return nil
}

func (e *evaluation) encodeImages() error {
	inputs := make([]radio.Input, len(e.set.Items))
	for i, item := range e.set.Items {
		inputs[i] = input(e.cmd, e.enc, item.Path)
	}
	e.rows = make([][]float32, len(inputs))
	bar := newProgress(e.cmd.ErrOrStderr(), len(inputs), true)
	defer bar.stop()
	err := e.enc.Stream(e.cmd.Context(), inputs, func(r radio.Result) error {
		defer bar.step()
		err := r.Err
		if err == nil {
			e.rows[r.Index], err = e.vector(r)
		}
		if err != nil {
			fail := newFailure(r.Name, err)
			bar.printf("cradio: skipped: %s\n", fail.Error)
			e.failures = append(e.failures, fail)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return e.enc.Model.Unchanged()
}

// vector returns the features of an image.
func (e *evaluation) vector(r radio.Result) ([]float32, error) {
	v := e.layout.row(func(s radio.Source) []float32 {
		switch {
		case e.adaptor == "":
			return radio.Values[float32](r.Sources[s])
		case s == radio.SummarySource:
			return radio.Values[float32](r.Adaptors[e.adaptor].Summary)
		}
		features := r.Adaptors[e.adaptor].Features
		return meanOf(radio.Values[float32](features), features.Shape()[1])
	})
	if i := slices.IndexFunc(v, func(x float32) bool { return x-x != 0 }); i >= 0 {
		return nil, &notFinite{fmt.Sprintf("%s: feature %d is %g: the checkpoint holds values that float32 cannot compute with", r.Name, i, v[i])}
	}
	return v, nil
}

// meanOf returns the mean of tokens (T, width).
func meanOf(features []float32, width int) []float32 {
	sums := make([]float64, width)
	for i, v := range features {
		sums[i%width] += float64(v)
	}
	mean := make([]float32, width)
	for i, s := range sums {
		mean[i] = float32(s / float64(len(features)/width))
	}
	return mean
}

// of returns the features and labels of a part.
func (e *evaluation) of(p data.Part) eval.Set {
	var s eval.Set
	for _, i := range e.set.Part(p) {
		if row := e.rows[i]; row != nil {
			s.Features, s.Width = append(s.Features, row...), len(row)
			s.Labels = append(s.Labels, e.set.Items[i].Labels[0])
		}
	}
	return s
}

// planned is the output of --plan.
type planned struct {
	Images  map[data.Part]int `json:"images"`
	Classes int               `json:"classes"`
	Cost    costs             `json:"forward_pass"`
	Width   int               `json:"width"`
	Each    number            `json:"seconds_per_image"`
	Total   number            `json:"seconds"`
	Memory  int               `json:"memory_bytes"`
}

// printStoredPlan prints what would be read.
func (e *evaluation) printStoredPlan() error {
	p := planned{Images: map[data.Part]int{}, Classes: len(e.set.Classes), Width: len(e.stored.vector(0, 0))}
	for _, part := range data.Parts() {
		p.Images[part] = len(e.set.Part(part))
	}
	p.Memory = 2 * 4 * len(e.set.Items) * p.Width
	if e.json {
		return e.printJSON(p)
	}
	_, err := fmt.Fprintf(e.cmd.OutOrStdout(), "%s, %s, %d features each, computed already; %s of memory\n", count(len(e.set.Items), "image"), classes(p.Classes), p.Width, sizeText(float64(p.Memory)))
	return err
}

// printPlan computes the features of one image, and prints what all of them would take.
func (e *evaluation) printPlan() error {
	if e.stored != nil {
		return e.printStoredPlan()
	}
	m := e.enc.Model
	h, w, err := e.size.of(m)
	if err != nil {
		return err
	}
	plan, err := m.Plan(e.batch, h, w, e.enc.Request)
	if err != nil {
		return err
	}
	e.enc.Borrow = false
	first := e.set.Items[0].Path
	var took time.Duration
	var row []float32
	for range 2 { // the first time packs weights
		began := time.Now()
		out, err := e.enc.EncodeFiles(e.cmd.Context(), first)
		if err != nil {
			return err
		}
		took = time.Since(began)
		if row, err = e.vector(out.Items[0]); err != nil {
			return err
		}
	}
	p := planned{Images: map[data.Part]int{}, Classes: len(e.set.Classes), Cost: cost(m, e.batch, h, w, plan), Width: len(row), Each: number(took.Seconds())}
	for _, part := range data.Parts() {
		p.Images[part] = len(e.set.Part(part))
	}
	n := len(e.set.Items)
	p.Total = number(took.Seconds() * float64(n))
	p.Memory = p.Cost.Weights + p.Cost.Packed + p.Cost.Arena + 2*4*n*len(row) // features are kept by image and by part
	if e.json {
		return e.printJSON(p)
	}
	_, err = fmt.Fprintf(e.cmd.OutOrStdout(), "%s, %s, %d features each\none image: %v, %.1f GFLOP a pass of %d\nall: about %v, and %s of memory\n",
		count(n, "image"), classes(p.Classes), p.Width, took.Round(time.Millisecond), float64(p.Cost.FLOPs)/1e9, e.batch,
		time.Duration(math.Ceil(float64(p.Total)))*time.Second, sizeText(float64(p.Memory)))
	return err
}

func classes(n int) string {
	if n == 1 {
		return "1 class"
	}
	return fmt.Sprintf("%d classes", n)
}
