package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"

	"cradio/radio/data"
	"cradio/radio/features"
	"cradio/radio/index"

	"github.com/spf13/cobra"
)

func (f *indexFlags) run(cmd *cobra.Command, args []string) error {
	if err := f.place(cmd, args); err != nil {
		return err
	}
	about, known, err := features.Pictures(f.out)
	if err != nil { // there is none, or it is mended
		known = nil
	} else if len(about.Settings) == 0 {
		return fmt.Errorf("%s: is a store of cradio features, not an index; choose another --out", shown(f.out))
	}
	if err := f.recall(cmd, f.out, about.Settings); err != nil {
		return err
	}
	if err := f.check(cmd); err != nil {
		return err
	}
	settings, err := f.settings(cmd)
	if err != nil {
		return err
	}
	set, err := f.list(cmd, args, known)
	if err != nil {
		return err
	}
	failures := skippedOf(cmd, set)
	out := &indexJSON{Index: f.out, Model: f.model.name, Skipped: failures}
	if known != nil && !f.replace && maps.Equal(settings, about.Settings) && f.current(set) {
		out.Images, out.Present, out.Synthetic = len(set.Items), len(set.Items), about.Synthetic
		return f.print(cmd, out)
	}
	if err := f.update(cmd, set, settings, out); err != nil {
		return err
	}
	return f.print(cmd, out)
}

// current reports whether there is nothing to do.
func (f *indexFlags) current(set *data.Dataset) bool {
	x, err := index.Open(f.out)
	if err != nil {
		return false // Update mends it, or says what is wrong
	}
	defer x.Close()
	return x.Current(set)
}

// list lists the images, and reads those that are not known.
func (f *indexFlags) list(cmd *cobra.Command, args []string, known *data.Dataset) (*data.Dataset, error) {
	in, err := gather(cmd, args)
	if err != nil {
		return nil, err
	}
	for i, name := range in.names {
		if name == stdinName {
			return nil, usage(cmd, "- is standard input: an index needs files, which it finds again")
		}
		// absolute, so that the index can be used from other folders
		if in.names[i], err = filepath.Abs(name); err != nil {
			return nil, err
		}
	}
	set := data.Pictures(args[0], in.names)
	if known != nil && !f.rehash {
		set.Known = features.KnownOf(known)
	}
	bar := newProgressOf(cmd.ErrOrStderr(), len(set.Items), true, "files", "reading files")
	defer bar.stop()
	if err := set.Read(cmd.Context(), func(int, int) { bar.step() }); err != nil {
		return nil, err
	}
	for _, fail := range in.failures {
		set.Skipped = append(set.Skipped, data.Skipped{Path: fail.name(), Err: errors.New(fail.Error)})
	}
	return set, nil
}

// skippedOf prints which images cannot be read.
func skippedOf(cmd *cobra.Command, set *data.Dataset) (failures []failure) {
	for _, s := range set.Skipped {
		fail := newFailure(s.Path, s.Err)
		fmt.Fprintf(cmd.ErrOrStderr(), "cradio: skipped: %s\n", fail.Error)
		failures = append(failures, fail)
	}
	return failures
}

// update computes what is new.
func (f *indexFlags) update(cmd *cobra.Command, set *data.Dataset, settings map[string]string, out *indexJSON) error {
	m, err := f.model.open(cmd)
	if err != nil {
		return err
	}
	defer m.Close()
	job, err := f.job(cmd, f.out, m, f.batch)
	if err != nil {
		return err
	}
	job.Set, job.About.Settings = set, settings
	if f.replace {
		if err := f.forget(); err != nil {
			return err
		}
	}
	plan, err := job.Plan(cmd.Context())
	if err != nil {
		return err
	}
	if err := index.Same(f.out, plan.Recipe); err != nil {
		return f.advised(err)
	}
	if missing := plan.Missing(); missing > 0 {
		say("%s: %s to compute, %s to write", shown(f.out), count(missing, "image"), sizeText(float64(plan.Bytes)))
	}
	bars := &jobBars{cmd: cmd}
	defer bars.stop()
	bars.watch(&job, plan.Missing(), "images", func(fail failure) { out.Skipped = append(out.Skipped, fail) })
	report, err := index.Update(cmd.Context(), job, nil)
	bars.stop()
	if errors.Is(err, context.Canceled) && cmd.Context().Err() != nil {
		done := plan.Present
		if report != nil {
			done = report.Present + report.Computed
		}
		return &interruption{fmt.Sprintf("interrupted: %d of %s are in %s, and can be searched; run the same command to go on", done, count(plan.Rows, "image"), shown(f.out)), err}
	}
	if err != nil {
		return f.advised(err)
	}
	out.Images, out.Synthetic = len(set.Items), m.Synthetic()
	out.Computed, out.Present, out.Removed, out.Repaired = report.Computed, report.Present, report.Removed, report.Repaired
	return nil
}
