package main

import (
	"context"
	"errors"
	"fmt"

	"cradio/radio"
	"cradio/radio/image"
	"cradio/radio/output"

	"github.com/spf13/cobra"
	"gorgonia.org/tensor"
)

// embedding is one run of `cradio embed`.
type embedding struct {
	*embedFlags
	cmd      *cobra.Command
	about    output.About
	names    []string
	writer   output.Writer // nil without --out
	progress *progress
	resumed  int // pictures that an earlier run has done
	encoded  int
	failures []failure
	buffer   []byte
}

// failure is a picture that has no features.
type failure struct {
	Path  string `json:"path"`
	Error string `json:"error"`
}

func (f *embedFlags) run(cmd *cobra.Command, args []string) (err error) {
	if err := f.check(cmd); err != nil {
		return err
	}
	req, err := f.request(cmd)
	if err != nil {
		return err
	}
	e := &embedding{embedFlags: f, cmd: cmd, about: output.About{
		Model: f.model.name, Synthetic: f.model.synthetic(), Features: f.features, Layout: req.Layout,
	}}
	if e.names, err = pictures(cmd, args); err != nil {
		return err
	}
	pending, err := e.begin()
	if err != nil {
		return err
	}
	if e.writer != nil {
		defer func() { err = errors.Join(err, e.writer.Close()) }()
	}
	if len(pending) > 0 {
		if err := e.encode(req, pending); err != nil {
			return e.interrupted(err)
		}
	}
	return e.interrupted(e.finish())
}

// begin begins the output, and lists the pictures that are not in it yet.
func (e *embedding) begin() (pending []string, err error) {
	switch {
	case e.out == "":
		return e.names, nil
	case !e.resume:
		e.writer, err = output.Create(e.out, e.about, e.names)
		return e.names, err
	}
	e.about.Settings = e.settings()
	w, done, err := output.Resume(e.out, e.about, e.names)
	if err != nil {
		return nil, err
	}
	e.writer = w
	for i, name := range e.names {
		if !done[i] {
			pending = append(pending, name)
		}
	}
	if e.resumed = len(e.names) - len(pending); e.resumed > 0 {
		fmt.Fprintf(e.cmd.ErrOrStderr(), "%s: %d of %s done already\n", e.out, e.resumed, count(len(e.names), "picture"))
	}
	return pending, nil
}

// encode runs the model on pictures.
func (e *embedding) encode(req radio.Request, pending []string) error {
	enc := &radio.Encoder{
		Request: req, BatchSize: e.batch, Borrow: true, Decode: image.DecodeOptions{MaxPixels: e.maxPixels, Orient: e.orient},
	}
	inputs := make([]radio.Input, len(pending))
	for i, name := range pending {
		inputs[i] = input(e.cmd, enc, name)
	}
	inputs[0].Load = early(inputs[0].Load)
	m, err := e.model.open(e.cmd)
	if err != nil {
		return err
	}
	defer m.Close()
	if err := e.size.check(m.Config()); err != nil {
		return err
	}
	if err := e.checkRequest(m, req, min(e.batch, len(pending))); err != nil {
		return err
	}
	enc.Model, enc.Processor = m, e.size.processor(m)
	e.progress = newProgress(e.cmd.ErrOrStderr(), len(inputs), e.writer != nil)
	defer e.progress.stop()
	return enc.Stream(e.cmd.Context(), inputs, e.take)
}

// early loads a picture at once, while the model is opened, for the one who calls
// load in its place.
func early(load func() (*image.RGB, error)) func() (*image.RGB, error) {
	type loaded struct {
		img *image.RGB
		err error
	}
	ready := make(chan loaded, 1) // and not a variable: who has taken the picture can let it go
	go func() {
		img, err := load()
		ready <- loaded{img, err}
	}()
	return func() (*image.RGB, error) {
		l := <-ready
		return l.img, l.err
	}
}

// checkRequest refuses what the model cannot give, before any picture is read. What
// it compiles is likely to be what is needed then.
func (e *embedding) checkRequest(m *radio.Model, req radio.Request, batch int) error {
	c := m.Config()
	h, w := e.size.height, e.size.width
	if !e.size.given() {
		h, w = c.NearestSize(c.PreferredResolution[0], c.PreferredResolution[1])
	}
	_, err := m.Plan(batch, h, w, req)
	return err
}

// take handles the result of one picture.
func (e *embedding) take(r radio.Result) error {
	if err := e.cmd.Context().Err(); err != nil {
		return err
	}
	defer e.progress.step()
	if r.Err == nil {
		r.Err = finite(r)
	}
	if r.Err != nil {
		if e.strict {
			return failed{fmt.Sprintf("%v (stopped there: --strict)", r.Err)}
		}
		e.failures = append(e.failures, failure{r.Name, r.Err.Error()})
		e.progress.printf("cradio: skipped: %v\n", r.Err)
		return nil
	}
	e.encoded++
	switch {
	case e.writer != nil:
		return e.writer.Add(r)
	case e.json:
		return e.printJSON(r)
	default:
		return e.print(r)
	}
}

// finite refuses a summary with NaN or infinity in it.
func finite(r radio.Result) error {
	if r.Summary.Dtype() == tensor.Float64 {
		return nil // widened float32 weights do not overflow it
	}
	for i, v := range r.Summary.Float32s() {
		if v-v != 0 {
			return fmt.Errorf("%s: summary[%d] is %v: the checkpoint holds values that float32 cannot compute with", r.Name, i, v)
		}
	}
	return nil
}

// finish writes the file and reports.
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
	if len(e.failures) == 0 {
		return nil
	}
	reason := fmt.Sprintf("%d of %s failed", len(e.failures), count(len(e.names), "picture"))
	if e.writer != nil && none {
		reason += ": no file was written"
	}
	return failed{reason}
}

// interrupted adds to the error of a cancelled run what it leaves.
func (e *embedding) interrupted(err error) error {
	if !errors.Is(err, context.Canceled) || e.cmd.Context().Err() == nil {
		return err
	}
	left := ""
	switch {
	case e.resume:
		left = fmt.Sprintf(": the same command goes on from %s%s", e.out, output.PartialExtension)
	case e.writer != nil:
		left = ": no file was written"
	}
	return &interruption{fmt.Sprintf("interrupted after %d of %s%s", e.encoded+e.resumed, count(len(e.names), "picture"), left), err}
}
