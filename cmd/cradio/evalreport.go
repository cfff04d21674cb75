package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"cradio/radio/data"
	"cradio/radio/eval"
)

// evalReport is the output of --json.
type evalReport struct {
	Data      string            `json:"data"`
	Model     string            `json:"model"`
	Synthetic bool              `json:"synthetic"`
	Input     string            `json:"input"`
	Adaptor   string            `json:"adaptor,omitempty"`
	DType     string            `json:"dtype"`
	Size      string            `json:"size"`
	Width     int               `json:"width"`
	Images    map[data.Part]int `json:"images"` // with features
	Part      data.Part         `json:"part"`   // the one that was answered
	Top1      number            `json:"top1"`
	Interval  [2]number         `json:"top1_interval"`
	Top5      number            `json:"top5"`
	Recall    number            `json:"mean_recall"`
	Classes   []classJSON       `json:"classes"`
	Confusion [][]int           `json:"confusion"` // rows are labels, columns are answers

	K        []kJSON       `json:"k,omitempty"`
	FewShot  []fewShotJSON `json:"few_shot,omitempty"`
	Logistic *logisticJSON `json:"logistic,omitempty"`
	Probe    *probeJSON    `json:"probe,omitempty"`

	Skipped []failure `json:"skipped"`
}

type classJSON struct {
	Name      string `json:"name"`
	Images    int    `json:"images"`
	Recall    number `json:"recall"`
	Precision number `json:"precision"`
	F1        number `json:"f1"`
}

// report computes the figures of the answers to a set.
func (e *evaluation) report(query eval.Set, answers, ranks []int) (*evalReport, *eval.Confusion, error) {
	n := len(e.set.Classes)
	c, err := eval.Confuse(n, query.Labels, answers)
	if err != nil {
		return nil, nil, err
	}
	interval, err := eval.Bootstrap(len(ranks), func(rows []int) float64 {
		right := 0
		for _, r := range rows {
			if ranks[r] == 0 {
				right++
			}
		}
		return float64(right) / float64(len(rows))
	}, eval.BootstrapOptions{Seed: e.seed})
	if err != nil {
		return nil, nil, err
	}
	r := &evalReport{
		Data: e.set.Path, Model: e.about.model, Synthetic: e.about.synthetic, Input: e.input, Adaptor: e.adaptor, DType: e.about.dtype, Size: e.about.size,
		Width: query.Width, Images: map[data.Part]int{}, Part: e.part, Top1: number(c.Accuracy()), Interval: [2]number{number(interval.Low), number(interval.High)},
		Top5: number(eval.TopK(ranks, 5)), Recall: number(eval.Mean(c.Recalls())), Confusion: grid(c.Counts, n, itself), Skipped: e.failures,
	}
	for _, p := range data.Parts() {
		r.Images[p] = e.of(p).Len()
	}
	if r.Skipped == nil {
		r.Skipped = []failure{}
	}
	recalls, precisions, f1 := c.Recalls(), c.Precisions(), c.F1()
	for i, name := range e.set.Classes {
		r.Classes = append(r.Classes, classJSON{name, c.Labels(i), number(recalls[i]), number(precisions[i]), number(f1[i])})
	}
	return r, c, nil
}

func (e *evaluation) printJSON(v any) error {
	j := json.NewEncoder(e.cmd.OutOrStdout())
	j.SetEscapeHTML(false)
	return j.Encode(v)
}

func percent(v number) string { return fmt.Sprintf("%.1f %%", 100*float64(v)) }

// mostRecalls is how many classes the text names.
const mostRecalls = 20

// finish prints the report and writes the confusion matrix. more are lines of the command itself.
func (e *evaluation) finish(r *evalReport, c *eval.Confusion, more []string) error {
	if e.confusion != "" {
		if err := e.draw(r, c); err != nil {
			return err
		}
	}
	err := e.print(r, more)
	if err == nil && len(e.failures) > 0 {
		return failed{fmt.Sprintf("%d of %s failed", len(e.failures), count(len(e.set.Items)+len(e.set.Skipped), "image"))}
	}
	return err
}

func (e *evaluation) print(r *evalReport, more []string) error {
	if e.json {
		return e.printJSON(r)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s of %s, %s; %d features (%s)\n", shown(r.Model), count(r.Images[e.part], "image"), e.part, classes(len(r.Classes)), r.Width, r.Input)
	fmt.Fprintf(&b, "top-1        %s (95 %%: %.1f to %.1f)\n", percent(r.Top1), 100*float64(r.Interval[0]), 100*float64(r.Interval[1]))
	if len(r.Classes) > 5 {
		fmt.Fprintf(&b, "top-5        %s\n", percent(r.Top5))
	}
	fmt.Fprintf(&b, "mean recall  %s\n", percent(r.Recall))
	for _, line := range more {
		b.WriteString(line + "\n")
	}
	if len(r.Classes) <= mostRecalls {
		for _, class := range r.Classes {
			if class.Images > 0 {
				fmt.Fprintf(&b, "  %-20s recall %7s of %s\n", shown(class.Name), percent(class.Recall), count(class.Images, "image"))
			}
		}
	}
	_, err := e.cmd.OutOrStdout().Write([]byte(b.String()))
	return err
}
