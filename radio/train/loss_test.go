package train_test

import (
	"math"
	"path/filepath"
	"testing"

	"cradio/graph"
	"cradio/radio"
	"cradio/radio/data"
	"cradio/radio/head"
	"cradio/radio/optim"
	"cradio/radio/train"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// lossOf computes the loss of a goal for logits, and the targets of rows.
func lossOf(t *testing.T, goal train.Goal, shape []int, logits []float32, grid radio.Grid, r *train.Rows) float64 {
	t.Helper()
	g := graph.New(tensor.Float32)
	y := g.Input("logits", shape...)
	loss, fill := goal.Loss(g, y, grid)
	require.NoError(t, g.Err())
	p, err := g.Compile(graph.Target{}, loss)
	require.NoError(t, err)
	m, err := graph.NewMachine(p)
	require.NoError(t, err)
	defer m.Close()
	require.NoError(t, m.Set(y, tensor.New(tensor.WithShape(shape...), tensor.WithBacking(logits))))
	require.NoError(t, fill(m, r))
	require.NoError(t, m.Run(t.Context()))
	v, err := m.Value(loss)
	require.NoError(t, err)
	return float64(v.Float32s()[0])
}

// probabilities is the softmax of logits.
func probabilities(logits ...float32) []float64 {
	sum, p := 0.0, make([]float64, len(logits))
	for i, v := range logits {
		p[i] = math.Exp(float64(v))
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
	return p
}

// TestLossOfClasses: weights of classes, focal, and sums are what their formulas say.
func TestLossOfClasses(t *testing.T) {
	logits := []float32{1, 2, -1, 0.5, 0, 3}
	p := [][]float64{probabilities(logits[:3]...), probabilities(logits[3:]...)}
	rows := &train.Rows{Samples: []int{0, 1}}
	labels := [][]int{{1}, {0}}
	of := func(l train.Loss, weights []float64) float64 {
		return lossOf(t, &train.Classes{Names: []string{"a", "b", "c"}, Labels: labels, Scoring: l, Weights: weights}, []int{2, 3}, logits, radio.Grid{}, rows)
	}
	entropy := -(math.Log(p[0][1]) + math.Log(p[1][0])) / 2
	focal := func(gamma float64) float64 {
		return -(math.Pow(1-p[0][1], gamma)*math.Log(p[0][1]) + math.Pow(1-p[1][0], gamma)*math.Log(p[1][0])) / 2
	}
	require.InDelta(t, entropy, of(train.Loss{}, nil), 1e-6)
	require.InDelta(t, -(3*math.Log(p[0][1])+2*math.Log(p[1][0]))/5, of(train.Loss{}, []float64{2, 3, 1}), 1e-6)
	require.InDelta(t, focal(2), of(train.Loss{Terms: []train.Term{{Kind: train.Focal}}}, nil), 1e-6)
	require.InDelta(t, 0.5*entropy+2*focal(1.5), of(train.Loss{Gamma: 1.5, Terms: []train.Term{{train.CrossEntropy, 0.5}, {train.Focal, 2}}}, nil), 1e-6)
}

// TestLossOfSeveralLabels: weights of what a picture has, and RetinaNet's focal loss.
func TestLossOfSeveralLabels(t *testing.T) {
	logits := []float32{1, -2}
	a, b := 1/(1+math.Exp(-1)), 1/(1+math.Exp(2)) // class 0 is there, class 1 is not
	of := func(l train.Loss, weights []float64) float64 {
		return lossOf(t, &train.Classes{Names: []string{"a", "b"}, Labels: [][]int{{0}}, Several: true, Scoring: l, Weights: weights}, []int{1, 2}, logits, radio.Grid{}, &train.Rows{Samples: []int{0}})
	}
	require.InDelta(t, -(5*math.Log(a)+math.Log(1-b))/2, of(train.Loss{}, []float64{5, 7}), 1e-6)
	focal := train.Loss{Terms: []train.Term{{Kind: train.Focal}}, Alpha: 0.25}
	require.InDelta(t, -(0.25*math.Pow(1-a, 2)*math.Log(a)+0.75*b*b*math.Log(1-b))/2, of(focal, nil), 1e-6)
	focal.Alpha = 0
	require.InDelta(t, -(math.Pow(1-a, 2)*math.Log(a)+b*b*math.Log(1-b))/2, of(focal, nil), 1e-6)
}

// TestLossOfMasks: a patch of one pixel, so that resizing changes nothing; ignored pixels count nowhere.
func TestLossOfMasks(t *testing.T) {
	logits := []float32{1, 0, 0, 2, -1, 0.5}
	p := [][]float64{probabilities(logits[:2]...), probabilities(logits[2:4]...)}
	grid, rows := radio.Grid{Rows: 1, Cols: 3}, &train.Rows{Samples: []int{0}, H: 1, W: 3, Masks: []uint8{0, 1, data.Ignored}}
	of := func(l train.Loss, weights []float64) float64 {
		return lossOf(t, &train.Segments{Names: []string{"a", "b"}, H: 1, W: 3, Scoring: l, Weights: weights}, []int{1, 3, 2}, logits, grid, rows)
	}
	entropy := -(math.Log(p[0][0]) + math.Log(p[1][1])) / 2
	require.InDelta(t, entropy, of(train.Loss{}, nil), 1e-6)
	require.InDelta(t, -(math.Log(p[0][0])+3*math.Log(p[1][1]))/4, of(train.Loss{}, []float64{1, 3}), 1e-6)
	overlap := 0.0
	for c := range 2 {
		inter, squares := p[c][c], 1.0
		for _, row := range p {
			squares += row[c] * row[c]
		}
		overlap += (2*inter + 1) / (squares + 1) / 2
	}
	require.InDelta(t, 1-overlap, of(train.Loss{Terms: []train.Term{{Kind: train.Dice}}}, nil), 1e-6)
	require.InDelta(t, entropy+0.5*(1-overlap), of(train.Loss{Terms: []train.Term{{Kind: train.CrossEntropy}, {train.Dice, 0.5}}}, nil), 1e-6)
}

// TestLossOfDepths: smooth L1 in metres, of the pixels that count.
func TestLossOfDepths(t *testing.T) {
	goal := &train.Depths{H: 1, W: 3, Low: 1e-3, High: 10, Scoring: train.Loss{Terms: []train.Term{{train.SmoothL1, 2}}, Beta: 0.5}}
	rows := &train.Rows{Samples: []int{0}, H: 1, W: 3, Depths: []float32{2, 0, 3}}
	got := lossOf(t, goal, []int{1, 3, 1}, []float32{2.25, 7, 5}, radio.Grid{Rows: 1, Cols: 3}, rows)
	require.InDelta(t, 2*(0.5*0.25*0.25/0.5+2-0.25)/2, got, 1e-6)
}

// TestBalancedWeights: classes that are rare in the training part count more, the same as weights that are given.
func TestBalancedWeights(t *testing.T) {
	dir := generated(t, data.Labels, 2, 10)
	set := labelled(t, dir)
	circles := 0
	set.Train = append([]train.Example(nil), set.Train...)
	for i := 0; i < len(set.Train); i++ { // of 16 keep 4 circles and 8 squares
		if set.Classes[set.Train[i].Labels[0]] == "circle" {
			if circles++; circles > 4 {
				set.Train = append(set.Train[:i], set.Train[i+1:]...)
				i--
			}
		}
	}
	require.Len(t, set.Train, 12)
	m := nano(t, 0)
	states := map[string]string{}
	for name, l := range map[string]train.Loss{"balanced": {Balanced: true}, "given": {Weights: []float64{1.5, 0.75}}, "none": {}} {
		r := train.Recipe{Head: head.Spec{Kind: head.Linear, Input: []radio.Source{radio.SummarySource}}, Size: [2]int{32, 32}, Loss: l}
		dir := t.TempDir()
		run, _ := begin(t, m, set, r, short(4), dir)
		_, err := run.Train(t.Context())
		require.NoError(t, err)
		states[name] = state(t, dir)
	}
	require.Equal(t, states["given"], states["balanced"])
	require.NotEqual(t, states["none"], states["balanced"])

	masks := paired(t, generated(t, data.Masks, 2, 6), data.Masks)
	r := segmenter()
	r.Loss = train.Loss{Balanced: true, Terms: []train.Term{{Kind: train.CrossEntropy}, {train.Dice, 0.5}}}
	run, _ := begin(t, m, masks, r, short(4), t.TempDir())
	got, err := run.Train(t.Context())
	require.NoError(t, err)
	require.Greater(t, got.Loss, 0.0)
}

// TestLossErrors: a loss that makes no sense is refused before anything is computed.
func TestLossErrors(t *testing.T) {
	pictures, masks := labelled(t, generated(t, data.Labels, 3, 6)), paired(t, generated(t, data.Masks, 2, 6), data.Masks)
	m := nano(t, 0)
	terms := func(kinds ...train.LossKind) (list []train.Term) {
		for _, k := range kinds {
			list = append(list, train.Term{Kind: k})
		}
		return list
	}
	classes, dense := recipes()["crops"], segmenter()
	for want, c := range map[string]struct {
		r    train.Recipe
		set  *train.Set
		loss train.Loss
	}{
		`the loss has a term "dice", want one of [cross-entropy focal]`:             {classes, pictures, train.Loss{Terms: terms(train.Dice)}},
		`the loss has a term "silog", want one of [cross-entropy focal dice]`:       {dense, masks, train.Loss{Terms: terms(train.SILog)}},
		"the loss has the term dice twice":                                          {dense, masks, train.Loss{Terms: terms(train.Dice, train.Dice)}},
		"the term dice of the loss has the weight -1: must be above 0 and finite":   {dense, masks, train.Loss{Terms: []train.Term{{train.Dice, -1}}}},
		"gamma is of the term focal, which the loss lacks":                          {classes, pictures, train.Loss{Gamma: 1}},
		"alpha is of the term focal for several labels a picture":                   {classes, pictures, train.Loss{Alpha: 0.5, Terms: terms(train.Focal)}},
		"beta is of the term smooth-l1, which the loss lacks":                       {classes, pictures, train.Loss{Beta: 1}},
		"weights of classes are of the term cross-entropy, which the loss lacks":    {classes, pictures, train.Loss{Balanced: true, Terms: terms(train.Focal)}},
		"weights of classes are given, and chosen by their counts; choose one":      {classes, pictures, train.Loss{Balanced: true, Weights: []float64{1, 1, 1}}},
		"there are 2 weights of classes, and 3 classes: want one for each":          {classes, pictures, train.Loss{Weights: []float64{1, 1}}},
		"the weight of class 1 is NaN: must be at least 0 and finite":               {classes, pictures, train.Loss{Weights: []float64{1, math.NaN(), 1}}},
		"the weights of all 3 classes are 0: nothing would count":                   {classes, pictures, train.Loss{Weights: []float64{0, 0, 0}}},
		"label smoothing is of the term cross-entropy, which the loss lacks":        {recipes()["block"], pictures, train.Loss{Terms: terms(train.Focal)}},
		"dividing by all pixels is of the term cross-entropy, which the loss lacks": {train.Recipe{Head: dense.Head, Size: dense.Size, OverAll: true}, masks, train.Loss{Terms: terms(train.Dice)}},
		"the loss has gamma -1 and beta 0: must be positive and finite":             {classes, pictures, train.Loss{Gamma: -1, Terms: terms(train.Focal)}},
		"the loss has alpha 2: must be above 0 and at most 1":                       {classes, pictures, train.Loss{Alpha: 2, Terms: terms(train.Focal)}},
	} {
		c.r.Loss = c.loss
		_, _, err := train.New(t.Context(), m, c.set, c.r, short(3), nil)
		require.EqualError(t, err, want)
	}
}

// TestResumeWithAnotherLoss: what differs is named.
func TestResumeWithAnotherLoss(t *testing.T) {
	set, dir := labelled(t, generated(t, data.Labels, 3, 6)), filepath.Join(t.TempDir(), "run")
	r, m := recipes()["frozen"], nano(t, 0)
	o := short(3)
	o.Optim = optim.Options{Kind: optim.SGD, Rate: 0.1, Momentum: 0.9, Nesterov: true, Schedule: optim.Schedule{Curve: optim.Step, Every: 4}}
	run, _ := begin(t, m, set, r, o, dir)
	_, err := run.Train(t.Context())
	require.NoError(t, err)
	r.Loss = train.Loss{Terms: []train.Term{{Kind: train.Focal}}, Gamma: 3}
	o.Optim.Nesterov, o.Optim.Schedule.Every = false, 5
	run, _ = begin(t, m, set, r, o, dir)
	run.Resume = true
	_, err = run.Train(t.Context())
	require.ErrorContains(t, err, `optim.nesterov was true, is not set; optim.schedule.every was 4, is 5; task.loss.gamma was not set, is 3; task.loss.terms was not set, is [{"kind":"focal"}]; give the same options and data`)
}
