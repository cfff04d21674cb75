package main

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"cradio/loader"
	"cradio/radio"
)

// answerJSON is the answer to an image: a line of .jsonl.
type answerJSON struct {
	Path   string   `json:"path"`
	Label  string   `json:"label"` // of the highest score; of several classes all of at least 0.5, joined with ;
	Score  number   `json:"score"`
	Labels []string `json:"labels"` // by score
	Scores []number `json:"scores"`
}

// classes answers with classes.
func (p *prediction) classes() error {
	if p.out != "" && !p.isList() {
		return usage(p.cmd, "--out %s: the head answers with classes: give a FILE.jsonl or FILE.csv", shown(p.out))
	}
	inputs := make([]radio.Input, len(p.names))
	for i, name := range p.names {
		inputs[i] = input(p.cmd, p.enc, name)
	}
	bar := newProgress(p.cmd.ErrOrStderr(), len(inputs), p.out != "")
	defer bar.stop()
	var answers []answerJSON
	err := p.enc.Stream(p.cmd.Context(), inputs, func(r radio.Result) error {
		defer bar.step()
		if r.Err != nil {
			p.fail(bar, r.Name, r.Err)
			return nil
		}
		a := p.answer(r.Name, radio.Values[float32](r.Heads[0].Values))
		if p.out != "" {
			answers = append(answers, a)
			return nil
		}
		return p.print(a)
	})
	bar.stop()
	if err != nil || p.out == "" {
		return err
	}
	if err := p.write(answers); err != nil {
		return err
	}
	say("%s: %s answered", shown(p.out), count(len(answers), "image"))
	return nil
}

// answer makes an answer of logits.
func (p *prediction) answer(name string, logits []float32) answerJSON {
	spec := p.head.Spec()
	scores := make([]float64, len(logits))
	if spec.MultiLabel {
		for i, v := range logits {
			scores[i] = 1 / (1 + math.Exp(-float64(v)))
		}
	} else {
		most, sum := float64(slices.Max(logits)), 0.0
		for i, v := range logits {
			scores[i] = math.Exp(float64(v) - most)
			sum += scores[i]
		}
		for i := range scores {
			scores[i] /= sum
		}
	}
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	a := answerJSON{Path: name, Score: number(scores[order[0]])}
	var likely []string
	for _, i := range order {
		a.Labels, a.Scores = append(a.Labels, spec.Label(i)), append(a.Scores, number(scores[i]))
		if scores[i] >= 0.5 {
			likely = append(likely, spec.Label(i))
		}
	}
	a.Label = a.Labels[0]
	if spec.MultiLabel {
		a.Label = strings.Join(likely, ";")
	}
	return a
}

// print prints an answer on standard output.
func (p *prediction) print(a answerJSON) error {
	if p.json {
		return printJSON(p.cmd, a)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s (%s)", shown(a.Path), shown(a.Label), percent(a.Score))
	for i := 1; i < min(p.top, len(a.Labels)); i++ {
		fmt.Fprintf(&b, ", %s (%s)", shown(a.Labels[i]), percent(a.Scores[i]))
	}
	_, err := fmt.Fprintln(p.cmd.OutOrStdout(), b.String())
	return err
}

// write writes all answers into a file, in the order of the images.
func (p *prediction) write(answers []answerJSON) error {
	var text bytes.Buffer
	if strings.HasSuffix(strings.ToLower(p.out), ".jsonl") {
		j := json.NewEncoder(&text)
		j.SetEscapeHTML(false)
		for _, a := range answers {
			if err := j.Encode(a); err != nil {
				return err
			}
		}
	} else {
		spec := p.head.Spec()
		c := csv.NewWriter(&text)
		header := []string{"path", "label", "score"}
		for i := range spec.Outputs {
			header = append(header, "score_"+spec.Label(i))
		}
		lines := [][]string{header}
		for _, a := range answers {
			line := []string{a.Path, a.Label, decimal(a.Score)}
			for i := range spec.Outputs {
				line = append(line, decimal(a.Scores[slices.Index(a.Labels, spec.Label(i))]))
			}
			lines = append(lines, line)
		}
		if err := c.WriteAll(lines); err != nil {
			return err
		}
	}
	return loader.WriteFile(p.out, func(w io.Writer) error { _, err := w.Write(text.Bytes()); return err })
}

func decimal(v number) string { return strconv.FormatFloat(float64(v), 'g', 6, 64) }
