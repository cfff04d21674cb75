package conformance

import (
	"fmt"
	"math"

	"cradio/radio/eval"
)

// runEvaluate computes what radio/eval does: neighbours, probes and logistic regressions, metrics. None
// of it is a graph, so that ways of computing graphs make no difference.
func runEvaluate(c *trainingCase) error {
	if c.way.name != "" || c.tape() {
		for _, n := range c.names(truthPrefix) {
			c.seen[n] = true
		}
		return nil
	}
	switch c.name() {
	case "evaluate/knn":
		return evaluateKNN(c)
	case "evaluate/probe":
		return evaluateProbe(c)
	case "evaluate/metrics":
		return evaluateMetrics(c)
	}
	return fmt.Errorf("%w: nothing here computes it", errNotRun)
}

// compareWithin compares numbers of the case, or facts of its entry in the manifest, with what they
// should be: each within a limit. NaN must be NaN.
func (c *trainingCase) compareWithin(name string, ours, want []float64, limit float64) {
	c.seen[name] = true
	if len(ours) != len(want) {
		c.report.fail(c.name(), c.way, name, fmt.Errorf("has %d values, want %d as in the reference", len(ours), len(want)))
		return
	}
	t := Tensor{Bundle: c.name(), Name: name, Baseline: &Baseline{By: PyTorch}}
	for i, w := range want {
		d := math.Abs(ours[i] - w)
		switch {
		case math.IsNaN(w) && math.IsNaN(ours[i]):
			continue
		case math.IsNaN(d):
			d = math.Inf(1)
		}
		t.Ours.Max = max(t.Ours.Max, d)
		t.Ours.RMS += d * d / float64(len(want))
	}
	t.Ours.RMS = math.Sqrt(t.Ours.RMS)
	c.report.Tensors = append(c.report.Tensors, TrainingTensor{Tensor: t, Way: c.way.name, kind: limitedNumbers, limit: limit})
}

// set is labelled features of the case.
func (c *trainingCase) set(features, labels string) eval.Set {
	x, shape := c.values(features)
	s := eval.Set{Width: shape[len(shape)-1], Labels: c.ints(labels)}
	for _, v := range x {
		s.Features = append(s.Features, float32(v))
	}
	return s
}

// ints is a tensor of whole numbers.
func (c *trainingCase) ints(name string) []int {
	v, _ := c.values(name)
	out := make([]int, len(v))
	for i, x := range v {
		out[i] = int(x)
	}
	return out
}

// singles is a tensor of float32.
func (c *trainingCase) singles(name string) []float32 {
	v, _ := c.values(name)
	out := make([]float32, len(v))
	for i, x := range v {
		out[i] = float32(x)
	}
	return out
}

// decided returns the answers, ours and theirs, where the reference is certain of them.
func (c *trainingCase) decided(prefix string, answers []int) (ours, want []float64) {
	theirs, certain := c.ints(truthPrefix+prefix+"/predictions"), c.ints(truthPrefix+prefix+"/decided")
	c.seen[prefix+"/decided"] = true
	for i, ok := range certain {
		if ok != 0 && i < len(answers) {
			ours, want = append(ours, float64(answers[i])), append(want, float64(theirs[i]))
		}
	}
	return ours, want
}

// mostVotes is what votes may be off, relative to the most of a query.
const mostVotes = 1e-4

// evaluateKNN: answers where the reference is certain of them, and the votes there.
func evaluateKNN(c *trainingCase) error {
	var ks []int
	c.option("ks", &ks)
	classes, temperature := int(c.number("classes", 0)), c.number("temperature", 0)
	train, query := c.set("input/train", "input/train_labels"), c.set("input/query", "input/query_labels")
	if c.err != nil || len(ks) == 0 {
		return fmt.Errorf("option ks is missing")
	}
	near, err := eval.Nearest(c.ctx, train.Features, query.Features, train.Width, ks[len(ks)-1], eval.Options{})
	if err != nil {
		return err
	}
	for _, k := range ks {
		name := fmt.Sprint(k)
		ours, want := c.decided(name, near.Predict(train.Labels, classes, k, temperature))
		c.compareWithin(name+"/predictions", ours, want, 0)
		votes, _ := c.values(truthPrefix + name + "/votes")
		certain := c.ints(truthPrefix + name + "/decided")
		got := make([]float64, classes)
		ours, want = nil, nil
		for q, ok := range certain {
			if ok == 0 {
				continue
			}
			near.Votes(train.Labels, q, k, temperature, got)
			row, most := votes[q*classes:][:classes], 0.0
			for _, v := range row {
				most = max(most, v)
			}
			for i, v := range row {
				ours, want = append(ours, got[i]/most), append(want, v/most)
			}
		}
		c.compareWithin(name+"/votes", ours, want, mostVotes)
	}
	return nil
}
