package head

import (
	"fmt"

	"cradio/graph"
	"cradio/layers"
	"cradio/radio"
)

// Training is a head in a training graph.
type Training struct {
	// Output is (B, K) of a picture. Of a map it is tokens (B, Rows·Cols, K) of Grid: logits, or depths
	// with K = 1.
	Output *graph.Node
	Grid   radio.Grid
	// Masks are inputs of the graph, to be filled before each run; see Mask.
	Masks []Mask
	// Updates write the running statistics. They must be outputs of the program.
	Updates []*graph.Node
}

// Mask is an input of 0 and 1: 1 keeps a unit, 0 drops it, with probability Drop.
type Mask struct {
	Node *graph.Node
	Drop float64
}

// Train adds the head to a graph as it is in training: norms by the statistics of the batch, and
// dropout. in has the sources, each with its batch; grid is that of the patches. The weights become
// trainable.
func (h *Head) Train(g *graph.Builder, in map[radio.Source]*graph.Node, grid radio.Grid) *Training {
	for _, w := range h.weights {
		w.Trainable = true
	}
	t := &Training{}
	t.Output, t.Grid = h.forward(g, in, grid, t)
	return t
}

// Infer adds the head to a graph as it is at inference: a norm before a Linear is folded into it. It
// returns (B, K), or tokens (B, rows·cols, K) and their grid.
func (h *Head) Infer(g *graph.Builder, in map[radio.Source]*graph.Node, grid radio.Grid) (*graph.Node, radio.Grid) {
	as, err := h.In(g.DType())
	if err != nil {
		g.Fail("%w", err)
		return nil, radio.Grid{}
	}
	return as.forward(g, in, grid, nil)
}

var _ radio.Head = (*Head)(nil)

func (h *Head) forward(g *graph.Builder, in map[radio.Source]*graph.Node, grid radio.Grid, t *Training) (*graph.Node, radio.Grid) {
	sources := make([]*graph.Node, len(h.spec.Input))
	for i, s := range h.spec.Input {
		if sources[i] = in[s]; sources[i] == nil && g.Err() == nil {
			g.Fail("%s: source %s is missing", h, s)
		}
	}
	if !h.spec.Kind.Dense() {
		grid = radio.Grid{}
	}
	p := &pass{grid: grid, training: t}
	y := h.net.forward(g, p, sources)
	return y, p.grid
}

// module is the network of a kind of heads.
type module interface {
	// forward maps the sources, in the order of Spec.Input, to the output, and leaves its grid in p.
	forward(g *graph.Builder, p *pass, sources []*graph.Node) *graph.Node
}

// newModule finds the weights of a kind's network.
func newModule(w *layers.Weights, s *Spec) module {
	switch s.Kind {
	case Linear:
		return newLinear(w, s)
	case MLP:
		return newMLP(w, s)
	case Attentive:
		return newAttentive(w, s)
	case Segment:
		return newSegment(w, s)
	case Fused:
		return newFused(w, s)
	case Upsampling:
		return newUpsampling(w, s)
	}
	return newDepth(w, s)
}

// pass is one graph of a head.
type pass struct {
	grid     radio.Grid // of the tokens
	training *Training  // nil at inference
}

// CheckBatch refuses a batch of training that is too small: a BatchNorm of vectors needs two of them.
func (h *Head) CheckBatch(size int) error {
	if size < 1 {
		return fmt.Errorf("the batch size is %d: must be at least 1", size)
	}
	if vectors := h.spec.Kind == Linear || h.spec.Kind == MLP; vectors && size < 2 && h.spec.Norm != nil && !h.spec.Norm.Fixed {
		return fmt.Errorf("the batch size is %d: the BatchNorm of the %s head has no variance of one row; want at least 2, or another norm", size, h.spec.Kind)
	}
	return nil
}

// norm applies a norm, or does nothing for nil.
func (p *pass) norm(g *graph.Builder, n *norm, x *graph.Node) *graph.Node {
	if n == nil {
		return x
	}
	if p.training == nil || n.fixed {
		return n.Forward(g, x)
	}
	y, updates := n.Train(g, x)
	p.training.Updates = append(p.training.Updates, updates...)
	return y
}

// normLinear is norm and then l, at inference as one Linear.
func (p *pass) normLinear(g *graph.Builder, n *norm, l *layers.Linear, x *graph.Node) *graph.Node {
	if n != nil && p.training == nil {
		return n.Linear(g, l, x)
	}
	return l.Forward(g, p.norm(g.At("norm"), n, x))
}

// dropout drops elements of x in training; of tokens (B, N, C) whole channels of a picture.
func (p *pass) dropout(g *graph.Builder, x *graph.Node, drop float64) *graph.Node {
	shape := g.Shape(x)
	if p.training == nil || drop == 0 || shape == nil {
		return x
	}
	mask := append([]int(nil), shape...)
	if len(shape) == 3 {
		mask[1] = 1
	}
	m := Mask{Node: g.Input(fmt.Sprintf("mask%d", len(p.training.Masks)), mask...), Drop: drop}
	p.training.Masks = append(p.training.Masks, m)
	return g.Dropout(x, m.Node, drop)
}

// norm is a BatchNorm whose statistics may be fixed.
type norm struct {
	*layers.BatchNorm
	fixed bool
}

// newNorm finds a norm's weights; it is nil for a nil Norm.
func newNorm(w *layers.Weights, dim int, n *Norm) *norm {
	if n == nil {
		return nil
	}
	eps, momentum := n.Options()
	return &norm{layers.NewBatchNorm(w, dim, n.Affine, eps, momentum), n.Fixed}
}
