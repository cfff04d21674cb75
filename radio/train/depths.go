package train

import (
	"cradio/graph"
	"cradio/radio"
	"cradio/radio/eval"
)

// Depths is the Goal of a depth for each pixel, in metres.
type Depths struct {
	Files []string // of the maps, of each sample
	H, W  int      // of the maps after resizing, pixels
	// Low and High are the range that counts: other pixels are left out.
	Low, High float64
	// Gradient is the weight of the gradient loss beside SILog; 0 leaves it out. DINOv2's and DINOv3's is 0.5.
	Gradient float64
	Scoring  Loss
}

// SILog's numbers, as DINOv2's and DINOv3's depth heads have them.
const (
	silogLambda = 0.15
	silogEps    = 1e-3
)

// Loss implements Goal: bilinear resizing to the map, then SILog or what Scoring says, and the gradient
// loss.
func (d *Depths) Loss(g *graph.Builder, y *graph.Node, grid radio.Grid) (*graph.Node, func(graph.Machine, *Rows) error) {
	shape := g.Shape(y)
	if shape == nil {
		return nil, nil
	}
	batch := shape[0]
	large := g.At("resized").Resize(y, graph.Resize{FromH: grid.Rows, FromW: grid.Cols, H: d.H, W: d.W}) // (B, H·W, 1)
	target, valid := g.Input("depths", batch, d.H*d.W, 1), g.Input("valid", batch, d.H*d.W, 1)
	loss := d.Scoring.sum(g, SILog, func(s *graph.Builder, kind LossKind) *graph.Node {
		if kind == SmoothL1 {
			return s.SmoothL1(large, target, valid, d.Scoring.beta())
		}
		return s.SILog(large, target, valid, silogLambda, silogEps)
	})
	if d.Gradient > 0 {
		edges := g.At("loss", "edges").GradientLog(large, target, valid, d.H, d.W, silogEps)
		loss = g.At("loss", "sum").Add(loss, g.At("loss", "weighted").Scale(edges, d.Gradient))
	}
	return loss, func(m graph.Machine, r *Rows) error {
		err := fill(m, target, func(values []float32) {
			for i, v := range r.Depths {
				values[i] = v
				if !d.counts(v) {
					values[i] = 1 // any depth that has a logarithm
				}
			}
		})
		if err != nil {
			return err
		}
		return fill(m, valid, func(values []float32) {
			for i, v := range r.Depths {
				values[i] = 0
				if d.counts(v) {
					values[i] = 1
				}
			}
		})
	}
}

func (d *Depths) counts(v float32) bool {
	return v > 0 && float64(v) >= d.Low && (d.High == 0 || float64(v) <= d.High)
}

// Target implements Goal.
func (d *Depths) Target(sample int) (any, error) { return fileSum(d.Files[sample]) }

// Meter implements Goal: absolute relative error, the share within 1.25, RMSE, SILog.
func (d *Depths) Meter() Meter {
	return &depthMeter{Depths: d, sum: eval.Depth{Min: d.Low, Max: d.High}}
}

type depthMeter struct {
	*Depths
	sum eval.Depth
}

func (m *depthMeter) Add(outputs []float32, grid radio.Grid, r *Rows, n int) error {
	pixels := r.H * r.W
	for row := range n {
		large := Bilinear(outputs[row*grid.Tokens():][:grid.Tokens()], grid, r.H, r.W)
		if err := m.sum.Add(large, r.Depths[row*pixels:][:pixels], nil); err != nil {
			return err
		}
	}
	return nil
}

func (m *depthMeter) Evaluation() (*Evaluation, error) {
	e := m.sum.Errors()
	return &Evaluation{Figure: "abs_rel", Lower: true, Metrics: map[string]float64{
		"abs_rel": e.AbsRel, "a1": e.Delta1, "rmse": e.RMSE, "silog": e.SILog, "mae": e.MAE,
	}}, nil
}
