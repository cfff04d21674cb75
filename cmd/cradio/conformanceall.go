package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"io"

	"cradio/conformance"

	"github.com/spf13/cobra"
)

// reports are those of a run. One is nil where the filter leaves nothing of its kind.
type reports struct {
	models         *conformance.Report
	training, text *conformance.TrainingReport
}

// all runs the bundles of models in dir, and the references for training and for texts. If the filter
// leaves nothing at all, the error is ErrNothing.
func (f *conformanceFlags) all(cmd *cobra.Command, dir string, opt conformance.Options) (r reports, err error) {
	texts, hasTexts, err := conformance.OpenText(dir)
	if err != nil {
		return r, err
	}
	if hasTexts && texts.Dir == dir { // which has no bundles of models
		r.text, err = texts.Run(cmd.Context(), opt)
		return r, err
	}
	suite, err := conformance.Open(dir)
	if err != nil {
		return r, err
	}
	r.models, err = suite.Run(cmd.Context(), opt)
	if err != nil && !errors.Is(err, conformance.ErrNothing) {
		return r, err
	}
	nothing := err
	if f.model != "" { // the model of --model is compared with its own bundles only
		return r, nothing
	}
	references, ok, err := conformance.OpenTraining(cmp.Or(f.references, dir))
	switch {
	case err != nil:
		return r, err
	case ok:
		if r.training, err = references.Run(cmd.Context(), opt); err != nil && !errors.Is(err, conformance.ErrNothing) {
			return r, err
		}
	case f.references != "":
		return r, usage(cmd, "%s has no references for training; make them with conformance/reference/train/make_train.py", f.references)
	}
	if hasTexts {
		if r.text, err = texts.Run(cmd.Context(), opt); err != nil && !errors.Is(err, conformance.ErrNothing) {
			return r, err
		}
	}
	if r.models == nil && r.training == nil && r.text == nil {
		return r, nothing
	}
	return r, nil
}

// err is the first report's that failed.
func (r reports) err() error {
	if r.models != nil && r.models.Err() != nil {
		return failed{r.models.Err().Error()}
	}
	for _, cases := range []*conformance.TrainingReport{r.training, r.text} {
		if cases != nil && cases.Err() != nil {
			return failed{cases.Err().Error()}
		}
	}
	return nil
}

func (f *conformanceFlags) print(out io.Writer, r reports) error {
	if f.json {
		return r.encode(out)
	}
	if r.models != nil {
		if err := r.models.Write(out, f.worst); err != nil {
			return err
		}
	}
	for _, cases := range []*conformance.TrainingReport{r.training, r.text} {
		if cases == nil {
			continue
		}
		if err := cases.Write(out, f.worst); err != nil {
			return err
		}
	}
	return nil
}

// encode prints the report of the models as JSON, with those of training and texts under keys of their
// own.
func (r reports) encode(out io.Writer) error {
	fields := map[string]json.RawMessage{}
	if r.models != nil {
		text, err := json.Marshal(r.models)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(text, &fields); err != nil {
			return err
		}
	}
	for key, cases := range map[string]*conformance.TrainingReport{"training": r.training, "text": r.text} {
		if cases == nil {
			continue
		}
		text, err := json.Marshal(cases)
		if err != nil {
			return err
		}
		fields[key] = text
	}
	return json.NewEncoder(out).Encode(fields)
}
