package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"cradio/radio"
	"cradio/radio/image"
	"cradio/radio/text"

	"github.com/spf13/cobra"
)

// zeroshotJSON is a line of --json.
type zeroshotJSON struct {
	Path   string      `json:"path"`
	Labels []labelJSON `json:"labels"` // the best first
}

type labelJSON struct {
	Label string `json:"label"`
	Score number `json:"score"`
}

func (f *zeroshotFlags) run(cmd *cobra.Command, args []string) error {
	if err := f.check(cmd); err != nil {
		return err
	}
	switch {
	case f.labelled:
		return f.runLabelled(cmd, args)
	case f.dense:
		return f.runDense(cmd, args)
	}
	labels, err := f.allLabels()
	if err != nil {
		return err
	}
	in, err := gather(cmd, args)
	if err != nil {
		return err
	}
	z, err := f.open(cmd, labels)
	if err != nil {
		return err
	}
	defer z.model.Close()
	return f.classify(cmd, z, in)
}

// zeroshot is a model with the classifier of one of its adaptors.
type zeroshot struct {
	model      *radio.Model
	adaptor    radio.AdaptorConfig
	classifier *text.Classifier
}

// open opens the model and makes the classifier of some labels, or reads it from its file.
func (f *zeroshotFlags) open(cmd *cobra.Command, labels []string) (*zeroshot, error) {
	templates, err := f.allTemplates()
	if err != nil {
		return nil, err
	}
	var c *text.Classifier
	if isFile(f.file) {
		if c, err = f.load(cmd, labels, templates); err != nil {
			return nil, err
		}
	}
	var tower *text.Tower
	if c == nil || f.text.tower != "" {
		if tower, err = f.text.open(cmd, f.model.dtype, f.model.device, f.model.threads); err != nil {
			return nil, err
		}
		defer tower.Close()
	}
	z := &zeroshot{classifier: c}
	if z.model, err = f.model.open(cmd); err != nil {
		return nil, err
	}
	if err := f.complete(cmd, z, tower, labels, templates); err != nil {
		z.model.Close()
		return nil, err
	}
	return z, nil
}

// load reads the classifier, and checks it as far as that needs no tower.
func (f *zeroshotFlags) load(cmd *cobra.Command, labels, templates []string) (*text.Classifier, error) {
	c, err := text.LoadClassifier(f.file)
	if err != nil {
		return nil, err
	}
	if labels == nil {
		labels = c.Classes
	}
	if !cmd.Flags().Changed("templates") {
		templates = c.Templates
	}
	if err := c.Check(cmd.Context(), nil, labels, templates); err != nil {
		return nil, f.notThis(err)
	}
	return c, nil
}

// notThis is the error of a file with another classifier.
func (f *zeroshotFlags) notThis(err error) error {
	return fmt.Errorf("--classifier %s: %w; delete it to make it again, or name another file", shown(f.file), err)
}

// complete finds the adaptor, and makes the classifier where there is none.
func (f *zeroshotFlags) complete(cmd *cobra.Command, z *zeroshot, tower *text.Tower, labels, templates []string) (err error) {
	var of text.Config
	if tower != nil {
		of = *tower.Config()
	} else {
		of = z.classifier.Of()
	}
	if z.adaptor, err = f.chooseAdaptor(z.model, of); err != nil {
		return err
	}
	if err := f.size.check(z.model.Config()); err != nil {
		return err
	}
	if z.classifier != nil {
		if tower != nil {
			if err := z.classifier.Check(cmd.Context(), tower, z.classifier.Classes, z.classifier.Templates); err != nil {
				return f.notThis(err)
			}
		}
		return f.chooseScores(z.classifier)
	}
	if z.classifier, err = f.classifier(cmd, tower, labels, templates); err != nil {
		return err
	}
	if err := tower.Unchanged(); err != nil {
		return err
	}
	if f.file != "" {
		if err := z.classifier.Save(cmd.Context(), f.file); err != nil {
			return err
		}
		say("%s: a classifier of %s", shown(f.file), count(len(labels), "label"))
	}
	return f.chooseScores(z.classifier)
}

