package eval_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"path/filepath"
	"testing"

	"cradio/loader"
	"cradio/radio/eval"

	"github.com/stretchr/testify/require"
)

// references is the folder that conformance/reference/train/make_train.py writes. Another seed:
//
//	python make_train.py evaluate --seed anything --out DIR
//	go test ./radio/eval -references DIR
var references = flag.String("references", "../../conformance/train", "folder of references, with evaluate/ in it")

// bundle is one file of references.
type bundle struct {
	t *testing.T
	*loader.File
}

func open(t *testing.T, name string) bundle {
	t.Helper()
	dir, err := filepath.Abs(*references)
	require.NoError(t, err)
	f, err := loader.OpenFile(filepath.Join(dir, "evaluate", name+".safetensors"))
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	return bundle{t, f}
}

// fact reads an entry of the metadata.
func (b bundle) fact(name string, to any) {
	b.t.Helper()
	require.NoError(b.t, json.Unmarshal([]byte(b.Metadata()[name]), to), name)
}

func (b bundle) shape(name string) []int {
	b.t.Helper()
	info, ok := b.Lookup(name)
	require.True(b.t, ok, name)
	return info.Shape
}

func (b bundle) floats(name string) []float32 {
	b.t.Helper()
	v, err := b.Float32(name, b.shape(name)...)
	require.NoError(b.t, err)
	return v
}

func (b bundle) ints(name string) []int {
	b.t.Helper()
	v, err := b.Int64(name, b.shape(name)...)
	require.NoError(b.t, err)
	out := make([]int, len(v))
	for i, x := range v {
		out[i] = int(x)
	}
	return out
}

func (b bundle) flags(name string) []bool {
	b.t.Helper()
	v, err := b.Uint8(name, b.shape(name)...)
	require.NoError(b.t, err)
	out := make([]bool, len(v))
	for i, x := range v {
		out[i] = x != 0
	}
	return out
}

func (b bundle) set(features, labels string) eval.Set {
	return eval.Set{Features: b.floats(features), Width: b.shape(features)[1], Labels: b.ints(labels)}
}

// TestKNNMatchesReference: answers where the reference is certain of them, and all votes.
func TestKNNMatchesReference(t *testing.T) {
	b := open(t, "knn")
	var classes int
	var ks []int
	var temperature float64
	b.fact("classes", &classes)
	b.fact("ks", &ks)
	b.fact("temperature", &temperature)
	train, query := b.set("input/train", "input/train_labels"), b.set("input/query", "input/query_labels")
	near, err := eval.Nearest(t.Context(), train.Features, query.Features, train.Width, ks[len(ks)-1], eval.Options{})
	require.NoError(t, err)
	for _, k := range ks {
		name := func(s string) string { return fmt.Sprintf("truth/%d/%s", k, s) }
		want, decided, votes := b.ints(name("predictions")), b.flags(name("decided")), b.floats(name("votes"))
		got := near.Predict(train.Labels, classes, k, temperature)
		ours := make([]float64, classes)
		for q := range want {
			if !decided[q] {
				continue
			}
			require.Equal(t, want[q], got[q], "k %d, query %d", k, q)
			row := votes[q*classes:][:classes]
			largest := 0.0
			for _, v := range row {
				largest = max(largest, float64(v))
			}
			near.Votes(train.Labels, q, k, temperature, ours)
			for c, v := range row {
				require.InDelta(t, float64(v), ours[c], 1e-4*largest, "k %d, query %d, class %d", k, q, c)
			}
		}
	}
}

// TestLogisticMatchesReference: the exact optimum, for three C.
func TestLogisticMatchesReference(t *testing.T) {
	b := open(t, "probe")
	var classes int
	b.fact("classes", &classes)
	raw, test := b.set("input/train", "input/train_labels"), b.set("input/test", "input/test_labels")
	scale, err := eval.FitScale(raw)
	require.NoError(t, err)
	train, err := scale.Apply(raw)
	require.NoError(t, err)
	test, err = scale.Apply(test)
	require.NoError(t, err)
	for _, c := range []string{"0.01", "1.0", "100.0"} {
		var opt eval.LogisticOptions
		require.NoError(t, json.Unmarshal([]byte(c), &opt.C))
		l, err := eval.FitLogistic(t.Context(), train, classes, opt)
		require.NoError(t, err)
		require.True(t, l.Converged, "C %s: %d iterations, gradient %.1e", c, l.Iterations, l.Gradient)
		weight, bias := b.floats("truth/logistic/"+c+"/weight"), b.floats("truth/logistic/"+c+"/bias")
		largest, off := 0.0, 0.0
		for i, w := range weight {
			largest = max(largest, math.Abs(float64(w)))
			off = max(off, math.Abs(float64(w)-l.Weight[i]))
		}
		for i, w := range bias {
			off = max(off, math.Abs(float64(w)-l.Bias[i]))
		}
		t.Logf("C %s: %d iterations, gradient %.1e, off by %.1e of the largest weight", c, l.Iterations, l.Gradient, off/largest)
		require.LessOrEqual(t, off, 1e-4*largest, "C %s", c)
		want, decided := b.ints("truth/logistic/"+c+"/predictions"), b.flags("truth/logistic/"+c+"/decided")
		got, err := l.Predict(t.Context(), test.Features, eval.Options{})
		require.NoError(t, err)
		for i, d := range decided {
			if d {
				require.Equal(t, want[i], got[i], "C %s, row %d", c, i)
			}
		}
	}
}

