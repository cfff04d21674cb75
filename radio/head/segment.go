package head

import (
	"fmt"

	"cradio/graph"
	"cradio/layers"
	"cradio/radio"
)

// conv1 is a 1×1 convolution: on tokens, a Linear.
func conv1(w *layers.Weights, in, out int) *layers.Linear { return layers.NewLinear(w, in, out) }

// segment is a BatchNorm and a 1×1 convolution on levels, joined.
type segment struct {
	bn    *norm
	conv  *layers.Linear
	drop  float64
	first bool // dropout before the norm
}

func newSegment(w *layers.Weights, s *Spec) module {
	return &segment{
		bn:   newNorm(w.At("bn"), s.Width(), s.OwnNorm()),
		conv: conv1(w.At("conv_seg"), s.Width(), s.Outputs),
		drop: s.Dropout, first: s.DropoutFirst,
	}
}

func (m *segment) forward(g *graph.Builder, p *pass, sources []*graph.Node) *graph.Node {
	x := g.At("input").Join(sources...) // (B, N, ΣD)
	if m.drop == 0 || p.training == nil {
		return p.normLinear(g.At("conv_seg"), m.bn, m.conv, x)
	}
	if m.first {
		x = p.dropout(g.At("dropout"), x, m.drop)
	}
	x = p.norm(g.At("bn"), m.bn, x)
	if !m.first {
		x = p.dropout(g.At("dropout"), x, m.drop)
	}
	return m.conv.Forward(g.At("conv_seg"), x) // (B, N, K)
}

// fused is the all-MLP decoder of SegFormer on levels of one resolution.
type fused struct {
	linear     []*layers.Linear
	fuse, conv *layers.Linear
	bn         *norm
	drop       float64
}

func newFused(w *layers.Weights, s *Spec) module {
	e := s.Hidden[0]
	m := &fused{
		fuse: conv1(w.At("fuse"), len(s.Widths)*e, e),
		bn:   newNorm(w.At("bn"), e, s.OwnNorm()),
		conv: conv1(w.At("conv_seg"), e, s.Outputs),
		drop: s.Dropout,
	}
	for i, width := range s.Widths {
		m.linear = append(m.linear, layers.NewLinear(w.At("linear", i), width, e))
	}
	return m
}

func (m *fused) forward(g *graph.Builder, p *pass, sources []*graph.Node) *graph.Node {
	levels := make([]*graph.Node, len(sources))
	for i, x := range sources {
		levels[i] = m.linear[i].Forward(g.At("linear", i), x) // (B, N, E)
	}
	x := g.At("levels").Join(levels...)       // (B, N, L·E)
	x = m.fuse.Forward(g.At("fuse"), x)       // (B, N, E)
	x = p.norm(g.At("bn"), m.bn, x)           // (B, N, E)
	x = g.At("relu").ReLU(x)                  // (B, N, E)
	x = p.dropout(g.At("dropout"), x, m.drop) // (B, N, E)
	return m.conv.Forward(g.At("conv_seg"), x)
}

// upsampling is stages of a 3×3 convolution, BatchNorm, ReLU and bilinear resizing to twice the
// resolution, and then a 1×1 convolution.
type upsampling struct {
	stages []stage
	conv   *layers.Linear
}

type stage struct {
	weight *graph.Weight // (Out, In·3·3)
	bn     *norm
}

func newUpsampling(w *layers.Weights, s *Spec) module {
	m, in := &upsampling{}, s.Width()
	for i, out := range s.Hidden {
		at := w.At("stage", i)
		m.stages = append(m.stages, stage{at.At("conv").Tensor("weight", out, 9*in), newNorm(at.At("bn"), out, s.OwnNorm())})
		in = out
	}
	m.conv = conv1(w.At("conv_seg"), in, s.Outputs)
	return m
}

func (m *upsampling) forward(g *graph.Builder, p *pass, sources []*graph.Node) *graph.Node {
	x := sources[0] // (B, h·w, D)
	for i, stage := range m.stages {
		s := g.At("stage", i)
		x = s.At("neighbours").Neighbours(x, p.grid.Rows, p.grid.Cols)
		x = s.At("conv").Linear(x, g.Weight(stage.weight), nil)
		x = p.norm(s.At("bn"), stage.bn, x)
		x = s.At("relu").ReLU(x)
		x = p.resize(s.At("resize"), x, 2)
	}
	return m.conv.Forward(g.At("conv_seg"), x)
}

// resize brings tokens to a grid that is `by` times as fine, bilinearly.
func (p *pass) resize(g *graph.Builder, x *graph.Node, by int) *graph.Node {
	if by == 1 {
		return x
	}
	to := radio.Grid{Rows: by * p.grid.Rows, Cols: by * p.grid.Cols}
	x = g.Resize(x, graph.Resize{FromH: p.grid.Rows, FromW: p.grid.Cols, H: to.Rows, W: to.Cols})
	p.grid = to
	return x
}

// depth is DINOv2's and DINOv3's linear depth head. Each level may have a vector, which is joined to all
// of its patches.
type depth struct {
	levels int
	bn     *norm
	conv   *layers.Linear
	bins   Bins
}

func newDepth(w *layers.Weights, s *Spec) module {
	m := &depth{
		bn:   newNorm(w.At("bn"), s.Width(), s.Norm),
		conv: conv1(w.At("conv_depth"), s.Width(), s.Outputs),
		bins: *s.Bins,
	}
	for _, source := range s.Input {
		if source.Tokens() {
			m.levels++
		}
	}
	return m
}

// forward resizes after the convolution, which gives the same since both are linear, with a
// fraction of the products. Only in training a norm has to see what is resized.
func (m *depth) forward(g *graph.Builder, p *pass, sources []*graph.Node) *graph.Node {
	var parts []*graph.Node
	for i, x := range sources[:m.levels] {
		parts = append(parts, x) // (B, N, D)
		if len(sources) > m.levels {
			class := g.At(fmt.Sprintf("class%d", i)).RepeatTokens(sources[m.levels+i], p.grid.Tokens())
			parts = append(parts, class) // (B, N, C)
		}
	}
	x, late := g.At("input").Join(parts...), m.bins.Factor()
	if m.bn != nil && !m.bn.fixed && p.training != nil {
		x, late = p.resize(g.At("resize"), x, late), 1
	}
	x = p.normLinear(g.At("conv_depth"), m.bn, m.conv, x) // (B, N, bins)
	x = p.resize(g.At("resize"), x, late)
	return g.At("depth").Depth(x, operation(&m.bins)) // (B, N', 1)
}

// operation is what makes depths of scores.
func operation(b *Bins) graph.Depth {
	weights := graph.DepthWeights(b.Weights)
	if weights == "" {
		weights = graph.LinearWeights
	}
	return graph.Depth{Low: b.Low, High: b.High, Log: b.Log, Weights: weights}
}
