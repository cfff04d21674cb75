package main

import (
	"context"
	"errors"
	"fmt"

	"cradio/radio"
	"cradio/radio/image"
	"cradio/radio/output"

	"github.com/spf13/cobra"
)

// embedding is one run of `cradio embed`.
type embedding struct {
	*embedFlags
	cmd       *cobra.Command
	about     output.About
	names     []string
	total     int           // inputs: images, and folders that could not be searched
	writer    output.Writer // nil without --out
	opened    *opened       // nil if its identity is not needed
	unchanged func() error  // returns an error if the model's files have changed
	progress  *progress
	resumed   int // images that an earlier run has computed
	encoded   int
	previews  bool // the terminal gets a preview of each result
	told      bool // tellSize has printed the size of the model's input
	failed    []failure
	missed    int    // failures that were given to the writer
	oriented  []bool // for each pending image: it has an EXIF orientation that is not applied
	turned    int    // how many encoded images have one
	buffer    []byte
}

func (f *embedFlags) run(cmd *cobra.Command, args []string) (err error) {
	if err := f.check(cmd); err != nil {
		return err
	}
	req, err := f.request(cmd)
	if err != nil {
		return err
	}
	if err := f.model.locate(cmd); err != nil {
		return err
	}
	e := &embedding{embedFlags: f, cmd: cmd, about: output.About{
		Model: f.model.name, Synthetic: radio.Synthetic(f.model.path), Features: f.features, Layout: req.Layout,
		DType: output.DType(f.outDType), Missing: output.Missing(f.missing), Version: readVersion().text(),
	}}
	in, err := gather(cmd, args)
	if err != nil {
		return err
	}
	e.names, e.total = in.names, in.count()
	if e.previews = e.previewed(); e.previews {
		req.NoFeatures = false
	}
	if err := e.checkFailures(); err != nil {
		return err
	}
	pending, err := e.begin()
	if err != nil {
		return err
	}
	if e.writer != nil {
		defer func() { err = errors.Join(err, e.writer.Close()) }()
	}
	if err := e.unsearched(in.failures); err != nil {
		return err
	}
	if len(e.names) > 0 {
		stop, err := e.encode(req, pending)
		defer stop()
		if err != nil {
			return e.interrupted(err)
		}
	}
	return e.interrupted(e.finish())
}

// begin creates or resumes the output, and returns the images that are not in it yet.
func (e *embedding) begin() (pending []string, err error) {
	if e.out == "" {
		return e.names, nil
	}
	e.about.Settings = e.settings()
	e.about.Identity = func() (string, error) { return e.opened.now() }
	if !e.resume {
		e.writer, err = output.Create(e.out, e.about, e.names)
		return e.names, err
	}
	w, r, err := output.Resume(e.out, e.about, e.names)
	if err != nil {
		return nil, err
	}
	e.writer = w
	for i, name := range e.names {
		if !r.Done[i] {
			pending = append(pending, name)
		}
	}
	if e.resumed = len(e.names) - len(pending); e.resumed > 0 {
		say("%s: %d of %s already done", shown(e.out), e.resumed, count(len(e.names), "image"))
	}
	if r.LeftOut > 0 {
		say("%s: %s of images that are no longer inputs will be dropped", shown(e.out), count(r.LeftOut, "line"))
	}
	return pending, nil
}

// encode opens the model and runs it on images. The caller calls stop at the end.
func (e *embedding) encode(req radio.Request, pending []string) (stop func(), err error) {
	enc := &radio.Encoder{
		Request: req, BatchSize: e.batch, Borrow: true, Decode: image.DecodeOptions{MaxPixels: e.maxPixels, Orient: e.orient},
	}
	inputs := make([]radio.Input, len(pending))
	e.oriented = make([]bool, len(pending))
	for i, name := range pending {
		inputs[i] = watched(e.cmd, enc, name, func(data []byte) {
			e.oriented[i] = !e.orient && image.Orientation(data) != 1
		})
	}
	var first func(context.Context) (h, w int)
	if len(inputs) > 0 && !e.fast { // --fast-decode needs the model first
		inputs[0].Load, first = preload(inputs[0].Load)
	}
	stop = func() {}
	m, err := e.model.open(e.cmd)
	if err != nil {
		return stop, err
	}
	stop = func() { m.Close() }
	if e.about.Identity != nil {
		e.opened = identified(e.cmd.Context(), m)
		stop = func() { e.opened.stop(); m.Close() }
	}
	e.unchanged = m.Unchanged
	processor := *m.Processor()
	enc.Model, enc.Processor = m, &processor
	e.size.apply(enc)
	if enc.FastDecode = e.fast; e.fast && len(inputs) > 0 {
		inputs[0].Load, first = preload(inputs[0].Load)
	}
	e.alpha.apply(enc.Processor)
	if err := e.size.check(m.Config()); err != nil {
		return stop, err
	}
	if len(pending) == 0 {
		return stop, nil
	}
	if err := e.checkRequest(m, req, min(e.batch, len(pending))); err != nil {
		return stop, err
	}
	if e.writer != nil {
		e.tellBytes(m, req, len(pending), first)
	}
	e.progress = newProgress(e.cmd.ErrOrStderr(), len(inputs), e.writer != nil)
	defer e.progress.stop()
	if err := enc.Stream(e.cmd.Context(), inputs, e.take); err != nil {
		return stop, err
	}
	return stop, m.Unchanged()
}