// tolerance of metrics, see the README of the references.
const tolerance = 1e-6

// same compares values of which nil is NaN.
func same(t *testing.T, want []*float64, got []float64, name string) {
	t.Helper()
	require.Len(t, got, len(want))
	for i, w := range want {
		if w == nil {
			require.True(t, math.IsNaN(got[i]), "%s %d is %g", name, i, got[i])
			continue
		}
		require.InDelta(t, *w, got[i], tolerance, "%s %d", name, i)
	}
}

func TestClassificationMatchesReference(t *testing.T) {
	b := open(t, "metrics")
	var want struct {
		Top1, Top5 float64
		Recall     []*float64
		MeanRecall float64 `json:"mean_recall"`
		MacroF1    float64 `json:"macro_f1"`
	}
	b.fact("single_label", &want)
	labels := b.ints("input/labels")
	classes := b.shape("input/logits")[1]
	scores := make([]float64, len(labels)*classes)
	for i, v := range b.floats("input/logits") {
		scores[i] = float64(v)
	}
	ranks, err := eval.Ranks(scores, classes, labels)
	require.NoError(t, err)
	require.InDelta(t, want.Top1, eval.TopK(ranks, 1), tolerance)
	require.InDelta(t, want.Top5, eval.TopK(ranks, 5), tolerance)
	answers := make([]int, len(labels))
	for i := range answers {
		for c, v := range scores[i*classes:][:classes] {
			if v > scores[i*classes+answers[i]] {
				answers[i] = c
			}
		}
	}
	confusion, err := eval.Confuse(classes, labels, answers)
	require.NoError(t, err)
	require.Equal(t, b.ints("truth/confusion"), confusion.Counts)
	require.InDelta(t, want.Top1, confusion.Accuracy(), tolerance)
	same(t, want.Recall, confusion.Recalls(), "recall")
	require.InDelta(t, want.MeanRecall, eval.Mean(confusion.Recalls()), tolerance)
	require.InDelta(t, want.MacroF1, eval.Mean(confusion.F1()), tolerance)
}

func TestAveragePrecisionMatchesReference(t *testing.T) {
	b := open(t, "metrics")
	var want struct {
		AveragePrecision []*float64 `json:"average_precision"`
		Mean             float64
	}
	b.fact("multi_label", &want)
	scores, targets := b.floats("input/scores"), b.ints("input/targets")
	classes := b.shape("input/scores")[1]
	got := make([]float64, classes)
	for c := range got {
		var column []float32
		var positive []bool
		for i := c; i < len(scores); i += classes {
			column, positive = append(column, scores[i]), append(positive, targets[i] != 0)
		}
		var err error
		got[c], err = eval.AveragePrecision(column, positive)
		require.NoError(t, err)
	}
	same(t, want.AveragePrecision, got, "average precision")
	require.InDelta(t, want.Mean, eval.Mean(got), tolerance)
}

func TestSegmentationMatchesReference(t *testing.T) {
	b := open(t, "metrics")
	var want struct {
		IoU           []*float64
		MeanIoU       float64    `json:"mean_iou"`
		PixelAccuracy float64    `json:"pixel_accuracy"`
		ClassAccuracy []*float64 `json:"class_accuracy"`
		MeanAccuracy  float64    `json:"mean_accuracy"`
		Dice          []*float64
		MeanDice      float64 `json:"mean_dice"`
	}
	b.fact("segmentation", &want)
	areas := eval.NewAreas(len(want.IoU))
	prediction, labels := b.ints("input/segmentation"), b.ints("input/segmentation_labels")
	pixels := b.shape("input/segmentation")[1] * b.shape("input/segmentation")[2]
	for i := 0; i < len(labels); i += pixels {
		require.NoError(t, eval.AddMask(areas, prediction[i:i+pixels], labels[i:i+pixels]))
	}
	for i, v := range b.ints("truth/areas") {
		got := [][]int64{areas.Intersection, areas.Prediction, areas.Labels}[i/len(want.IoU)][i%len(want.IoU)]
		require.EqualValues(t, v, got)
	}
	same(t, want.IoU, areas.IoU(), "IoU")
	require.InDelta(t, want.MeanIoU, areas.MeanIoU(), tolerance)
	require.InDelta(t, want.PixelAccuracy, areas.PixelAccuracy(), tolerance)
	same(t, want.ClassAccuracy, areas.Accuracies(), "accuracy")
	require.InDelta(t, want.MeanAccuracy, eval.Mean(areas.Accuracies()), tolerance)
	same(t, want.Dice, areas.Dice(), "Dice")
	require.InDelta(t, want.MeanDice, eval.Mean(areas.Dice()), tolerance)
}

func TestDepthMatchesReference(t *testing.T) {
	b := open(t, "metrics")
	var want map[string]float64
	b.fact("depth", &want)
	var d eval.Depth
	require.NoError(t, d.Add(b.floats("input/depth"), b.floats("input/depth_target"), b.flags("input/depth_valid")))
	text, err := json.Marshal(d.Errors())
	require.NoError(t, err)
	var got map[string]float64
	require.NoError(t, json.Unmarshal(text, &got))
	for name, w := range want {
		require.InDelta(t, w, got[name], tolerance*max(1, w), name)
	}
}
