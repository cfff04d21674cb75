package train

import (
	"crypto/sha256"
	"encoding/hex"
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
}

// Loss implements Goal: bilinear resizing to the mask and cross entropy, in one operation.
func (s *Segments) Loss(g *graph.Builder, y *graph.Node, grid radio.Grid) (*graph.Node, func(graph.Machine, *Rows) error) {
	shape := g.Shape(y)
	if shape == nil {
		return nil, nil
	}
	labels := g.Input("labels", shape[0]*s.H*s.W)
	k := graph.CrossEntropy{Ignore: data.Ignored, OverAll: s.OverAll}
	loss := g.At("loss").ResizedCrossEntropy(y, labels, nil, k, graph.Resize{FromH: grid.Rows, FromW: grid.Cols, H: s.H, W: s.W})
	return loss, func(m graph.Machine, r *Rows) error {
		return fill(m, labels, func(values []float32) {
			for i, c := range r.Masks {
				values[i] = float32(c)
			}
		})
	}
}

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
