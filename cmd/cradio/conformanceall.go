package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"cradio/conformance"

	"github.com/spf13/cobra"
)

// reports are those of a run on a machine. One is nil where the filter leaves nothing of its kind.
type reports struct {
	machine        conformance.MachineName
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

// print prints the reports, under the name of the machine where there are several.
func (f *conformanceFlags) print(out io.Writer, list []reports) error {
	if f.json {
		return encode(out, list)
	}
	for _, r := range list {
		if len(list) > 1 {
			if _, err := fmt.Fprintf(out, "%s\n\n", r.machine); err != nil {
				return err
			}
		}
		if err := r.print(out, f.worst); err != nil {
			return err
		}
	}
	return nil
}

func (r reports) print(out io.Writer, worst int) error {
	if r.models != nil {
		if err := r.models.Write(out, worst); err != nil {
			return err
		}
	}
	for _, cases := range []*conformance.TrainingReport{r.training, r.text} {
		if cases == nil {
			continue
		}
		if err := cases.Write(out, worst); err != nil {
			return err
		}
	}
	return nil
}

// encode prints the reports as JSON: of several machines, each under its name.
func encode(out io.Writer, list []reports) error {
	all := map[conformance.MachineName]map[string]json.RawMessage{}
	for _, r := range list {
		fields, err := r.fields()
		if err != nil {
			return err
		}
		if len(list) == 1 {
			return json.NewEncoder(out).Encode(fields)
		}
		all[r.machine] = fields
	}
	return json.NewEncoder(out).Encode(all)
}

// fields are the report of the models as JSON, with those of training and texts under keys of their own.
func (r reports) fields() (map[string]json.RawMessage, error) {
	fields := map[string]json.RawMessage{}
	if r.models != nil {
		text, err := json.Marshal(r.models)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(text, &fields); err != nil {
			return nil, err
		}
	}
	for key, cases := range map[string]*conformance.TrainingReport{"training": r.training, "text": r.text} {
		if cases == nil {
			continue
		}
		text, err := json.Marshal(cases)
		if err != nil {
			return nil, err
		}
		fields[key] = text
	}
	return fields, nil
}