// chooseScores sets how scores are made of cosines.
func (f *zeroshotFlags) chooseScores(c *text.Classifier) error {
	known := c.Logits.Scale > 0
	switch {
	case f.scores == "" && !known:
		f.scores = scoresCosine
	case f.scores == "" && c.Logits.Sigmoid:
		f.scores = scoresSigmoid
	case f.scores == "":
		f.scores = scoresSoftmax
	case f.scores != scoresCosine && !known:
		return fmt.Errorf("--scores %s: %s has no logit_scale; use --scores cosine", f.scores, shown(cmp.Or(f.text.tower, f.file)))
	}
	c.Logits.Sigmoid = f.scores == scoresSigmoid
	return nil
}

// classifier makes the classifier of the labels.
func (f *zeroshotFlags) classifier(cmd *cobra.Command, tower *text.Tower, labels, templates []string) (*text.Classifier, error) {
	var prompts []string
	for _, l := range labels {
		prompts = append(prompts, text.Prompt(longest(templates), l))
	}
	if err := warnCut(tower, prompts); err != nil {
		return nil, err
	}
	bar := newProgressOf(cmd.ErrOrStderr(), len(labels), len(labels)*len(templates) > 100, "labels", "reading labels")
	defer bar.stop()
	done := 0
	return text.NewClassifier(cmd.Context(), tower, labels, templates, func(n int) {
		for ; done < n; done++ {
			bar.step()
		}
	})
}

// longest is the longest of some templates, whose texts are the first to be cut.
func longest(templates []string) string {
	return slices.MaxFunc(templates, func(a, b string) int { return cmp.Compare(len(a), len(b)) })
}

// encoder is that of the summaries of an adaptor.
func (f *zeroshotFlags) encoder(z *zeroshot) *radio.Encoder {
	enc := radio.NewEncoder(z.model)
	enc.BatchSize, enc.Borrow = f.batch, true
	enc.Decode = image.DecodeOptions{MaxPixels: f.pixels}
	processor := *z.model.Processor()
	enc.Processor = &processor
	f.size.apply(enc)
	f.alpha.apply(enc.Processor)
	enc.Request = radio.Request{NoFeatures: true, Adaptors: []string{z.adaptor.Name}}
	return enc
}

// classify prints the labels of each image.
func (f *zeroshotFlags) classify(cmd *cobra.Command, z *zeroshot, in *inputs) error {
	enc := f.encoder(z)
	inputs := make([]radio.Input, len(in.names))
	for i, name := range in.names {
		inputs[i] = input(cmd, enc, name)
	}
	bad := len(in.failures)
	for _, fail := range in.failures {
		fmt.Fprintf(cmd.ErrOrStderr(), "cradio: skipped: %s\n", fail.Error)
	}
	err := enc.Stream(cmd.Context(), inputs, func(r radio.Result) error {
		err := r.Err
		var cosines []float64
		if err == nil {
			cosines, err = z.classifier.Cosines(radio.Values[float32](r.Adaptors[z.adaptor.Name].Summary))
		}
		if err != nil {
			bad++
			fmt.Fprintf(cmd.ErrOrStderr(), "cradio: skipped: %s\n", newFailure(r.Name, err).Error)
			return nil
		}
		return f.print(cmd, r.Name, z.classifier, cosines)
	})
	if err != nil {
		return err
	}
	if err := z.model.Unchanged(); err != nil {
		return err
	}
	if bad > 0 {
		return failed{fmt.Sprintf("%d of %s failed", bad, count(in.count(), "image"))}
	}
	return nil
}

// print writes the best labels of an image.
func (f *zeroshotFlags) print(cmd *cobra.Command, name string, c *text.Classifier, cosines []float64) error {
	scores := cosines
	if f.scores != scoresCosine {
		scores = c.Logits.Probabilities(cosines)
	}
	line := zeroshotJSON{Path: name, Labels: []labelJSON{}}
	for _, i := range text.Top(scores, f.top) {
		line.Labels = append(line.Labels, labelJSON{c.Classes[i], number(scores[i])})
	}
	if f.json {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(line)
	}
	var b strings.Builder
	b.WriteString(shown(name) + ":")
	for i, l := range line.Labels {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, " %s %.3g", shown(l.Label), float64(l.Score))
	}
	_, err := fmt.Fprintln(cmd.OutOrStdout(), b.String())
	return err
}
