package eval

import (
	"fmt"
	"math"
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
	Unknown               int // of which nobody knows
	AveragePrecision      float64
	Precision, Recall, F1 float64
	right, answered       int
}

// target is what a row has to do with a class.
type target uint8

const (
	absent target = iota
	present
	unknown
)

// targetsOf are those of all rows and classes.
func targetsOf(scores []float64, classes int, labels, notKnown [][]int) ([]target, error) {
	if classes < 1 || len(scores) != classes*len(labels) {
		return nil, fmt.Errorf("%d scores are not rows of %d classes for %d rows of labels", len(scores), classes, len(labels))
	}
	if notKnown != nil && len(notKnown) != len(labels) {
		return nil, fmt.Errorf("there are %d rows of labels, and %d of unknown ones", len(labels), len(notKnown))
	}
	targets := make([]target, len(scores))
	for _, x := range []struct {
		lists [][]int
		is    target
	}{{labels, present}, {notKnown, unknown}} {
		for i, list := range x.lists {
			for _, l := range list {
				if l < 0 || l >= classes {
					return nil, fmt.Errorf("a label of row %d is %d: must be 0 to %d", i, l, classes-1)
				}
				targets[i*classes+l] = x.is
			}
		}
	}
	return targets, nil
}

// Severally compares scores (N, classes), logits, with the classes of each row. notKnown are classes of
// each row of which nobody knows, which count in no figure; or nil.
func Severally(scores []float64, classes int, labels, notKnown [][]int) (*Several, error) {
	targets, err := targetsOf(scores, classes, labels, notKnown)
	if err != nil {
		return nil, err
	}
	s := &Several{Rows: len(labels), Classes: make([]SeveralClass, classes)}
	exact := 0
	for i := range labels {
		if s.count(scores[i*classes:][:classes], targets[i*classes:][:classes]) {
			exact++
		}
	}
	s.Exact = ratio(exact, len(labels))
	var p precision
	for c := range s.Classes {
		p.clear()
		for i := range labels {
			p.add(scores[i*classes+c], targets[i*classes+c])
		}
		if s.Classes[c].AveragePrecision, err = p.average(); err != nil {
			return nil, fmt.Errorf("class %d: %w", c, err)
		}
	}
	p.clear()
	for i, score := range scores {
		p.add(score, targets[i])
	}
	s.MicroPrecision, err = p.average()
	s.average()
	return s, err
}

// precision collects scores whose targets are known.
type precision struct {
	scores   []float64
	positive []bool
}

func (p *precision) clear() { p.scores, p.positive = p.scores[:0], p.positive[:0] }

func (p *precision) add(score float64, t target) {
	if t != unknown {
		p.scores, p.positive = append(p.scores, score), append(p.positive, t == present)
	}
}

func (p *precision) average() (float64, error) { return AveragePrecision(p.scores, p.positive) }

// count adds a row, and says whether all that is known of it is right.
func (s *Several) count(scores []float64, targets []target) bool {
	all := true
	for c := range s.Classes {
		k, answer, has := &s.Classes[c], scores[c] >= 0, targets[c] == present
		if targets[c] == unknown {
			k.Unknown++
			continue
		}
		if answer {
			k.answered++
		}
		if has {
			k.Rows++
		}
		if answer && has {
			k.right++
		}
		all = all && answer == has
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
func SeverallyInterval(scores []float64, classes int, labels, notKnown [][]int, opt BootstrapOptions) (Interval, error) {
	if _, err := Severally(scores, classes, labels, notKnown); err != nil {
		return Interval{}, err
	}
	targets, err := targetsOf(scores, classes, labels, notKnown)
	if err != nil {
		return Interval{}, err
	}
	var p precision
	return Bootstrap(len(labels), func(rows []int) float64 {
		each := make([]float64, classes)
		for c := range each {
			p.clear()
			for _, row := range rows {
				p.add(scores[row*classes+c], targets[row*classes+c])
			}
			each[c], _ = p.average() // the scores are numbers, as Severally has seen
		}
		return Mean(each)
	}, opt)
}
