package main

import (
	"encoding/json"
	"fmt"
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
	labels, err := f.allLabels()
	if err != nil {
		return err
	}
	templates, err := f.allTemplates()
	if err != nil {
		return err
	}
	in, err := gather(cmd, args)
	if err != nil {
		return err
	}
	tower, err := f.text.open(cmd, f.model.dtype, f.model.device, f.model.threads)
	if err != nil {
		return err
	}
	defer tower.Close()
	m, err := f.model.open(cmd)
	if err != nil {
		return err
	}
	defer m.Close()
	adaptor, err := f.chooseAdaptor(m, tower.Config().Embed)
	if err != nil {
		return err
	}
	if err := f.size.check(m.Config()); err != nil {
		return err
	}
	c, err := f.classifier(cmd, tower, labels, templates)
	if err != nil {
		return err
	}
	if err := tower.Close(); err != nil {
		return err
	}
	return f.classify(cmd, m, adaptor, c, in)
}

// classifier makes the classifier of the labels, and sets how scores are made.
func (f *zeroshotFlags) classifier(cmd *cobra.Command, tower *text.Tower, labels, templates []string) (*text.Classifier, error) {
	logits, ok := tower.Logits()
	switch {
	case f.scores == "" && !ok:
		f.scores = scoresCosine
	case f.scores == "" && logits.Sigmoid:
		f.scores = scoresSigmoid
	case f.scores == "":
		f.scores = scoresSoftmax
	case f.scores != scoresCosine && !ok:
		return nil, fmt.Errorf("--scores %s: %s has no logit_scale; use --scores cosine", f.scores, shown(f.text.tower))
	}
	var prompts []string
	for _, l := range labels {
		prompts = append(prompts, strings.ReplaceAll(templates[0], "{}", l))
	}
	if err := warnCut(tower, prompts); err != nil {
		return nil, err
	}
	bar := newProgress(cmd.ErrOrStderr(), len(labels), len(labels)*len(templates) > 100)
	defer bar.stop()
	done := 0
	c, err := text.NewClassifier(cmd.Context(), tower, labels, templates, func(n int) {
		for ; done < n; done++ {
			bar.step()
		}
	})
	if err != nil {
		return nil, err
	}
	c.Logits.Sigmoid = f.scores == scoresSigmoid
	return c, nil
}

// classify prints the labels of each image.
func (f *zeroshotFlags) classify(cmd *cobra.Command, m *radio.Model, adaptor string, c *text.Classifier, in *inputs) error {
	enc := radio.NewEncoder(m)
	enc.BatchSize, enc.Borrow = f.batch, true
	enc.Decode = image.DecodeOptions{MaxPixels: f.pixels}
	processor := *m.Processor()
	enc.Processor = &processor
	f.size.apply(enc)
	f.alpha.apply(enc.Processor)
	enc.Request = radio.Request{NoFeatures: true, Adaptors: []string{adaptor}}
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
			cosines, err = c.Cosines(radio.Values[float32](r.Adaptors[adaptor].Summary))
		}
		if err != nil {
			bad++
			fmt.Fprintf(cmd.ErrOrStderr(), "cradio: skipped: %s\n", newFailure(r.Name, err).Error)
			return nil
		}
		return f.print(cmd, r.Name, c, cosines)
	})
	if err != nil {
		return err
	}
	if err := m.Unchanged(); err != nil {
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
