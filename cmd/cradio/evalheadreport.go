package main

import (
	"fmt"
	"slices"
	"strings"

	"cradio/radio/eval"
	"cradio/radio/head"

	"github.com/spf13/cobra"
)

// headReport is the output of --json for a head that answers with classes.
type headReport struct {
	Head      string          `json:"head"`
	Data      string          `json:"data"`
	Images    int             `json:"images"`
	Top1      *number         `json:"top1,omitempty"`
	Top5      *number         `json:"top5,omitempty"`
	Recall    *number         `json:"mean_recall,omitempty"`
	Interval  [2]number       `json:"interval"` // of top1, or of mean_average_precision
	Classes   []headClassJSON `json:"classes"`
	Confusion [][]int         `json:"confusion,omitempty"` // rows are labels, columns are answers
	Skipped   []failure       `json:"skipped"`

	// Of several labels an image: a class is answered if its score is at least 0.5.
	Precision      *number `json:"mean_average_precision,omitempty"`
	MicroPrecision *number `json:"micro_average_precision,omitempty"`
	F1             *number `json:"mean_f1,omitempty"`
	MicroF1        *number `json:"micro_f1,omitempty"`
	Exact          *number `json:"exact,omitempty"`
}

type headClassJSON struct {
	Name             string  `json:"name"`
	Images           int     `json:"images"`
	Unknown          int     `json:"unknown,omitempty"` // images of which nobody knows
	Recall           *number `json:"recall,omitempty"`
	AveragePrecision *number `json:"average_precision,omitempty"`
	Precision        *number `json:"precision,omitempty"`
	F1               *number `json:"f1,omitempty"`
}

func pointerTo(v float64) *number { n := number(v); return &n }

// single fills in the figures of one label an image.
func (r *headReport) single(spec *head.Spec, scores []float64, labels [][]int, seed uint64) error {
	n := spec.Outputs
	truth, answers := make([]int, len(labels)), make([]int, len(labels))
	for i, l := range labels {
		row := scores[i*n:][:n]
		truth[i], answers[i] = l[0], slices.Index(row, slices.Max(row))
	}
	ranks, err := eval.Ranks(scores, n, truth)
	if err != nil {
		return err
	}
	c, err := eval.Confuse(n, truth, answers)
	if err != nil {
		return err
	}
	interval, err := eval.Bootstrap(len(ranks), func(rows []int) float64 {
		right := 0
		for _, i := range rows {
			if ranks[i] == 0 {
				right++
			}
		}
		return float64(right) / float64(len(rows))
	}, eval.BootstrapOptions{Seed: seed})
	if err != nil {
		return err
	}
	recalls := c.Recalls()
	r.Images, r.Interval = len(labels), [2]number{number(interval.Low), number(interval.High)}
	r.Top1, r.Top5, r.Recall = pointerTo(c.Accuracy()), pointerTo(eval.TopK(ranks, 5)), pointerTo(eval.Mean(recalls))
	r.Confusion = grid(c.Counts, n, itself)
	for i := range n {
		r.Classes = append(r.Classes, headClassJSON{Name: spec.Label(i), Images: c.Labels(i), Recall: pointerTo(recalls[i])})
	}
	return nil
}

// several fills in the figures of several labels an image.
func (r *headReport) several(spec *head.Spec, scores []float64, labels, unknown [][]int, seed uint64) error {
	f, err := eval.Severally(scores, spec.Outputs, labels, unknown)
	if err != nil {
		return err
	}
	interval, err := eval.SeverallyInterval(scores, spec.Outputs, labels, unknown, eval.BootstrapOptions{Seed: seed, Resamples: 200})
	if err != nil {
		return err
	}
	r.Images, r.Interval = f.Rows, [2]number{number(interval.Low), number(interval.High)}
	r.Precision, r.MicroPrecision, r.F1, r.MicroF1, r.Exact = pointerTo(f.MeanPrecision), pointerTo(f.MicroPrecision), pointerTo(f.F1), pointerTo(f.MicroF1), pointerTo(f.Exact)
	for i, c := range f.Classes {
		r.Classes = append(r.Classes, headClassJSON{Name: spec.Label(i), Images: c.Rows, Unknown: c.Unknown, AveragePrecision: pointerTo(c.AveragePrecision), Precision: pointerTo(c.Precision), Recall: pointerTo(c.Recall), F1: pointerTo(c.F1)})
	}
	return nil
}

// print prints the figures of classes.
func (r *headReport) print(cmd *cobra.Command) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s, %s\n", r.Head, count(r.Images, "image"), classes(len(r.Classes)))
	bounds := fmt.Sprintf("(95 %%: %.1f to %.1f)", 100*float64(r.Interval[0]), 100*float64(r.Interval[1]))
	if r.Top1 != nil {
		fmt.Fprintf(&b, "top-1        %s %s\n", percent(*r.Top1), bounds)
		if len(r.Classes) > 5 {
			fmt.Fprintf(&b, "top-5        %s\n", percent(*r.Top5))
		}
		fmt.Fprintf(&b, "mean recall  %s\n", percent(*r.Recall))
	} else {
		fmt.Fprintf(&b, "mean average precision   %s %s\nmicro average precision  %s\n", percent(*r.Precision), bounds, percent(*r.MicroPrecision))
		fmt.Fprintf(&b, "F1 at a score of 0.5     %s (micro %s)\nall classes right        %s\n", percent(*r.F1), percent(*r.MicroF1), percent(*r.Exact))
	}
	for _, c := range r.Classes {
		switch {
		case c.Images == 0 || len(r.Classes) > mostRecalls:
		case c.AveragePrecision == nil:
			fmt.Fprintf(&b, "  %-20s recall %7s of %s\n", shown(c.Name), percent(*c.Recall), count(c.Images, "image"))
		default:
			fmt.Fprintf(&b, "  %-20s average precision %7s of %s\n", shown(c.Name), percent(*c.AveragePrecision), count(c.Images, "image"))
		}
	}
	_, err := cmd.OutOrStdout().Write([]byte(b.String()))
	return err
}
