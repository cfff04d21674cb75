package radio

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"cradio/graph"

	"gorgonia.org/tensor"
)

// program is a compiled forward pass of one size and request.
type program struct {
	compiled *graph.Program
	pixels   *graph.Node
	out      Nodes
	rows     int
	cols     int
	tapRows  map[string]int // see Output.tapRows

	attention []AttentionRows // asked for, with blocks from 0

	idle    *idle // machines that can run it, and those of other programs
	dropped bool  // under idle.mu: nobody will find it again
}

// Nodes are the tensors of a forward pass in a graph, as Output has them.
type Nodes struct {
	Summary       *graph.Node // (B, C)
	Features      *graph.Node // (B, h·w, D) or (B, D, h, w); nil if not asked for
	Adaptors      map[string]AdaptorNodes
	Intermediates []IntermediateNodes
	Attention     []*graph.Node // (B, heads, rows, T)
	taps          map[string]*graph.Node
}

// AdaptorNodes are what a teacher's heads give.
type AdaptorNodes struct{ Summary, Features *graph.Node }

// IntermediateNodes are what left a block.
type IntermediateNodes struct {
	Block            int
	Features, Prefix *graph.Node // Prefix is nil if not asked for
}

func (o *Nodes) all() []*graph.Node {
	list := []*graph.Node{o.Summary}
	add := func(n *graph.Node) {
		if n != nil {
			list = append(list, n)
		}
	}
	add(o.Features)
	for _, name := range slices.Sorted(maps.Keys(o.Adaptors)) {
		add(o.Adaptors[name].Summary)
		add(o.Adaptors[name].Features)
	}
	for _, i := range o.Intermediates {
		add(i.Features)
		add(i.Prefix)
	}
	for _, n := range o.Attention {
		add(n)
	}
	for _, path := range slices.Sorted(maps.Keys(o.taps)) {
		add(o.taps[path])
	}
	return list
}

// program finds or compiles the program of a size and request.
func (m *Model) program(batch, height, width int, req Request) (*program, error) {
	if err := req.check(m.net); err != nil {
		return nil, err
	}
	key := fmt.Sprintf("%d×%d×%d %v %v %q %+v %q", batch, height, width, req.NoFeatures, req.Layout, req.Adaptors, req.Intermediates, req.Taps) + fmt.Sprint(req.Attention)
	return m.programs.get(key, func() (*program, error) {
		start := m.clock()
		p, err := m.compile(batch, height, width, req)
		m.report(EventCompile, start, err, Event{Batch: batch, Height: height, Width: width})
		return p, err
	})
}

// compile builds the graph of a request and compiles it.
func (m *Model) compile(batch, height, width int, req Request) (*program, error) {
	g := graph.New(m.dtype).Lazy()
	p := &program{idle: m.programs.idle, rows: height / m.config.Patch, cols: width / m.config.Patch}
	p.pixels = g.Input("pixels", batch, 3, height, width)
	for i := range req.Attention {
		p.attention = append(p.attention, req.Attention[i].resolved(m.net))
	}
	p.out = m.net.Forward(g, p.pixels, height, width, req)
	p.out.taps = map[string]*graph.Node{}
	for _, path := range req.Taps {
		n, err := g.Node(path)
		if err != nil && g.Err() == nil {
			return nil, err
		}
		p.out.taps[path] = n
	}
	var err error
	if p.tapRows, err = m.tapRows(batch, height, width, req, p.out.taps); err != nil {
		return nil, err
	}
	p.compiled, err = g.Compile(m.target, p.out.all()...)
	return p, err
}

