package conformance

import (
	"fmt"
	"slices"
	"strings"

	"cradio/graph"
	"cradio/radio"
	"cradio/radio/head"
)

func init() { trainingRunners["heads"] = runHead }

// runHead computes a head and its loss. A case in evaluation mode has gradients through norms with
// running statistics, as training with fixed ones has; what inference gives, with norms folded
// into Linears, is compared too.
func runHead(c *trainingCase) error {
	spec, inputs, err := headOf(c)
	if err != nil {
		return err
	}
	h, err := c.head(spec)
	if err != nil {
		return err
	}
	n := c.network()
	in := map[radio.Source]*graph.Node{}
	for i, source := range spec.Input {
		in[source] = n.input(inputs[i])
		if source == radio.MeanSource {
			in[source] = n.MeanTokens(in[source])
		}
	}
	grid := c.grid()
	t := h.Train(n.At("head"), in, grid)
	for _, w := range slices.Concat(h.Trainable(), h.Buffers()) {
		n.weights[w.Name] = w
		n.leaves[w.Name] = n.Weight(w)
	}
	for _, m := range t.Masks {
		if m.Node != nil {
			n.in[m.Node] = c.tensor("input/mask", m.Node.Shape()...)
		}
	}
	outputs, err := n.headOutputs(spec.Kind, t)
	if err != nil {
		return err
	}
	if !c.trains() {
		for _, name := range c.names(truthPrefix + "buffer/") { // they stay
			c.compare("buffer/"+name, c.tensor("buffer/"+name))
		}
		if err := c.infer(h, in, n, grid, outputName(spec.Kind)); err != nil {
			return err
		}
	}
	return n.run(outputs, t.Updates...)
}

// trains says whether a head is computed as in training: by the statistics of its batch, or with
// masks.
func (c *trainingCase) trains() (training bool) {
	c.option("training", &training)
	return training || c.has("input/mask")
}

// grid is that of the patches.
func (c *trainingCase) grid() radio.Grid {
	var g [2]int
	c.option("grid", &g)
	return radio.Grid{Rows: g[0], Cols: g[1]}
}

// outputName is the name of a head's own output in the bundles.
func outputName(k head.Kind) string {
	if k == head.Depth {
		return "depth"
	}
	return "logits"
}

// headOf describes the head of a case, and lists the names of its inputs in the order of its sources.
func headOf(c *trainingCase) (s head.Spec, inputs []string, err error) {
	s.Dropout = c.number("dropout", 0)
	source := func(name string, of radio.Source) {
		_, shape := c.values("input/" + name)
		s.Input, s.Widths, inputs = append(s.Input, of), append(s.Widths, shape[len(shape)-1]), append(inputs, name)
	}
	levels := func() {
		for i := 0; c.has(fmt.Sprintf("input/level%d", i)); i++ {
			source(fmt.Sprintf("level%d", i), radio.BlockSource(i))
		}
	}
	outputs := func(weight string) int {
		_, shape := c.values("param/" + weight + ".weight")
		return shape[0]
	}
	switch kind := c.text("head"); {
	case kind == "linear" && c.has("input/summary"):
		s.Kind, s.Outputs = head.Linear, outputs("head")
		source("summary", radio.SummarySource)
		source("features", radio.MeanSource)
	case kind == "linear":
		s.Kind, s.Outputs = head.Linear, outputs("head")
		source("x", radio.SummarySource)
		if c.has("buffer/norm.running_mean") {
			s.Norm = &head.Norm{Eps: 1e-6}
		}
	case kind == "mlp":
		s.Kind, s.Outputs, s.Hidden = head.MLP, outputs("fc2"), []int{outputs("fc1")}
		source("x", radio.SummarySource)
	case kind == "attentive":
		s.Kind, s.Outputs, s.Heads = head.Attentive, outputs("head"), int(c.number("num_heads", 1))
		source("x", radio.FeaturesSource)
	case kind == "segment":
		s.Kind, s.Outputs, s.Norm = head.Segment, outputs("conv_seg"), &head.Norm{Affine: true}
		s.DropoutFirst = strings.HasPrefix(c.text("dropout_place"), "before")
		levels()
	case strings.HasPrefix(kind, "fused"):
		s.Kind, s.Outputs, s.Hidden = head.Fused, outputs("conv_seg"), []int{outputs("fuse")}
		levels()
	case strings.HasPrefix(kind, "upsampling"):
		s.Kind, s.Outputs = head.Upsampling, outputs("conv_seg")
		for i := 0; c.has(fmt.Sprintf("param/stage.%d.conv.weight", i)); i++ {
			s.Hidden = append(s.Hidden, outputs(fmt.Sprintf("stage.%d.conv", i)))
		}
		levels()
	case kind == "depth":
		s.Kind, s.Outputs = head.Depth, outputs("conv_depth")
		s.Bins = &head.Bins{
			Low: c.number("low", 0), High: c.number("high", 0), Log: c.text("bins") == "log",
			Weights: head.DepthWeights(c.text("norm")), Upsample: int(c.number("upsample", 1)),
		}
		if c.has("buffer/bn.running_mean") {
			s.Norm = &head.Norm{Affine: true}
		}
		levels()
		for i := 0; c.has(fmt.Sprintf("input/cls%d", i)); i++ {
			source(fmt.Sprintf("cls%d", i), radio.ClassSource(i))
		}
	default:
		return s, nil, fmt.Errorf("%w: head %q is unknown", errNotRun, kind)
	}
	if training := true; c.option("training", &training) && !training {
		s.Norm.Fixed = true
	}
	return s, inputs, nil
}

