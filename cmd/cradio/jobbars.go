package main

import (
	"cradio/radio/features"

	"github.com/spf13/cobra"
)

// jobBars shows the progress of a features.Job: rows that are checked, and then images.
type jobBars struct {
	cmd *cobra.Command
	bar *progress
}

// watch has a job tell its progress. total is how many things it computes. skipped is given what failed.
func (b *jobBars) watch(job *features.Job, total int, things string, skipped func(failure)) {
	job.Checked = func(done, of int) { // rows that are there, before the others are computed
		b.begin(of, "rows", "checking rows")
		if b.bar.step(); done == of {
			b.stop()
		}
	}
	job.Skip = func(path string, err error) {
		b.begin(total, things, "computing features")
		fail := newFailure(path, err)
		b.bar.printf("cradio: skipped: %s\n", fail.Error)
		skipped(fail)
	}
	job.Progress = func(int, int) {
		b.begin(total, things, "computing features")
		b.bar.step()
	}
}

func (b *jobBars) begin(total int, things, doing string) {
	if b.bar == nil {
		b.bar = newProgressOf(b.cmd.ErrOrStderr(), total, true, things, doing)
	}
}

// stop removes the bar.
func (b *jobBars) stop() {
	if b.bar != nil {
		b.bar.stop()
		b.bar = nil
	}
}
