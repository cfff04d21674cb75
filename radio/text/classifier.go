package text

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"gonum.org/v1/gonum/floats"
)

// Classifier tells which of some classes a picture shows, without having been trained on
// them: it compares the summary of an adaptor with texts about the classes (Radford et al.
// 2021). It is safe for concurrent use.
type Classifier struct {
	Classes, Templates []string
	// Weights are (K, E): the mean of a class's normalised features over the templates,
	// normalised.
	Weights []float32
	Embed   int    // E
	Logits  Logits // of which the scale is 0 if the tower does not say it

	tower *Tower    // that made it; nil if it was loaded
	of    *Identity // of the tower; nil before it is saved
}

// Logits is how the teacher makes probabilities of cosines.
type Logits struct {
	Scale   float64 `json:"scale"`
	Bias    float64 `json:"bias"`
	Sigmoid bool    `json:"sigmoid"` // a probability for each class by itself; else a softmax over all
}

// NewClassifier makes a classifier of class names and of templates with {} in them. No
// templates means the names alone. progress, where not nil, is told how many classes are done.
// Save keeps it, so that the texts need not be read again.
func NewClassifier(ctx context.Context, t *Tower, classes, templates []string, progress func(done int)) (*Classifier, error) {
	if len(templates) == 0 {
		templates = []string{hole}
	}
	if err := checkClasses(classes, templates); err != nil {
		return nil, err
	}
	c := &Classifier{Classes: slices.Clone(classes), Templates: slices.Clone(templates), Embed: t.net.Embed, tower: t}
	if l, ok := t.Logits(); ok {
		c.Logits = l
	}
	perRun := max(1, classesAtOnce/len(templates))
	for some := range slices.Chunk(classes, perRun) {
		var prompts []string
		for _, class := range some {
			for _, template := range templates {
				prompts = append(prompts, Prompt(template, class))
			}
		}
		features, err := t.Encode(ctx, prompts)
		if err != nil {
			return nil, err
		}
		for of := range slices.Chunk(features.Float32s(), len(templates)*c.Embed) {
			c.Weights = append(c.Weights, meanDirection(of, c.Embed)...)
		}
		if progress != nil {
			progress(len(c.Weights) / c.Embed)
		}
	}
	return c, nil
}

// classesAtOnce is how many prompts are encoded between two reports, about.
const classesAtOnce = 320

func checkClasses(classes, templates []string) error {
	if len(classes) == 0 {
		return errors.New("there are no classes")
	}
	first := map[string]int{}
	for i, name := range classes {
		switch before, twice := first[name]; {
		case strings.TrimSpace(name) == "":
			return fmt.Errorf("class %d has no name", i+1)
		case !utf8.ValidString(name):
			return fmt.Errorf("class %d, %q, is not UTF-8", i+1, name)
		case twice:
			return fmt.Errorf("classes %d and %d are both %q", before+1, i+1, name)
		}
		first[name] = i
	}
	for i, template := range templates {
		if !strings.Contains(template, hole) {
			return fmt.Errorf("template %d, %q, has no {} for the name of a class", i+1, template)
		}
	}
	return nil
}

// meanDirection normalises rows of features, averages them, and normalises the mean.
func meanDirection(features []float32, width int) []float32 {
	mean := make([]float64, width)
	for row := range slices.Chunk(features, width) {
		x := float64s(row)
		floats.AddScaled(mean, 1/max(floats.Norm(x, 2), leastNorm), x)
	}
	floats.Scale(1/floats.Norm(mean, 2), mean)
	out := make([]float32, width)
	for i, v := range mean {
		out[i] = float32(v)
	}
	return out
}

// leastNorm is PyTorch's, in F.normalize.
const leastNorm = 1e-12

func float64s(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

// Cosines compares the summary of a picture, of the adaptor that the tower belongs to, with
// each class. The summary need not be normalised.
func (c *Classifier) Cosines(summary []float32) ([]float64, error) {
	if len(summary) != c.Embed {
		return nil, fmt.Errorf("the summary has %d elements, the texts %d: the adaptor and the text tower do not belong together", len(summary), c.Embed)
	}
	x := float64s(summary)
	norm := floats.Norm(x, 2)
	if math.IsNaN(norm) || math.IsInf(norm, 0) {
		return nil, errors.New("the summary is not finite")
	}
	floats.Scale(1/max(norm, leastNorm), x)
	cosines := make([]float64, 0, len(c.Classes))
	for row := range slices.Chunk(c.Weights, c.Embed) {
		sum := 0.0
		for i, v := range row {
			sum += x[i] * float64(v)
		}
		cosines = append(cosines, sum)
	}
	return cosines, nil
}

// Probabilities makes probabilities of cosines: a softmax over the classes, or with Sigmoid
// one for each class by itself. Those of SigLIP are often small.
func (l Logits) Probabilities(cosines []float64) []float64 {
	p := make([]float64, len(cosines))
	for i, cosine := range cosines {
		p[i] = l.Scale*cosine + l.Bias
	}
	if l.Sigmoid {
		for i, logit := range p {
			p[i] = 1 / (1 + math.Exp(-logit))
		}
		return p
	}
	floats.AddConst(-floats.LogSumExp(p), p)
	for i, v := range p {
		p[i] = math.Exp(v)
	}
	return p
}

// Top returns the numbers of the k largest scores, the largest first, of equal ones the
// earlier.
func Top(scores []float64, k int) []int {
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	return order[:min(k, len(order))]
}
