package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"cradio/radio"
	"cradio/radio/data"
	"cradio/radio/features"
	"cradio/radio/image"

	"github.com/spf13/cobra"
)

// featuresJSON is the output of --json, of a run and of --plan.
type featuresJSON struct {
	Store     string            `json:"store"`
	Data      string            `json:"data"`
	Model     string            `json:"model"`
	Synthetic bool              `json:"synthetic"`
	Images    map[data.Part]int `json:"images"` // by part; "" of a set without parts
	Classes   int               `json:"classes"`
	Views     int               `json:"views"`
	Columns   []features.Column `json:"columns"`
	DType     features.DType    `json:"dtype"`
	RowBytes  int64             `json:"row_bytes"`
	Rows      int               `json:"rows"`
	Present   int               `json:"present"` // rows that were there
	Computed  int               `json:"computed"`
	Repaired  int               `json:"repaired"` // of those that were damaged
	Bytes     int64             `json:"bytes"`    // of rows that are missing, before the run
	Free      int64             `json:"free_bytes"`
	Seconds   *number           `json:"seconds,omitempty"` // of --plan: an estimate
	Skipped   []failure         `json:"skipped"`
}

func (f *featuresFlags) run(cmd *cobra.Command, args []string) error {
	if err := f.check(cmd, args); err != nil {
		return err
	}
	d, err := f.open(cmd, args)
	if err != nil {
		return err
	}
	failures := tell(cmd, d, f.orient)
	m, err := f.model.open(cmd)
	if err != nil {
		return err
	}
	defer m.Close()
	job, err := f.job(cmd, m, d)
	if err != nil {
		return err
	}
	plan, err := job.Plan(cmd.Context())
	if err != nil {
		return err
	}
	out := &featuresJSON{
		Store: f.out, Data: d.Path, Model: f.model.name, Synthetic: m.Synthetic(), Images: map[data.Part]int{}, Classes: len(d.Classes), Views: f.views,
		Columns: plan.Recipe.Columns, DType: plan.Recipe.DType, RowBytes: plan.Recipe.RowBytes(), Rows: plan.Rows, Present: plan.Present, Bytes: plan.Bytes, Free: plan.Free, Skipped: failures,
	}
	say("%s", f.sizeLine(plan))
	if f.plan {
		if err := f.estimate(cmd, job, plan, out); err != nil {
			return err
		}
	} else if err := f.compute(cmd, job, plan, out); err != nil {
		return err
	}
	for _, item := range d.Items {
		out.Images[item.Part]++
	}
	return f.print(cmd, out)
}

// job prepares the computation.
func (f *featuresFlags) job(cmd *cobra.Command, m *radio.Model, d *data.Dataset) (*features.Job, error) {
	if err := f.size.check(m.Config()); err != nil {
		return nil, err
	}
	sources, err := f.sourcesOf(cmd, m.Config())
	if err != nil {
		return nil, err
	}
	e := radio.NewEncoder(m)
	e.BatchSize, e.FastDecode = f.batch, f.fast
	e.Decode = image.DecodeOptions{MaxPixels: f.pixels, Orient: f.orient}
	processor := *m.Processor()
	e.Processor = &processor
	f.size.apply(e)
	f.alpha.apply(e.Processor)
	return &features.Job{
		Dir: f.out, Encoder: e, Set: d, Sources: sources, DType: features.DType(f.outDType), Views: f.viewsOf(),
		About:  features.About{Model: f.model.name, Synthetic: m.Synthetic(), Blocks: m.Config().Depth},
		Decode: func(path string, contents []byte) (*image.RGB, error) { return decode(e, path, contents) },
	}, nil
}

// sizeLine says how large the store becomes.
func (f *featuresFlags) sizeLine(p *features.Plan) string {
	line := fmt.Sprintf("%s: %s", shown(f.out), count(p.Pictures, "image"))
	if f.views > 1 {
		line += " × " + count(f.views, "view")
	}
	line += fmt.Sprintf(", %s, %s, %s a row", sourceText(p.Recipe), p.Recipe.DType, sizeText(float64(p.Recipe.RowBytes())))
	if p.Present > 0 {
		line += fmt.Sprintf("; %d of %d rows are there", p.Present, p.Rows)
	}
	line += fmt.Sprintf("; to write: %s", sizeText(float64(p.Bytes)))
	if p.Free >= 0 {
		line += fmt.Sprintf(" of %s that are free", sizeText(float64(p.Free)))
	}
	if p.Recipe.DType == features.Float32 && p.Bytes >= 10e6 {
		line += "; --out-dtype bfloat16 halves it"
	}
	return line
}

// compute fills the store.
func (f *featuresFlags) compute(cmd *cobra.Command, job *features.Job, plan *features.Plan, out *featuresJSON) error {
	if err := plan.Check(f.out); err != nil {
		return err
	}
	things := "images"
	if f.views > 1 {
		things = "rows"
	}
	bars := &jobBars{cmd: cmd}
	defer bars.stop()
	bars.watch(job, plan.Missing(), things, func(fail failure) { out.Skipped = append(out.Skipped, fail) })
	report, err := job.Run(cmd.Context())
	bars.stop()
	if errors.Is(err, context.Canceled) && cmd.Context().Err() != nil {
		done := plan.Present
		if report != nil {
			done = report.Present + report.Computed
		}
		return &interruption{fmt.Sprintf("interrupted: %d of %d rows are in %s; run the same command to go on", done, plan.Rows, shown(f.out)), err}
	}
	if err != nil {
		return err
	}
	out.Present, out.Computed, out.Repaired = report.Present, report.Computed, report.Repaired
	return nil
}

// estimate measures one image, and says how long the others take.
func (f *featuresFlags) estimate(cmd *cobra.Command, job *features.Job, plan *features.Plan, out *featuresJSON) error {
	e := *job.Encoder
	e.Request = radio.Request{NoFeatures: true, Sources: plan.Recipe.Sources()}
	var took time.Duration
	for range 2 { // the first time packs weights
		began := time.Now()
		if _, err := e.EncodeFiles(cmd.Context(), job.Set.Items[0].Path); err != nil {
			return err
		}
		took = time.Since(began)
	}
	seconds := number(took.Seconds() * float64(plan.Missing()))
	out.Seconds = &seconds
	return nil
}

// print prints the report.
func (f *featuresFlags) print(cmd *cobra.Command, out *featuresJSON) error {
	if out.Skipped == nil {
		out.Skipped = []failure{}
	}
	var err error
	switch {
	case f.json:
		err = json.NewEncoder(cmd.OutOrStdout()).Encode(out)
	case f.plan:
		_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d rows of %s: %s\nall: about %v\n", out.Rows-out.Present, sizeText(float64(out.RowBytes)), sizeText(float64(out.Bytes)),
			time.Duration(math.Ceil(float64(*out.Seconds)))*time.Second)
	default:
		repaired := ""
		if out.Repaired > 0 {
			repaired = fmt.Sprintf(" (%d of them damaged)", out.Repaired)
		}
		_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %s computed%s, %d were there\n", shown(f.out), count(out.Computed, "row"), repaired, out.Present)
	}
	if err == nil && len(out.Skipped) > 0 {
		err = failed{fmt.Sprintf("%s skipped", count(len(out.Skipped), "image"))}
	}
	return err
}
