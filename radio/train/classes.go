package train

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"cradio/graph"
	"cradio/radio"
	"cradio/radio/eval"
)

// Classes is the Goal of one class a picture, or with Several of any number of them.
type Classes struct {
	Names   []string
	Labels  [][]int // of each sample
	Several bool
	// Unknown are, with Several, the classes of each sample that are not known: they count in no loss and no
	// figure. nil if all are known.
	Unknown [][]int
	// Smoothing is how much of the target all classes share. 0 does nothing.
	Smoothing float64
	Scoring   Loss
	// Weights are those of the classes; see Loss.
	Weights []float64

	values, known []float32
}

// Loss implements Goal: cross entropy, or of several classes binary cross entropy; or what Scoring says.
func (c *Classes) Loss(g *graph.Builder, y *graph.Node, _ radio.Grid) (*graph.Node, func(graph.Machine, *Rows) error) {
	shape := g.Shape(y)
	if shape == nil {
		return nil, nil
	}
	weights, setWeights := classWeights(g, c.Weights)
	if c.Several {
		return c.binary(g, y, weights, setWeights)
	}
	labels := g.Input("labels", shape[0])
	loss := c.Scoring.sum(g, CrossEntropy, func(s *graph.Builder, kind LossKind) *graph.Node {
		if kind == Focal {
			return s.SoftmaxFocal(y, labels, c.Scoring.gamma(), 0)
		}
		return s.CrossEntropy(y, labels, weights, graph.CrossEntropy{Smoothing: c.Smoothing})
	})
	return loss, func(m graph.Machine, r *Rows) error {
		c.values = c.values[:0]
		for _, i := range r.Samples {
			c.values = append(c.values, float32(c.Labels[i][0]))
		}
		return errors.Join(set(m, labels, c.values), setWeights(m))
	}
}

// binary is the loss of several classes.
func (c *Classes) binary(g *graph.Builder, y, weights *graph.Node, setWeights func(graph.Machine) error) (*graph.Node, func(graph.Machine, *Rows) error) {
	batch, classes := g.Shape(y)[0], g.Shape(y)[1]
	targets := g.Input("targets", batch, classes)
	var known *graph.Node
	if slices.ContainsFunc(c.Unknown, func(u []int) bool { return len(u) > 0 }) {
		known = g.Input("known", batch, classes)
	}
	loss := c.Scoring.sum(g, CrossEntropy, func(s *graph.Builder, kind LossKind) *graph.Node {
		if kind == Focal {
			return s.SigmoidFocal(y, targets, known, c.Scoring.alpha(), c.Scoring.gamma())
		}
		return s.BinaryCrossEntropy(y, targets, known, weights)
	})
	return loss, func(m graph.Machine, r *Rows) error {
		c.values = append(c.values[:0], make([]float32, batch*classes)...)
		for row, i := range r.Samples {
			for _, l := range c.Labels[i] {
				c.values[row*classes+l] = 1
			}
		}
		err := errors.Join(set(m, targets, c.values), setWeights(m))
		if known == nil {
			return err
		}
		c.known = slices.Repeat([]float32{1}, batch*classes)
		for row, i := range r.Samples {
			for _, l := range c.Unknown[i] {
				c.known[row*classes+l] = 0
			}
		}
		return errors.Join(err, set(m, known, c.known))
	}
}

// Target implements Goal.
func (c *Classes) Target(sample int) (any, error) {
	if u := c.unknown(sample); len(u) > 0 {
		return [2][]int{c.Labels[sample], u}, nil
	}
	return c.Labels[sample], nil
}

// unknown are the classes of a sample that are not known.
func (c *Classes) unknown(sample int) []int {
	if c.Unknown == nil {
		return nil
	}
	return c.Unknown[sample]
}

// Meter implements Goal: top-1, top-5 and the mean of recalls, or of several classes
// mean average precision and F1.
func (c *Classes) Meter() Meter { return &classMeter{Classes: c} }

type classMeter struct {
	*Classes
	labels  [][]int
	masked  [][]int // classes that are not known
	scores  []float64
	answers []int
}

func (m *classMeter) Add(outputs []float32, _ radio.Grid, r *Rows, n int) error {
	k := len(m.Names)
	for row, i := range r.Samples[:n] {
		scores := outputs[row*k:][:k]
		if j := slices.IndexFunc(scores, func(v float32) bool { return v-v != 0 }); j >= 0 {
			return &scoreError{sample: i, text: fmt.Sprintf("the score of class %s is %v", m.Names[j], scores[j])}
		}
		best := 0
		for j, v := range scores {
			m.scores = append(m.scores, float64(v))
			if v > scores[best] {
				best = j
			}
		}
		m.labels, m.masked, m.answers = append(m.labels, m.Classes.Labels[i]), append(m.masked, m.Classes.unknown(i)), append(m.answers, best)
	}
	return nil
}

func (m *classMeter) Evaluation() (*Evaluation, error) {
	e := &Evaluation{Figure: "top1", Metrics: map[string]float64{}, Classes: m.Names}
	if m.Several {
		s, err := eval.Severally(m.scores, len(m.Names), m.labels, m.masked)
		if err != nil {
			return nil, err
		}
		e.Figure, e.Metrics = "map", map[string]float64{
			"map": s.MeanPrecision, "micro_ap": s.MicroPrecision, "f1": s.F1, "micro_f1": s.MicroF1, "exact": s.Exact, "loss": m.binaryLoss(),
		}
		return e, nil
	}
	labels := make([]int, len(m.labels))
	for i, l := range m.labels {
		labels[i] = l[0]
	}
	ranks, err := eval.Ranks(m.scores, len(m.Names), labels)
	if err != nil {
		return nil, err
	}
	if e.Confusion, err = eval.Confuse(len(m.Names), labels, m.answers); err != nil {
		return nil, err
	}
	e.Metrics["top1"], e.Metrics["mean_recall"] = eval.TopK(ranks, 1), eval.Mean(e.Confusion.Recalls())
	if len(m.Names) > 5 {
		e.Metrics["top5"] = eval.TopK(ranks, 5)
	}
	e.Metrics["loss"] = m.loss(labels)
	return e, nil
}

// loss is the mean cross entropy, without smoothing.
func (m *classMeter) loss(labels []int) float64 {
	k, sum := len(m.Names), 0.0
	for i, l := range labels {
		row := m.scores[i*k:][:k]
		most, all := slices.Max(row), 0.0
		for _, v := range row {
			all += math.Exp(v - most)
		}
		sum += most + math.Log(all) - row[l]
	}
	return sum / float64(len(labels))
}

// binaryLoss is the mean binary cross entropy of what is known.
func (m *classMeter) binaryLoss() float64 {
	k, sum, n := len(m.Names), 0.0, 0
	for i, v := range m.scores {
		if slices.Contains(m.masked[i/k], i%k) {
			continue
		}
		n++
		sum += max(v, 0) + math.Log1p(math.Exp(-math.Abs(v)))
		if slices.Contains(m.labels[i/k], i%k) {
			sum -= v
		}
	}
	return sum / float64(n)
}
