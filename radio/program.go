package radio

import (
	"context"
	"fmt"
	"slices"

	"cradio/graph"

	"gorgonia.org/tensor"
)

// program is a compiled forward pass of one size and request.
type program struct {
	model    *Model
	compiled *graph.Program
	pixels   *graph.Node
	heads    []Head // of the request; they stay reachable, since the cache knows them by address
	out      Nodes

	idle    *idle // machines that can run it, and those of other programs
	dropped bool  // under idle.mu: it is not in the cache any more
}

// nodes lists the outputs that were asked for.
func (p *program) nodes() []*graph.Node {
	return slices.DeleteFunc(p.out.values(), func(n *graph.Node) bool { return n == nil })
}

// program finds or compiles the program of a size and request.
func (m *Model) program(batch, height, width int, req Request) (*program, error) {
	if err := req.check(m.net); err != nil {
		return nil, err
	}
	key := fmt.Sprintf("%d×%d×%d %v %v %q %+v %q", batch, height, width, req.NoFeatures, req.Layout, req.Adaptors, req.Intermediates, req.Taps) + fmt.Sprint(req.Attention, req.Sources)
	for _, h := range req.Heads {
		key += fmt.Sprintf(" %p", h)
	}
	return m.programs.get(key, func() (*program, error) {
		start := m.clock()
		p, err := m.compile(m.target, batch, height, width, req)
		m.report(EventCompile, start, err, Event{Batch: batch, Height: height, Width: width})
		return p, err
	})
}

// compile builds the graph of a request and compiles it.
func (m *Model) compile(target graph.Target, batch, height, width int, req Request) (*program, error) {
	g := graph.New(m.dtype).Lazy()
	p := &program{model: m, idle: m.programs.idle, pixels: g.Input("pixels", batch, 3, height, width), heads: req.Heads}
	p.out = m.net.Forward(g, p.pixels, height, width, req)
	p.out.Taps = map[string]*graph.Node{}
	for _, path := range req.Taps {
		n, err := g.Node(path)
		if err != nil && g.Err() == nil {
			return nil, err
		}
		p.out.Taps[path] = n
	}
	var err error
	if p.out.tapRows, err = m.tapRows(batch, height, width, req, p.out.Taps); err != nil {
		return nil, err
	}
	p.compiled, err = g.Compile(target, p.nodes()...)
	return p, err
}

// Forward adds the network to a graph: pixels (B, 3, H, W) in, and out what a
// request asks for, but for its taps, which are the graph's own nodes.
func (n *Network) Forward(g *graph.Builder, pixels *graph.Node, height, width int, req Request) Nodes {
	t := n.forward(g, pixels, height, width, nil)
	layout := func(s *graph.Builder, x *graph.Node, up int) *graph.Node {
		if req.Layout == NCHW {
			return s.At("nchw").ToNCHW(x, t.h*up, t.w*up)
		}
		return x
	}
	out := Nodes{Summary: n.summary(g, t), Rows: t.h, Cols: t.w, Adaptors: map[string]AdaptorOutputs[*graph.Node]{}}
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
			out.Adaptors[name] = AdaptorOutputs[*graph.Node]{Summary: summary, Features: feature}
		}
	}
	if r := req.Intermediates; r != nil {
		ends, _ := r.resolve(n.Config.Depth) // checked with the request
		prefix := n.Config.Prefix()
		for i, x := range n.intermediates(g, r, t) {
			s := g.At("intermediate", ends[i])
			o := IntermediateOutputs[*graph.Node]{Block: ends[i]}
			o.Features = layout(s, s.At("features").Slice(x, prefix, prefix+t.h*t.w), 1)
			if r.Prefix {
				o.Prefix = s.At("prefix").Slice(x, 0, prefix)
			}
			out.Intermediates = append(out.Intermediates, o)
		}
	}
	if all := req.allSources(); len(all) > 0 {
		in := n.sources(g, all, t)
		out.Heads = n.heads(g, req.Heads, in, t, req.Layout)
		out.Sources = map[Source]*graph.Node{}
		for _, s := range req.Sources {
			out.Sources[s] = in[s]
		}
	}
	for _, asked := range req.Attention {
		r := asked.resolved(n)
		out.Attention = append(out.Attention, AttentionOutputs[*graph.Node]{Block: r.Block, Rows: r.Rows, Weights: n.attention(g, r, t)})
	}
	return out
}

// borrowed is the outputs of a forward pass, in the memory of the machine that computed them. release
// ends their use.
type borrowed struct {
	Output
	program *program
	machine graph.Machine
}

// filler writes the pixels of a forward pass into a machine's input.
type filler func(m graph.Machine, input *graph.Node) error

// run computes on a machine that nobody else uses.
func (p *program) run(ctx context.Context, fill filler) (*borrowed, error) {
	m, err := p.acquire()
	if err != nil {
		return nil, err
	}
	l := &borrowed{program: p, machine: m}
	if err = fill(m, p.pixels); err == nil {
		err = m.Run(ctx)
	}
	if err == nil {
		err = l.collect()
	}
	if err != nil {
		l.release()
		return nil, err
	}
	return l, nil
}

// release gives the machine back. Its outputs must not be used afterwards.
func (l *borrowed) release() { l.program.idle.put(l.program, l.machine) }

func toFloat64(to []float64, from []float32) {
	for i, v := range from {
		to[i] = float64(v)
	}
}

func (l *borrowed) collect() (err error) {
	take := func(n *graph.Node) *tensor.Dense {
		if n == nil || err != nil {
			return nil
		}
		var d *tensor.Dense
		d, err = l.machine.Value(n)
		return d
	}
	l.Output = Output{Convert(l.program.out, take)}
	return err
}

// acquire takes an idle machine, or makes one. Making the first one packs the weights.
func (p *program) acquire() (graph.Machine, error) {
	if m := p.idle.take(p); m != nil {
		return m, nil
	}
	before := p.model.PackedBytes()
	m, err := graph.NewMachine(p.compiled)
	if p.model.PackedBytes() > before {
		p.model.freeMemory()
	}
	return m, err
}

// freeMemory says that much memory has become free; see Options.FreeMemory.
func (m *Model) freeMemory() {
	if m.freed != nil {
		m.freed()
	}
}