// head makes a head with the values of a case.
func (c *trainingCase) head(s head.Spec) (*head.Head, error) {
	h, err := head.New(s, 0)
	if err != nil {
		return nil, err
	}
	for prefix, weights := range map[string][]*graph.Weight{"param/": h.Trainable(), "buffer/": h.Buffers()} {
		for _, w := range weights {
			v, err := w.Value()
			if err != nil {
				return nil, err
			}
			values, _ := c.values(prefix + w.Name)
			if len(values) != v.DataSize() {
				return nil, fmt.Errorf("%s%s has %d elements, the head's %v", prefix, w.Name, len(values), v.Shape())
			}
			for i, x := range values {
				v.Float32s()[i] = float32(x)
			}
		}
	}
	return h.In(c.dtype())
}

// headOutputs are the outputs of a case, and its loss.
func (n *trainingNetwork) headOutputs(kind head.Kind, t *head.Training) (map[string]*graph.Node, error) {
	c := n.c
	k := graph.CrossEntropy{Ignore: int(c.number("ignore", 0)), Smoothing: c.number("label_smoothing", 0), OverAll: c.text("mean_over") == "all"}
	if !kind.Dense() {
		return map[string]*graph.Node{"logits": t.Output, "loss": n.CrossEntropy(t.Output, n.input("labels"), nil, k)}, nil
	}
	var size [2]int
	c.option("size", &size)
	resize := graph.Resize{FromH: t.Grid.Rows, FromW: t.Grid.Cols, H: size[0], W: size[1]}
	large := n.Resize(t.Output, resize)
	if kind == head.Depth {
		target, valid := n.input("target"), n.input("valid")
		silog := n.At("silog").SILog(large, target, valid, 0.15, 1e-3)
		slope := n.At("slope").GradientLog(large, target, valid, size[0], size[1], 1e-3)
		return map[string]*graph.Node{"depth": t.Output, "silog": silog, "gradient": slope, "loss": n.Add(silog, n.Scale(slope, 0.5))}, nil
	}
	loss := n.ResizedCrossEntropy(t.Output, n.input("labels"), nil, k, resize)
	return map[string]*graph.Node{
		"logits": n.At("logits").ToNCHW(t.Output, t.Grid.Rows, t.Grid.Cols), "loss": loss,
		"upsampled": n.At("upsampled").ToNCHW(n.kept(large, size), (size[0]+6)/7, (size[1]+8)/9),
	}, nil
}

// kept is every 7th row and 9th column of a map (B, H·W, K).
func (n *trainingNetwork) kept(x *graph.Node, size [2]int) *graph.Node {
	var order []int
	for y := 0; y < size[0]; y += 7 {
		for col := 0; col < size[1]; col += 9 {
			order = append(order, y*size[1]+col)
		}
	}
	return n.Reorder(x, order)
}

// infer compares the output of the head's graph at inference.
func (c *trainingCase) infer(h *head.Head, in map[radio.Source]*graph.Node, of *trainingNetwork, grid radio.Grid, output string) error {
	n := c.network()
	sources := map[radio.Source]*graph.Node{}
	for source, node := range in {
		if of.in[node] == nil {
			return nil // made of other inputs, as the mean of the features is
		}
		x := n.Input(string(source), node.Shape()...)
		if x == nil {
			return n.Err()
		}
		n.in[x], sources[source] = of.in[node], x
	}
	y, out := h.Infer(n.At("head"), sources, grid)
	if out != (radio.Grid{}) {
		y = n.ToNCHW(y, out.Rows, out.Cols)
	}
	values, err := c.machine.evaluate(c.ctx, n.Builder, n.in, []*graph.Node{y})
	if err != nil {
		return err
	}
	c.compare("output/"+output, values[y])
	return nil
}
