package conformance

import (
	"encoding/json"
	"log/slog"
	"math"

	"cradio/graph"
	"cradio/loader"
	"cradio/radio"
	"cradio/radio/lora"

	"gorgonia.org/tensor"
)

func init() { trainingRunners["lora"] = runLoRA }

// runLoRA computes a backbone with adapters, and the gradient of every factor, with frozen weights. What
// the merged weights give is compared too.
func runLoRA(c *trainingCase) error {
	m, a, err := c.adapted()
	if err != nil {
		return err
	}
	defer m.Close()
	linears := m.Network().Linears()
	if err := a.Attach(linears); err != nil {
		return err
	}
	tuned, err := m.Network().Tuned(radio.Tuning{})
	if err != nil {
		return err
	}
	n := c.network()
	pixels := c.pixels()
	s := pixels.Shape()
	x := n.Input("pixels", s...)
	n.in[x] = pixels
	sources := []radio.Source{radio.SummarySource, radio.FeaturesSource}
	b := m.Network().Train(n.Builder, x, s[2], s[3], radio.Tuning{}, sources)
	outputs := []*graph.Node{b.Sources[radio.SummarySource], b.Sources[radio.FeaturesSource]}
	var seeds, wrt []*graph.Node
	for _, name := range []string{"weight.summary", "weight.features"} {
		seeds = append(seeds, n.input(name))
	}
	for _, w := range tuned {
		wrt = append(wrt, n.Weight(w.Weight))
	}
	grads, err := n.Backpropagate(outputs, seeds, wrt)
	if err != nil {
		return err
	}
	values, err := c.machine.evaluate(c.ctx, n.Builder, n.in, append(grads, outputs...))
	if err != nil {
		return err
	}
	for i, w := range tuned {
		c.compare("grad/"+w.Name, values[grads[i]])
	}
	var loss, squares float64 // squares of what errors of PyTorch's size make of the loss
	for i, name := range []string{"output/summary", "output/features"} {
		c.compare(name, values[outputs[i]])
		y, err := float64s(values[outputs[i]])
		if err != nil {
			return err
		}
		seed, err := float64s(n.in[seeds[i]])
		if err != nil {
			return err
		}
		theirs := c.bundle.errors(radio.Float32)[name].RMS
		for j, v := range y {
			loss += v * seed[j]
			squares += seed[j] * seed[j] * theirs * theirs
		}
	}
	c.compareRounded("output/loss", []float64{loss}, 4*math.Sqrt(squares))
	return c.mergedOutputs(pixels)
}

// mergedOutputs compares what merged weights give.
func (c *trainingCase) mergedOutputs(pixels *tensor.Dense) error {
	m, a, err := c.adapted()
	if err != nil {
		return err
	}
	defer m.Close()
	if err := a.Merge(m.Network().Linears()); err != nil {
		return err
	}
	g, s := graph.New(c.dtype()), pixels.Shape()
	x := g.Input("pixels", s...)
	out := m.Network().Forward(g, x, s[2], s[3], radio.Request{})
	values, err := c.machine.evaluate(c.ctx, g, tensors{x: pixels}, []*graph.Node{out.Summary, out.Features})
	if err != nil {
		return err
	}
	c.compare("output/summary", values[out.Summary])
	c.compare("output/features", values[out.Features])
	return nil
}

// pixels are those of the case, from 0 to 1.
func (c *trainingCase) pixels() *tensor.Dense {
	values, shape := c.values("input/pixels")
	if c.dtype() == tensor.Float64 {
		for i := range values {
			values[i] /= 255
		}
		return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(values))
	}
	singles := make([]float32, len(values))
	for i, v := range values {
		singles[i] = float32(v / 255)
	}
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(singles))
}

// adapted is the model of a case, and its adapter.
func (c *trainingCase) adapted() (*radio.Model, *lora.Adapter, error) {
	m, err := c.model()
	if err != nil {
		return nil, nil, err
	}
	config := lora.Config{Rank: int(c.number("rank", 0)), Alpha: c.number("alpha", 0), Targets: c.list("modules")}
	a, err := lora.New(m.Network().Linears(), config, 0)
	if err != nil {
		m.Close()
		return nil, nil, err
	}
	for _, w := range a.Trainable() {
		v, err := w.Value()
		if err != nil {
			m.Close()
			return nil, nil, err
		}
		given, _ := c.values("param/" + w.Name)
		if len(given) != v.DataSize() {
			c.fail("param/%s has %d elements, the adapter's %v", w.Name, len(given), v.Shape())
			continue
		}
		for i, x := range given {
			if c.dtype() == tensor.Float64 {
				v.Float64s()[i] = x
			} else {
				v.Float32s()[i] = float32(x)
			}
		}
	}
	return m, a, nil
}

// model is the nano model of a case: its configuration, and synthetic weights of its seed.
func (c *trainingCase) model() (*radio.Model, error) {
	var text json.RawMessage
	c.option("config", &text)
	config, err := radio.ParseConfig(text)
	if err != nil {
		return nil, err
	}
	align := true
	c.option("align_corners", &align)
	return radio.New(config, loader.NewSynthetic(c.text("seed")), radio.Options{
		DType: c.opt.DType, Device: c.opt.device(), AlignCorners: &align, Log: slog.New(slog.DiscardHandler),
	})
}
