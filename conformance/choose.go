package conformance

import (
	"errors"
	"fmt"
	"strings"
)

// ErrNothing is what errors.Is finds when no bundle was left to run.
var ErrNothing = errors.New("no bundle to run")

// choose lists the bundles to run, and records why others do not.
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

// skip is why a bundle does not run, or "".
func (r *run) skip(b *Bundle) string {
	switch {
	case b.err != nil:
		return "" // it fails when it runs
	case b.foreign != "":
		return b.foreign
	case b.kind == weights && r.covered(b) != "":
		return "compared by " + r.covered(b)
	case r.opt.Model != "" && b.synthetic():
		return "its weights are synthetic, and --model names a checkpoint"
	case r.opt.Model == "" && !b.synthetic():
		return "made from a real checkpoint: name it with --model"
	case b.kind == gradient && r.opt.narrow():
		return fmt.Sprintf("gradients are not computed in %s", r.opt.DType)
	case b.Large && !r.opt.Large && r.opt.Model == "":
		return "its model is large: runs with --full"
	}
	return ""
}

// reasons says why nothing runs.
func (r *run) reasons() string {
	if len(r.report.Skipped) == 0 {
		return fmt.Sprintf("no name contains %q", r.opt.Filter)
	}
	return fmt.Sprintf("%s: %s", r.report.Skipped[0].Bundle, r.report.Skipped[0].Reason)
}
