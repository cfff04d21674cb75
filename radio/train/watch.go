package train

import (
	"fmt"
	"math"
)

// watch follows the loss, to say when a rate is too high.
type watch struct {
	Steps int     `json:"steps"`
	Mean  float64 `json:"mean"`  // running mean
	Start float64 `json:"start"` // of the first step
	First float64 `json:"first"` // the mean after some steps
	Low   float64 `json:"low"`   // the lowest since
	Above int     `json:"above"` // steps in a row that are far above
	Said  bool    `json:"said"`
}

// Limits of watch: how slowly the mean follows, after how many steps it is believed, and for how
// many steps it has to be how far above its lowest and its first value.
const (
	watchDecay = 0.95
	watchFirst = 20
	watchSteps = 20
	watchTimes = 2
)

// add takes the loss of a step. It returns a warning, once.
func (w *watch) add(loss, rate float64) string {
	if w.Steps++; w.Steps == 1 {
		w.Start = loss
	}
	weight := max(1-watchDecay, 1/float64(w.Steps)) // a plain mean at first
	w.Mean += weight * (loss - w.Mean)
	switch {
	case w.Steps < watchFirst:
		return ""
	case w.Steps == watchFirst:
		w.First, w.Low = w.Mean, w.Mean
	}
	w.Low = min(w.Low, w.Mean)
	if w.Mean > watchTimes*max(w.First, w.Low) && w.Mean-w.First > 1e-3 {
		w.Above++
	} else {
		w.Above = 0
	}
	if w.Above < watchSteps || w.Said {
		return ""
	}
	w.Said = true
	return fmt.Sprintf("the loss grows: it is %.3g, and was %.3g; the rate %.2g is too high for it. Stop this run, and try a rate of %.1g, a longer warm-up, or clipping at a norm of 1",
		w.Mean, w.First, rate, rate/10)
}

// end judges a run that was too short for add: its loss is far above that of the first step.
func (w *watch) end(rate float64) string {
	if w.Said || !(w.Mean > watchTimes*w.Start && w.Mean-w.Start > 1e-3) {
		return ""
	}
	w.Said = true
	return fmt.Sprintf("the loss has grown from %.3g to %.3g: the rate %.2g is too high. Try a rate of %.1g, a longer warm-up, or clipping at a norm of 1", w.Start, w.Mean, rate, rate/10)
}

// diverged is the advice for a loss that is not finite.
func diverged(rate float64) string {
	return fmt.Sprintf("if the pictures and masks are in order, the rate %.2g is too high: try %.1g, a longer warm-up, or clipping at a norm of 1", rate, rate/10)
}

func isFinite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