// checkRequest returns an error for outputs that the model does not have, before any image is
// read. The program that it compiles is likely the one that the images need.
func (e *embedding) checkRequest(m *radio.Model, req radio.Request, batch int) error {
	h, w, err := e.size.of(m)
	if err == nil {
		_, err = m.Plan(batch, h, w, req)
	}
	return err
}

// take handles the result of one image.
func (e *embedding) take(r radio.Result) error {
	if err := e.cmd.Context().Err(); err != nil {
		return err
	}
	defer e.progress.step()
	if r.Err == nil {
		r.Err = finite(r.Name, e.parts(r), e.about.DType)
	}
	if r.Err != nil {
		return e.fail(r)
	}
	e.encoded++
	if e.oriented[r.Index] {
		e.turned++
	}
	e.tellSize(r)
	switch {
	case e.writer != nil:
		return e.writer.Add(r)
	case e.json:
		return e.printJSON(r)
	default:
		return e.print(r)
	}
}

// fail handles an image that failed.
func (e *embedding) fail(r radio.Result) error {
	if err := e.unchanged(); err != nil {
		return err // an error of the whole run
	}
	f := newFailure(r.Name, r.Err)
	e.failed = append(e.failed, f)
	if e.strict {
		return errors.Join(failed{fmt.Sprintf("%s (stopped there: --strict)", f.Error)}, e.writeFailures())
	}
	e.progress.printf("cradio: skipped: %s\n", f.Error)
	return e.noteFailure(f, r)
}

// tellSize prints the size of the model's input, once per run. The debug log has the size for
// each image.
func (e *embedding) tellSize(r radio.Result) {
	if e.told || r.Original == [2]int{r.Height, r.Width} {
		return
	}
	e.told = true
	way := "--size " + e.size.Size.String()
	if e.size.exact {
		way += " --exact"
	}
	say("%s: %d×%d → %d×%d pixels, width×height (%s; printed for the first image only)", shown(r.Name), r.Original[1], r.Original[0], r.Width, r.Height, way)
}

// parts returns the parts of a result that are written.
func (e *embedding) parts(r radio.Result) []output.Part {
	parts := output.Parts(r, e.about)
	if isNPY(e.out) && e.features {
		return parts[1:2] // only the features
	}
	return parts
}

// finish completes the files and prints the report.
func (e *embedding) finish() error {
	none := e.encoded+e.resumed == 0
	if e.writer != nil && !none {
		arrays, err := e.writer.Commit(e.cmd.Context())
		if err == nil {
			err = e.report(arrays)
		}
		if err != nil {
			return err
		}
	}
	e.tellOriented()
	if err := e.writeFailures(); err != nil {
		return err
	}
	if len(e.failed) == 0 {
		return nil
	}
	reason := fmt.Sprintf("%d of %s failed", len(e.failed), count(e.total, "image"))
	if e.writer != nil && none {
		reason += ": no file was written"
	}
	return failed{reason}
}

// interrupted adds to the error of a cancelled run which file remains, and how to resume.
func (e *embedding) interrupted(err error) error {
	if !errors.Is(err, context.Canceled) || e.cmd.Context().Err() == nil {
		return err
	}
	left := ""
	switch {
	case e.resume:
		left = fmt.Sprintf(": run the same command to resume from %s%s", shown(e.out), output.PartialExtension)
	case e.writer != nil:
		left = ": no file was written"
	}
	return &interruption{fmt.Sprintf("interrupted after %d of %s%s", e.encoded+e.resumed, count(len(e.names), "image"), left), err}
}
