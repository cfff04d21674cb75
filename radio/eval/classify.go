package eval

import (
	"fmt"
	"math"
)

// Ranks returns for each row of scores (N, classes) how many classes have a strictly higher
// score than the label. It is 0 where the answer is right.
func Ranks(scores []float64, classes int, labels []int) ([]int, error) {
	if classes < 1 || len(scores) != classes*len(labels) {
		return nil, fmt.Errorf("%d scores are not rows of %d classes for %d labels", len(scores), classes, len(labels))
	}
	ranks := make([]int, len(labels))
	for i, l := range labels {
		if l < 0 || l >= classes {
			return nil, fmt.Errorf("the label of row %d is %d: must be 0 to %d", i, l, classes-1)
		}
		row := scores[i*classes:][:classes]
		if math.IsNaN(row[l]) {
			return nil, fmt.Errorf("the score of class %d in row %d is NaN", l, i)
		}
		ranks[i] = rank(row, l)
	}
	return ranks, nil
}

func rank(scores []float64, label int) int {
	r := 0
	for _, v := range scores {
		if v > scores[label] {
			r++
		}
	}
	return r
}

// TopK returns the share of ranks below k: accuracy for k = 1. It is NaN of no ranks.
func TopK(ranks []int, k int) float64 {
	right := 0
	for _, r := range ranks {
		if r < k {
			right++
		}
	}
	return ratio(right, len(ranks))
}

// Confusion counts answers. Row r, column c is how often class c was the answer where r is
// the label.
type Confusion struct {
	Classes int
	Counts  []int // (Classes, Classes)
}

// Confuse counts answers to labels.
func Confuse(classes int, labels, answers []int) (*Confusion, error) {
	if classes < 1 {
		return nil, fmt.Errorf("the number of classes is %d: must be at least 1", classes)
	}
	if len(labels) != len(answers) {
		return nil, fmt.Errorf("there are %d labels and %d answers: give one answer a label", len(labels), len(answers))
	}
	c := &Confusion{Classes: classes, Counts: make([]int, classes*classes)}
	for i, l := range labels {
		a := answers[i]
		if l < 0 || l >= classes || a < 0 || a >= classes {
			return nil, fmt.Errorf("row %d has label %d and answer %d: must be 0 to %d", i, l, a, classes-1)
		}
		c.Counts[l*classes+a]++
	}
	return c, nil
}

// At returns how often answer was given for label.
func (c *Confusion) At(label, answer int) int { return c.Counts[label*c.Classes+answer] }

// Labels returns how many rows have the label.
func (c *Confusion) Labels(label int) (n int) {
	for a := range c.Classes {
		n += c.At(label, a)
	}
	return n
}

// Answers returns how often the class was the answer.
func (c *Confusion) Answers(class int) (n int) {
	for l := range c.Classes {
		n += c.At(l, class)
	}
	return n
}

// Accuracy returns the share of right answers, or NaN of none.
func (c *Confusion) Accuracy() float64 {
	right, all := 0, 0
	for l := range c.Classes {
		right += c.At(l, l)
		all += c.Labels(l)
	}
	return ratio(right, all)
}

// Recalls returns for each class the share of its rows that were found, or NaN where it has
// none.
func (c *Confusion) Recalls() []float64 {
	return c.each(func(l int) float64 { return ratio(c.At(l, l), c.Labels(l)) })
}

// Precisions returns for each class the share of its answers that are right, or NaN where it
// was never the answer.
func (c *Confusion) Precisions() []float64 {
	return c.each(func(l int) float64 { return ratio(c.At(l, l), c.Answers(l)) })
}

// F1 returns for each class 2·tp / (2·tp + fp + fn), or NaN where it has no rows.
func (c *Confusion) F1() []float64 {
	return c.each(func(l int) float64 {
		if c.Labels(l) == 0 {
			return math.NaN()
		}
		return ratio(2*c.At(l, l), c.Labels(l)+c.Answers(l))
	})
}

func (c *Confusion) each(f func(class int) float64) []float64 {
	out := make([]float64, c.Classes)
	for l := range out {
		out[l] = f(l)
	}
	return out
}

// ratio returns a/b, or NaN where b is 0.
func ratio[T int | int64](a, b T) float64 {
	if b == 0 {
		return math.NaN()
	}
	return float64(a) / float64(b)
}

// Mean returns the mean of the values that are not NaN, or NaN if there are none: a class
// without examples is left out, as mmsegmentation does.
func Mean(values []float64) float64 {
	sum, n := 0.0, 0
	for _, v := range values {
		if !math.IsNaN(v) {
			sum += v
			n++
		}
	}
	if n == 0 {
		return math.NaN()
	}
	return sum / float64(n)
}
