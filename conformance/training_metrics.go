package conformance

import (
	"encoding/json"
	"fmt"
	"math"

	"cradio/radio/eval"
)

// mostMetric is what a metric may be off.
const mostMetric = 1e-6

// evaluateMetrics: figures of classes, of labels, of masks and of depth.
func evaluateMetrics(c *trainingCase) error {
	for _, f := range []func(*trainingCase) error{singleLabel, multiLabel, maskMetrics, depthMetrics} {
		if err := f(c); err != nil {
			return err
		}
	}
	return c.err
}

// orNaN are facts of which null is NaN.
func orNaN(values []*float64) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = math.NaN()
		if v != nil {
			out[i] = *v
		}
	}
	return out
}

// metric compares one figure.
func (c *trainingCase) metric(name string, ours, want float64) {
	c.compareWithin(name, []float64{ours}, []float64{want}, mostMetric*max(1, math.Abs(want)))
}

func singleLabel(c *trainingCase) error {
	var want struct {
		Top1, Top5 float64
		Recall     []*float64
		MeanRecall float64 `json:"mean_recall"`
		MacroF1    float64 `json:"macro_f1"`
	}
	c.option("single_label", &want)
	labels := c.ints("input/labels")
	scores, shape := c.values("input/logits")
	classes := shape[len(shape)-1]
	ranks, err := eval.Ranks(scores, classes, labels)
	if err != nil {
		return err
	}
	c.metric("top-1", eval.TopK(ranks, 1), want.Top1)
	c.metric("top-5", eval.TopK(ranks, 5), want.Top5)
	answers := make([]int, len(labels))
	for i := range answers {
		for k, v := range scores[i*classes:][:classes] {
			if v > scores[i*classes+answers[i]] {
				answers[i] = k
			}
		}
	}
	confusion, err := eval.Confuse(classes, labels, answers)
	if err != nil {
		return err
	}
	counts := make([]float64, len(confusion.Counts))
	for i, n := range confusion.Counts {
		counts[i] = float64(n)
	}
	c.compareEqual("confusion", counts)
	c.compareWithin("recalls", confusion.Recalls(), orNaN(want.Recall), mostMetric)
	c.metric("mean recall", eval.Mean(confusion.Recalls()), want.MeanRecall)
	c.metric("macro F1", eval.Mean(confusion.F1()), want.MacroF1)
	return nil
}

func multiLabel(c *trainingCase) error {
	var want struct {
		AveragePrecision []*float64 `json:"average_precision"`
		Mean             float64
	}
	c.option("multi_label", &want)
	scores, shape := c.values("input/scores")
	targets, classes := c.ints("input/targets"), shape[1]
	got := make([]float64, classes)
	for k := range got {
		var column []float64
		var positive []bool
		for i := k; i < len(scores); i += classes {
			column, positive = append(column, scores[i]), append(positive, targets[i] != 0)
		}
		var err error
		if got[k], err = eval.AveragePrecision(column, positive); err != nil {
			return err
		}
	}
	c.compareWithin("average precision", got, orNaN(want.AveragePrecision), mostMetric)
	c.metric("mean average precision", eval.Mean(got), want.Mean)
	return nil
}

func maskMetrics(c *trainingCase) error {
	var want struct {
		IoU           []*float64
		MeanIoU       float64    `json:"mean_iou"`
		PixelAccuracy float64    `json:"pixel_accuracy"`
		ClassAccuracy []*float64 `json:"class_accuracy"`
		MeanAccuracy  float64    `json:"mean_accuracy"`
		Dice          []*float64
		MeanDice      float64 `json:"mean_dice"`
	}
	c.option("segmentation", &want)
	areas := eval.NewAreas(len(want.IoU))
	if err := eval.AddMask(areas, c.ints("input/segmentation"), c.ints("input/segmentation_labels")); err != nil {
		return err
	}
	var counts []float64
	for _, of := range [][]int64{areas.Intersection, areas.Prediction, areas.Labels} {
		for _, n := range of {
			counts = append(counts, float64(n))
		}
	}
	c.compareEqual("areas", counts)
	c.compareWithin("IoU", areas.IoU(), orNaN(want.IoU), mostMetric)
	c.metric("mIoU", areas.MeanIoU(), want.MeanIoU)
	c.metric("pixel accuracy", areas.PixelAccuracy(), want.PixelAccuracy)
	c.compareWithin("class accuracy", areas.Accuracies(), orNaN(want.ClassAccuracy), mostMetric)
	c.metric("mean accuracy", eval.Mean(areas.Accuracies()), want.MeanAccuracy)
	c.compareWithin("Dice", areas.Dice(), orNaN(want.Dice), mostMetric)
	c.metric("mean Dice", eval.Mean(areas.Dice()), want.MeanDice)
	return nil
}

func depthMetrics(c *trainingCase) error {
	var want map[string]float64
	if !c.option("depth", &want) {
		return fmt.Errorf("option depth is missing")
	}
	valid := make([]bool, 0)
	for _, v := range c.ints("input/depth_valid") {
		valid = append(valid, v != 0)
	}
	var d eval.Depth
	if err := d.Add(c.singles("input/depth"), c.singles("input/depth_target"), valid); err != nil {
		return err
	}
	text, err := json.Marshal(d.Errors())
	if err != nil {
		return err
	}
	var got map[string]float64
	if err := json.Unmarshal(text, &got); err != nil {
		return err
	}
	for name, w := range want {
		c.metric("depth "+name, got[name], w)
	}
	return nil
}
