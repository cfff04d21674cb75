package main

import (
	"errors"
	"fmt"
	"path/filepath"

	"cradio/radio"
	"cradio/radio/output"
)

// checkFailures returns an error if the file for failures cannot be written.
func (e *embedding) checkFailures() error {
	if e.failures == "" {
		return nil
	}
	if e.out != "" && filepath.Clean(e.failures) == filepath.Clean(e.out)+output.SidecarExtension && isNPY(e.out) {
		return usage(e.cmd, "--failures %s: is written with --out too; choose another name", e.failures)
	}
	return output.Writable(e.failures)
}

// unsearched reports each folder that could not be searched as a failure.
func (e *embedding) unsearched(list []failure) error {
	for _, f := range list {
		e.failed = append(e.failed, f)
		if e.strict {
			return errors.Join(failed{fmt.Sprintf("%s (stopped there: --strict)", f.Error)}, e.writeFailures())
		}
		fmt.Fprintf(e.cmd.ErrOrStderr(), "cradio: skipped: %s\n", f.Error)
		if e.about.Missing == output.NaN {
			continue // rows are images, and this is a folder
		}
		if err := e.noteFailure(f, radio.Result{Name: f.name()}); err != nil {
			return err
		}
	}
	return nil
}

// noteFailure writes a failure to where results go.
func (e *embedding) noteFailure(f failure, r radio.Result) error {
	if e.writer != nil {
		e.missed++
		r.Err = errors.New(f.Error)
		return e.writer.Fail(r)
	}
	if !e.json {
		return nil
	}
	_, err := e.cmd.OutOrStdout().Write(append(f.line(), '\n'))
	return err
}

// writeFailures writes the file of --failures.
func (e *embedding) writeFailures() error {
	if e.failures == "" {
		return nil
	}
	return writeFailures(e.failures, e.failed)
}

// tellOriented prints how many images have an EXIF orientation that was not applied.
func (e *embedding) tellOriented() {
	if e.turned == 0 {
		return
	}
	have, them := "have", "them"
	if e.turned == 1 {
		have, them = "has", "it"
	}
	say("%d of %s %s an EXIF orientation that was not applied; --orient applies %s", e.turned, count(e.encoded, "image"), have, them)
}
