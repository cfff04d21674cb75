package conformance

import (
	"fmt"

	"cradio/graph"
	"cradio/radio"
	"cradio/radio/optim"

	"gorgonia.org/tensor"
)

func init() { trainingRunners["finetune"] = runFinetune }

// runFinetune makes the steps of fine-tuning all blocks, and the last one, with a linear head: forward,
// loss, backward, clipping and update in one program, as radio/train runs it.
func runFinetune(c *trainingCase) error {
	if c.tape() {
		return fmt.Errorf("%w: Gorgonia's TapeMachine keeps no state", errNotRun)
	}
	for kind, blocks := range map[string]int{"all": -1, "last1": 1} {
		if err := c.finetune(kind, blocks); err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
	}
	return nil
}

// finetuning is the program of a step, and what goes into it.
type finetuning struct {
	c       *trainingCase
	machine graph.Machine
	update  *optim.Update
	loss    *graph.Node
	pixels  *graph.Node
	labels  *graph.Node
	seed    *graph.Node
	paths   []radio.Path
	weights map[string]*graph.Weight
}

// finetune runs the steps with so many of the last blocks, and compares.
func (c *trainingCase) finetune(kind string, blocks int) error {
	m, err := c.model()
	if err != nil {
		return err
	}
	defer m.Close()
	steps := int(c.number("steps", 0))
	o := optim.Options{
		Rate: c.number("lr", 0), Decay: c.number("weight_decay", 0), Clip: c.number("clip_norm", 0), LayerDecay: c.number("layer_decay", 0),
		Schedule: optim.Schedule{Curve: optim.Cosine, Total: steps, Warmup: int(c.number("warmup", 0)), FromZero: true},
	}
	f, err := c.finetuning(m, o, blocks)
	if err != nil {
		return err
	}
	defer f.machine.Close()
	got := map[string][]float64{}
	for t := range steps {
		loss, norm, err := f.step(t)
		if err != nil {
			return fmt.Errorf("step %d: %w", t, err)
		}
		got["losses"], got["grad_norms"], got["rates"] = append(got["losses"], loss), append(got["grad_norms"], norm), append(got["rates"], float64(float32(o.RateAt(t)))) // as the file stores them
	}
	for name, values := range got {
		c.compareValues(kind+"/"+name, values)
	}
	for _, name := range c.names(truthPrefix + kind + "/param/") {
		w := f.weights[name]
		if w == nil {
			return fmt.Errorf("%s is not trained", name)
		}
		v, err := w.Value()
		if err != nil {
			return err
		}
		c.compareUpdated(kind+"/param/"+name, v, steps)
	}
	return c.err
}

// finetuning compiles a step.
func (c *trainingCase) finetuning(m *radio.Model, o optim.Options, blocks int) (*finetuning, error) {
	f := &finetuning{c: c, weights: map[string]*graph.Weight{}}
	network, depth := m.Network(), m.Config().Depth
	tuning := radio.Tuning{Blocks: blocks}
	for range depth {
		tuning.DropPath = append(tuning.DropPath, c.number("drop_path", 0))
	}
	tuned, err := network.Tuned(tuning)
	if err != nil {
		return nil, err
	}
	shape := c.shapeOf("input/pixels")
	batch, height, width := shape[1], shape[3], shape[4]
	weight := graph.NewWeight("head.weight", c.tensor("param/head.weight").Clone().(*tensor.Dense))
	bias := graph.NewWeight("head.bias", c.tensor("param/head.bias").Clone().(*tensor.Dense))
	list := []*graph.Weight{weight, bias}
	for _, w := range tuned {
		list = append(list, w.Weight)
	}
	opt, err := optim.New(o, list, depth)
	if err != nil {
		return nil, err
	}
	g := graph.New(c.dtype())
	f.pixels, f.labels, f.seed = g.Input("pixels", batch, 3, height, width), g.Input("labels", batch), g.Input("seed", 1)
	b := network.Train(g, f.pixels, height, width, tuning, []radio.Source{radio.SummarySource})
	f.paths = b.Paths
	logits := g.At("head").Linear(b.Sources[radio.SummarySource], g.Weight(weight), g.Weight(bias))
	f.loss = g.At("loss").CrossEntropy(logits, f.labels, nil, graph.CrossEntropy{Smoothing: c.number("label_smoothing", 0)})
	var wrt []*graph.Node
	for _, w := range list {
		f.weights[w.Name] = w
		wrt = append(wrt, g.Weight(w))
	}
	grads, err := g.Backpropagate([]*graph.Node{f.loss}, []*graph.Node{f.seed}, wrt)
	if err != nil {
		return nil, err
	}
	f.update = opt.Step(g, grads)
	on, ok := c.machine.(*deviceMachine)
	if !ok {
		return nil, fmt.Errorf("%w: this machine keeps no state", errNotRun)
	}
	p, err := g.Compile(graph.Target{Device: on.device, NoFusion: on.noFusion}, append([]*graph.Node{f.loss}, f.update.Outputs...)...)
	if err != nil {
		return nil, err
	}
	f.machine, err = graph.NewMachine(p)
	return f, err
}

// step runs step t, and returns the loss and the norm of the gradients before clipping.
func (f *finetuning) step(t int) (loss, norm float64, err error) {
	c := f.c
	pixels := c.part("input/pixels", t)
	for i := range pixels {
		pixels[i] /= 255
	}
	masks := c.part("input/masks", t) // (blocks, 2, B)
	batch := len(c.part("input/labels", t))
	for _, in := range []struct {
		node   *graph.Node
		values []float64
	}{{f.pixels, pixels}, {f.labels, c.part("input/labels", t)}, {f.seed, []float64{1}}} {
		if err := f.set(in.node, in.values); err != nil {
			return 0, 0, err
		}
	}
	for _, p := range f.paths {
		row := 2 * p.Block
		if p.MLP {
			row++
		}
		if err := f.set(p.Node, masks[row*batch:][:batch]); err != nil {
			return 0, 0, err
		}
	}
	if err := f.update.Set(f.machine, t, 0); err != nil {
		return 0, 0, err
	}
	if err := f.machine.Run(c.ctx); err != nil {
		return 0, 0, err
	}
	var out [2]float64
	for i, n := range []*graph.Node{f.loss, f.update.Norm} {
		v, err := f.machine.Value(n)
		if err != nil {
			return 0, 0, err
		}
		values, err := float64s(v)
		if err != nil {
			return 0, 0, err
		}
		out[i] = values[0]
	}
	return out[0], out[1], c.err
}

// set writes an input.
func (f *finetuning) set(n *graph.Node, values []float64) error {
	to := f.machine.Input(n)
	if to == nil {
		return fmt.Errorf("%s is not an input of the step", n.Name())
	}
	if to.DataSize() != len(values) {
		return fmt.Errorf("%s is %v, and has %d values", n.Name(), to.Shape(), len(values))
	}
	for i, v := range values {
		if to.Dtype() == tensor.Float64 {
			to.Float64s()[i] = v
		} else {
			to.Float32s()[i] = float32(v)
		}
	}
	return nil
}

// part is entry i of the first axis of a tensor.
func (c *trainingCase) part(name string, i int) []float64 {
	values, shape := c.values(name)
	n := len(values) / shape[0]
	return values[i*n:][:n]
}

// shapeOf is the shape of a tensor.
func (c *trainingCase) shapeOf(name string) []int {
	info, _ := c.Lookup(name)
	return info.Shape
}
