package conformance

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"

	"cradio/radio/eval"
)

// Marks of evaluate/probe.
const (
	mostLogistic = 1e-4  // of the largest weight
	mostAccuracy = 0.005 // of the mean over five seeds; single seeds differ by 0.002
)

// evaluateProbe: logistic regressions, and the accuracies of linear probes.
func evaluateProbe(c *trainingCase) error {
	classes := int(c.number("classes", 0))
	raw, val, test := c.set("input/train", "input/train_labels"), c.set("input/val", "input/val_labels"), c.set("input/test", "input/test_labels")
	if c.err != nil {
		return c.err
	}
	for _, inverse := range []string{"0.01", "1.0", "100.0"} {
		if err := evaluateLogistic(c, raw, test, classes, inverse); err != nil {
			return err
		}
	}
	var results map[string]struct{ Mean float64 }
	if !c.option("results", &results) {
		return cmp.Or(c.err, fmt.Errorf("option results is missing"))
	}
	for name, opt := range map[string]eval.ProbeOptions{
		"adamw":     {AdamW: true, Rates: []float64{1e-2}, Decay: 1e-2, Epochs: 20, Batch: 128, Warmup: 1},
		"adamw_raw": {AdamW: true, Rates: []float64{1e-2}, Decay: 1e-2, Epochs: 20, Batch: 128, Warmup: 1, Raw: true},
		"sgd_grid":  {Epochs: 25, Batch: 128}, // the reference makes 400 steps
	} {
		mean, err := probeAccuracy(c, raw, val, test, classes, opt)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		c.compareWithin("accuracy of "+name, []float64{mean}, []float64{results[name].Mean}, mostAccuracy)
	}
	return nil
}

// probeAccuracy is the mean accuracy of a probe over five seeds, each with the rate that was best on
// the validation part.
func probeAccuracy(c *trainingCase, train, val, test eval.Set, classes int, opt eval.ProbeOptions) (mean float64, err error) {
	const seeds = 5
	for seed := range seeds {
		opt.Seed = uint64(seed)
		p, err := eval.FitProbe(c.ctx, train.Rows(), classes, opt)
		if err != nil {
			return 0, err
		}
		best, _, err := p.Choose(c.ctx, val.Rows(), eval.Options{})
		if err != nil {
			return 0, err
		}
		ranks, err := p.Ranks(c.ctx, "test", test.Rows(), eval.Options{})
		if err != nil {
			return 0, err
		}
		mean += eval.TopK(ranks[best], 1) / seeds
	}
	return mean, nil
}

// evaluateLogistic compares a logistic regression with the exact optimum.
func evaluateLogistic(c *trainingCase, raw, test eval.Set, classes int, inverse string) error {
	scale, err := eval.FitScale(raw)
	if err != nil {
		return err
	}
	train, err := scale.Apply(raw)
	if err != nil {
		return err
	}
	if test, err = scale.Apply(test); err != nil {
		return err
	}
	var opt eval.LogisticOptions
	if err := json.Unmarshal([]byte(inverse), &opt.C); err != nil {
		return err
	}
	l, err := eval.FitLogistic(c.ctx, train, classes, opt)
	if err != nil {
		return err
	}
	if !l.Converged {
		return fmt.Errorf("the fit with C %s has not converged: %d iterations, gradient %.1e", inverse, l.Iterations, l.Gradient)
	}
	name := "logistic/" + inverse
	weight, _ := c.values(truthPrefix + name + "/weight")
	bias, _ := c.values(truthPrefix + name + "/bias")
	largest := 0.0
	for _, w := range weight {
		largest = max(largest, math.Abs(w))
	}
	c.compareWithin(name+"/weight", l.Weight, weight, mostLogistic*largest)
	c.compareWithin(name+"/bias", l.Bias, bias, mostLogistic*largest)
	answers, err := l.Predict(c.ctx, test.Features, eval.Options{})
	if err != nil {
		return err
	}
	ours, want := c.decided(name, answers)
	c.compareWithin(name+"/predictions", ours, want, 0)
	return nil
}
