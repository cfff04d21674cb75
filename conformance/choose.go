package conformance

import (
	"errors"
	"fmt"
	"strings"

	"cradio/radio"
)

// ErrNothing is the error of Run if there is no bundle to run; use errors.Is.
var ErrNothing = errors.New("no bundle to run")

// choose returns the bundles to run, and records why the others are skipped.
func (r *run) choose() []*Bundle {
	var chosen []*Bundle
	for _, b := range r.Bundles {
		if !strings.Contains(b.Name, r.opt.Filter) {
			continue
		}
		if why := r.skip(b); why != "" {
			r.report.Skipped = append(r.report.Skipped, Skip{b.Name, why})
			continue
		}
		chosen = append(chosen, b)
	}
	return chosen
}

// skip returns the reason to skip a bundle, or "".
func (r *run) skip(b *Bundle) string {
	switch {
	case b.err != nil:
		return "" // it fails when it runs
	case b.foreign != "":
		return b.foreign
	case b.kind == weights && r.covered(b) != "":
		return "already compared by " + r.covered(b)
	case r.opt.Model != "" && b.synthetic():
		return "its weights are synthetic, and --model names a checkpoint"
	case r.opt.Model == "" && !b.synthetic():
		return "made from a real checkpoint: give it with --model"
	case b.kind == gradient && r.opt.DType == radio.Int8:
		return fmt.Sprintf("gradients are not computed in %s", r.opt.DType)
	case b.Large && !r.opt.Large && r.opt.Model == "":
		return "its model is large: run it with --full"
	}
	return ""
}

// reasons returns why no bundle runs.
func (r *run) reasons() string {
	if len(r.report.Skipped) == 0 {
		return fmt.Sprintf("no name contains %q", r.opt.Filter)
	}
	return fmt.Sprintf("%s: %s", r.report.Skipped[0].Bundle, r.report.Skipped[0].Reason)
}
