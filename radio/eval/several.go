package eval

import (
	"fmt"
	"math"
	"slices"
)

// Several is how well scores answer pictures that may have any number of classes, none included. A
// class without examples has no figures: they are NaN, and means leave them out.
type Several struct {
	Rows    int
	Classes []SeveralClass
	// MeanPrecision is the mean of the classes' average precisions (mAP). MicroPrecision is the average
	// precision of all scores together, in which frequent classes count more.
	MeanPrecision, MicroPrecision float64
	// F1 is the mean of the classes', MicroF1 that of all answers together. Exact is the share of the
	// pictures whose classes are all answered, and no other.
	F1, MicroF1, Exact float64
}

// SeveralClass are the figures of a class. A score of 0 or more is an answer: as a logit, it is a
// probability of at least ½.
type SeveralClass struct {
	Rows                  int // that have the class
	AveragePrecision      float64
	Precision, Recall, F1 float64
	right, answered       int
}

// Severally compares scores (N, classes), logits, with the classes of each row.
func Severally(scores []float64, classes int, labels [][]int) (*Several, error) {
	if classes < 1 || len(scores) != classes*len(labels) {
		return nil, fmt.Errorf("%d scores are not rows of %d classes for %d rows of labels", len(scores), classes, len(labels))
	}
	s := &Several{Rows: len(labels), Classes: make([]SeveralClass, classes)}
	targets := make([]bool, len(scores))
	exact := 0
	for i, list := range labels {
		for _, l := range list {
			if l < 0 || l >= classes {
				return nil, fmt.Errorf("a label of row %d is %d: must be 0 to %d", i, l, classes-1)
			}
			targets[i*classes+l] = true
		}
		if s.count(scores[i*classes:][:classes], targets[i*classes:][:classes]) {
			exact++
		}
	}
	s.Exact = ratio(exact, len(labels))
	column, positive := make([]float64, len(labels)), make([]bool, len(labels))
	var err error
	for c := range s.Classes {
		for i := range labels {
			column[i], positive[i] = scores[i*classes+c], targets[i*classes+c]
		}
		if s.Classes[c].AveragePrecision, err = AveragePrecision(column, positive); err != nil {
			return nil, fmt.Errorf("class %d: %w", c, err)
		}
	}
	s.MicroPrecision, err = AveragePrecision(scores, targets)
	s.average()
	return s, err
}

// count adds a row, and says whether all of it is right.
func (s *Several) count(scores []float64, targets []bool) bool {
	all := true
	for c := range s.Classes {
		k, answer := &s.Classes[c], scores[c] >= 0
		if answer {
			k.answered++
		}
		if targets[c] {
			k.Rows++
		}
		if answer && targets[c] {
			k.right++
		}
		all = all && answer == targets[c]
	}
	return all
}

// average fills in what follows from the counts.
func (s *Several) average() {
	var precisions, f1 []float64
	right, answered, rows := 0, 0, 0
	for c := range s.Classes {
		k := &s.Classes[c]
		k.Precision, k.Recall, k.F1 = ratio(k.right, k.answered), ratio(k.right, k.Rows), math.NaN()
		if k.Rows > 0 {
			k.F1 = ratio(2*k.right, k.Rows+k.answered)
		}
		precisions, f1 = append(precisions, k.AveragePrecision), append(f1, k.F1)
		right, answered, rows = right+k.right, answered+k.answered, rows+k.Rows
	}
	s.MeanPrecision, s.F1 = Mean(precisions), Mean(f1)
	s.MicroF1 = ratio(2*right, rows+answered)
}

// SeverallyInterval is the bootstrap interval of MeanPrecision over other rows.
func SeverallyInterval(scores []float64, classes int, labels [][]int, opt BootstrapOptions) (Interval, error) {
	if _, err := Severally(scores, classes, labels); err != nil {
		return Interval{}, err
	}
	column, positive := make([]float64, len(labels)), make([]bool, len(labels))
	return Bootstrap(len(labels), func(rows []int) float64 {
		each := make([]float64, classes)
		for c := range each {
			for i, row := range rows {
				column[i], positive[i] = scores[row*classes+c], slices.Contains(labels[row], c)
			}
			each[c], _ = AveragePrecision(column, positive) // the scores are numbers, as Severally has seen
		}
		return Mean(each)
	}, opt)
}
