package train

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"

	"cradio/graph"
	"cradio/radio"
	"cradio/radio/data"
	"cradio/radio/eval"
)

// Segments is the Goal of a class for each pixel.
type Segments struct {
	Names []string
	Files []string // of the masks, of each sample
	H, W  int      // of the masks after resizing, pixels
	// OverAll divides the loss by all pixels, as mmsegmentation does, and not by those that count.
	OverAll bool
	// Smoothing is how much of the target all classes share. 0 does nothing.
	Smoothing float64
	Scoring   Loss
	// Weights are those of the classes; see Loss.
	Weights []float64
}

// Loss implements Goal: bilinear resizing to the mask and cross entropy, in one operation; or what Scoring
// says. Focal and Dice hold the resized logits: (B, H·W, classes).
func (s *Segments) Loss(g *graph.Builder, y *graph.Node, grid radio.Grid) (*graph.Node, func(graph.Machine, *Rows) error) {
	shape := g.Shape(y)
	if shape == nil {
		return nil, nil
	}
	labels := g.Input("labels", shape[0]*s.H*s.W)
	weights, setWeights := classWeights(g, s.Weights)
	k := graph.CrossEntropy{Ignore: data.Ignored, OverAll: s.OverAll, Smoothing: s.Smoothing}
	resize := graph.Resize{FromH: grid.Rows, FromW: grid.Cols, H: s.H, W: s.W}
	var resized *graph.Node // made once, where a term needs it
	large := func() *graph.Node {
		if resized == nil {
			resized = g.At("resized").Resize(y, resize)
		}
		return resized
	}
	loss := s.Scoring.sum(g, CrossEntropy, func(at *graph.Builder, kind LossKind) *graph.Node {
		switch kind {
		case Focal:
			return at.SoftmaxFocal(large(), labels, s.Scoring.gamma(), data.Ignored)
		case Dice:
			return at.Dice(large(), labels, diceSmooth, data.Ignored)
		}
		return at.ResizedCrossEntropy(y, labels, weights, k, resize)
	})
	return loss, func(m graph.Machine, r *Rows) error {
		err := fill(m, labels, func(values []float32) {
			for i, c := range r.Masks {
				values[i] = float32(c)
			}
		})
		return errors.Join(err, setWeights(m))
	}
}

// diceSmooth is added to both sides of Dice's fraction, as in mmsegmentation.
const diceSmooth = 1

// Target implements Goal.
func (s *Segments) Target(sample int) (any, error) { return fileSum(s.Files[sample]) }

// fileSum is the SHA-256 of a file.
func fileSum(path string) (any, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// Meter implements Goal: mIoU, pixel accuracy, mean Dice.
func (s *Segments) Meter() Meter { return &maskMeter{s, eval.NewAreas(len(s.Names))} }

type maskMeter struct {
	*Segments
	areas *eval.Areas
}

func (m *maskMeter) Add(outputs []float32, grid radio.Grid, r *Rows, n int) error {
	k, pixels := len(m.Names), r.H*r.W
	for row := range n {
		logits := outputs[row*grid.Tokens()*k:][:grid.Tokens()*k]
		if err := eval.AddMask(m.areas, Argmax(logits, grid, k, r.H, r.W), r.Masks[row*pixels:][:pixels]); err != nil {
			return err
		}
	}
	return nil
}

func (m *maskMeter) Evaluation() (*Evaluation, error) {
	return &Evaluation{Figure: "miou", Classes: m.Names, Metrics: map[string]float64{
		"miou": m.areas.MeanIoU(), "pixel_accuracy": m.areas.PixelAccuracy(), "mean_dice": eval.Mean(m.areas.Dice()),
	}}, nil
}
