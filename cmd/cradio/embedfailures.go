package main

import (
	"errors"
	"fmt"
	"path/filepath"

	"cradio/radio"
	"cradio/radio/output"
)

// checkFailures refuses a file for failures that cannot be written.
func (e *embedding) checkFailures() error {
	if e.failures == "" {
		return nil
	}
	if e.out != "" && filepath.Clean(e.failures) == filepath.Clean(e.out)+output.SidecarExtension && isNPY(e.out) {
		return usage(e.cmd, "--failures %s: is written beside --out; choose another name", e.failures)
	}
	return output.Writable(e.failures)
}

// unsearched reports the folders that could not be searched, each as a failure.
func (e *embedding) unsearched(list []failure) error {
	for _, f := range list {
		e.failed = append(e.failed, f)
		if e.strict {
			return errors.Join(failed{fmt.Sprintf("%s (stopped there: --strict)", f.Error)}, e.writeFailures())
		}
		fmt.Fprintf(e.cmd.ErrOrStderr(), "cradio: skipped: %s\n", f.Error)
		if e.about.Missing == output.NaN {
			continue // it is no image, of which there is one a row
		}
		if err := e.noteFailure(f, radio.Result{Name: f.name()}); err != nil {
			return err
		}
	}
	return nil
}

// noteFailure puts a failure where results go.
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

// writeFailures writes the file that --failures asks for.
func (e *embedding) writeFailures() error {
	if e.failures == "" {
		return nil
	}
	return writeFailures(e.failures, e.failed)
}

// tellOriented says how many images lie on their side for all that is known.
func (e *embedding) tellOriented() {
	if e.turned == 0 {
		return
	}
	carry, them := "carry", "them"
	if e.turned == 1 {
		carry, them = "carries", "it"
	}
	fmt.Fprintf(e.cmd.ErrOrStderr(), "%d of %s %s an EXIF orientation that was not applied; --orient turns %s\n",
		e.turned, count(e.encoded, "image"), carry, them)
}