// Forward adds the network to a graph: pixels (B, 3, H, W) in, and out what a
// request asks for, but for its taps, which are the graph's own nodes.
func (n *Network) Forward(g *graph.Builder, pixels *graph.Node, height, width int, req Request) Nodes {
	t := n.forward(g, pixels, height, width)
	layout := func(s *graph.Builder, x *graph.Node, up int) *graph.Node {
		if req.Layout == NCHW {
			return s.At("nchw").ToNCHW(x, t.h*up, t.w*up)
		}
		return x
	}
	out := Nodes{Summary: n.summary(g, t), Adaptors: map[string]AdaptorNodes{}}
	features := n.features(g, t)
	if !req.NoFeatures {
		out.Features = layout(g.At("features"), features, 1)
	}
	for _, name := range req.Adaptors {
		for _, a := range n.Adaptors {
			if a.Name != name {
				continue
			}
			summary, feature := n.adaptor(g, a, t, features)
			feature = layout(g.At("adaptor", name, "features"), feature, a.AdaptorConfig.Feature.Upsample)
			out.Adaptors[name] = AdaptorNodes{summary, feature}
		}
	}
	if r := req.Intermediates; r != nil {
		ends, _ := r.resolve(n.Config.Depth) // checked with the request
		prefix := n.Config.Prefix()
		for i, x := range n.intermediates(g, r, t) {
			s := g.At("intermediate", ends[i])
			o := IntermediateNodes{Block: ends[i]}
			o.Features = layout(s, s.At("features").Slice(x, prefix, prefix+t.h*t.w), 1)
			if r.Prefix {
				o.Prefix = s.At("prefix").Slice(x, 0, prefix)
			}
			out.Intermediates = append(out.Intermediates, o)
		}
	}
	for i := range req.Attention {
		out.Attention = append(out.Attention, n.attention(g, &req.Attention[i], t))
	}
	return out
}

// lent is the outputs of a forward pass, which lie in the memory of the machine that
// computed them until it is given back.
type lent struct {
	Output
	program *program
	machine *graph.Machine
}

// filler writes the pixels of a forward pass into a machine's input.
type filler func(m *graph.Machine, input *graph.Node) error

// run computes on a machine of its own.
func (p *program) run(ctx context.Context, fill filler) (*lent, error) {
	m, err := p.acquire()
	if err != nil {
		return nil, err
	}
	l := &lent{program: p, machine: m}
	if err = fill(m, p.pixels); err == nil {
		err = m.Run(ctx)
	}
	if err == nil {
		err = l.collect()
	}
	if err != nil {
		l.giveBack()
		return nil, err
	}
	return l, nil
}

// giveBack ends the use of the outputs.
func (l *lent) giveBack() { l.program.idle.put(l.program, l.machine) }

func widen(to []float64, from []float32) {
	for i, v := range from {
		to[i] = float64(v)
	}
}

func (l *lent) collect() (err error) {
	take := func(n *graph.Node) *tensor.Dense {
		if n == nil || err != nil {
			return nil
		}
		var d *tensor.Dense
		d, err = l.machine.Value(n)
		return d
	}
	p := l.program
	l.Output = Output{
		Summary: take(p.out.Summary), Features: take(p.out.Features), Rows: p.rows, Cols: p.cols,
		Adaptors: map[string]AdaptorOutput{}, Taps: map[string]*tensor.Dense{},
	}
	for name, a := range p.out.Adaptors {
		l.Adaptors[name] = AdaptorOutput{Summary: take(a.Summary), Features: take(a.Features)}
	}
	for _, i := range p.out.Intermediates {
		l.Intermediates = append(l.Intermediates, Intermediate{Block: i.Block, Features: take(i.Features), Prefix: take(i.Prefix)})
	}
	for i, n := range p.out.Attention {
		l.Attention = append(l.Attention, AttentionWeights{p.attention[i].Block, p.attention[i].Rows, take(n)})
	}
	for path, n := range p.out.taps {
		l.Taps[path] = take(n)
	}
	l.tapRows = p.tapRows
	return err
}

func (p *program) acquire() (*graph.Machine, error) {
	if m := p.idle.take(p); m != nil {
		return m, nil
	}
	return graph.NewMachine(p.compiled)
}
