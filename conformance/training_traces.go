package conformance

import (
	"cmp"
	"encoding/json"
	"fmt"

	"cradio/graph"

	"gorgonia.org/tensor"
)

// trace is a case of optim/traces: an optimiser and its options, as optimise.py has them.
type trace struct {
	Kind     string      `json:"kind"`
	LR       float64     `json:"lr"`
	Decay    *float64    `json:"weight_decay"`
	Betas    *[2]float64 `json:"betas"`
	Eps      float64     `json:"eps"`
	Momentum float64     `json:"momentum"`
	Nesterov bool        `json:"nesterov"`
	Clip     float64     `json:"clip"`
	EMA      float64     `json:"ema"`
	Spike    int         `json:"spike"`
	Schedule *struct {
		Name          string
		Total, Warmup int
	} `json:"schedule"`
	Groups map[string]json.RawMessage `json:"groups"` // by parameter: options that take the place of these
}

// group are the options of a parameter.
func (tr trace) group(parameter string) (trace, error) {
	own := tr
	if raw, ok := tr.Groups[parameter]; ok {
		if err := json.Unmarshal(raw, &own); err != nil {
			return own, fmt.Errorf("group %s: %w", parameter, err)
		}
	}
	return own, nil
}

// rate is that of step t = 0, 1, …
func (tr trace) rate(t, steps int) (float64, error) {
	if tr.Schedule == nil {
		return tr.LR, nil
	}
	name := tr.Schedule.Name
	if name == "warmup_poly" {
		name += "_0.9" // the only power there is
	}
	s, ok := trainingSchedules(tr.Schedule.Total, tr.Schedule.Warmup)[name]
	if !ok || tr.Schedule.Total != steps {
		return 0, fmt.Errorf("schedule %q over %d steps is not known", tr.Schedule.Name, tr.Schedule.Total)
	}
	return tr.LR * s.Factor(t), nil
}

// traceParameters are those of every trace.
var traceParameters = []string{"weight", "bias", "norm"}

// runTraces makes the steps of every optimiser, and compares each parameter after each step.
func runTraces(c *trainingCase) error {
	if c.tape() {
		return fmt.Errorf("%w: Gorgonia's TapeMachine keeps no state", errNotRun)
	}
	var cases map[string]trace
	if !c.option("cases", &cases) || c.err != nil {
		return fmt.Errorf("option cases is missing")
	}
	for name, tr := range cases {
		if err := runTrace(c, name, tr); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// traced is a parameter of a trace.
type traced struct {
	name         string
	weight, mean *graph.Weight
	gradient     *graph.Node
	all          *tensor.Dense // gradients of all steps
}

func runTrace(c *trainingCase, name string, tr trace) error {
	g := graph.New(c.dtype())
	hyper := g.Hyper("hyper")
	var list []*traced
	var grads []*graph.Node
	for _, p := range traceParameters {
		x := &traced{name: p, all: c.tensor("gradient/" + p)}
		if tr.Spike > 0 {
			x.all = c.tensor("gradient/spike." + p)
		}
		start := c.tensor("param/" + p)
		x.weight = graph.NewWeight(p, start)
		x.weight.Trainable = true
		x.gradient = g.Input("gradient."+p, start.Shape()...)
		list, grads = append(list, x), append(grads, x.gradient)
	}
	if c.err != nil {
		return c.err
	}
	var norm, clip *graph.Node
	var outputs []*graph.Node
	if tr.Clip > 0 {
		norm = g.At("norm").GlobalNorm(grads...)
		clip = g.At("clip").ClipFactor(norm, tr.Clip)
		outputs = append(outputs, norm)
	}
	for _, x := range list {
		step, err := tr.step(g.At(x.name), x, hyper, clip)
		if err != nil {
			return err
		}
		outputs = append(outputs, step)
		if tr.EMA > 0 {
			mean := c.tensor("param/" + x.name)
			x.mean = graph.NewWeight("ema."+x.name, mean)
			x.mean.Trainable = true
			outputs = append(outputs, g.At("ema", x.name).Average(g.Weight(x.mean), step, hyper))
		}
	}
	return tr.walk(c, name, g, list, hyper, norm, outputs)
}

// step adds the optimiser's update of a parameter.
func (tr trace) step(g *graph.Builder, x *traced, hyper, clip *graph.Node) (*graph.Node, error) {
	own, err := tr.group(x.name)
	if err != nil {
		return nil, err
	}
	state := func(name string) *graph.Node {
		return g.Weight(graph.NewState(x.name+"."+name, g.DType(), x.weight.Shape()...))
	}
	w, decay := g.Weight(x.weight), 0.0
	if own.Decay != nil {
		decay = *own.Decay
	}
	switch own.Kind {
	case "SGD":
		var momentum *graph.Node
		if own.Momentum > 0 {
			momentum = state("momentum")
		}
		k := graph.SGD{Momentum: own.Momentum, Nesterov: own.Nesterov, Decay: decay, Rate: own.LR / tr.LR}
		return g.SGD(w, x.gradient, momentum, hyper, clip, k), g.Err()
	case "Adam", "AdamW":
		k := graph.AdamW{Beta1: 0.9, Beta2: 0.999, Eps: cmp.Or(own.Eps, 1e-8), Decay: decay, Coupled: own.Kind == "Adam", Rate: own.LR / tr.LR}
		if own.Betas != nil {
			k.Beta1, k.Beta2 = own.Betas[0], own.Betas[1]
		}
		return g.AdamW(w, x.gradient, state("m"), state("v"), hyper, clip, k), g.Err()
	}
	return nil, fmt.Errorf("optimiser %q is not known", own.Kind)
}

// walk makes the steps, and compares what there was after each.
func (tr trace) walk(c *trainingCase, name string, g *graph.Builder, list []*traced, hyper, norm *graph.Node, outputs []*graph.Node) error {
	steps := int(c.number("steps", 0))
	after := map[string][]float64{}
	keep := func(key string, d *tensor.Dense, err error) error {
		if err != nil {
			return err
		}
		values, err := float64s(d)
		after[key] = append(after[key], values...)
		return err
	}
	for t := range steps {
		rate, err := tr.rate(t, steps)
		if err != nil {
			return err
		}
		in := tensors{hyper: tensor.New(tensor.Of(c.dtype()), tensor.WithShape(graph.HyperSize))}
		if err := (graph.Hyper{Rate: rate, Step: t + 1, Average: 1 - tr.EMA}).Fill(in[hyper]); err != nil {
			return err
		}
		for _, x := range list {
			row, err := x.all.Slice(tensor.S(t))
			if err != nil {
				return err
			}
			in[x.gradient] = row.Materialize().(*tensor.Dense)
			if err := in[x.gradient].Reshape(x.weight.Shape().Clone()...); err != nil {
				return err
			}
		}
		values, err := c.machine.evaluate(c.ctx, g, in, outputs)
		if err != nil {
			return err
		}
		if norm != nil {
			if err := keep("norm_before_clipping", values[norm], nil); err != nil {
				return err
			}
		}
		for _, x := range list {
			d, err := x.weight.Value()
			if err := keep(x.name, d, err); err != nil {
				return err
			}
			if x.mean == nil {
				continue
			}
			d, err = x.mean.Value()
			if err := keep("ema."+x.name, d, err); err != nil {
				return err
			}
		}
	}
	for key, values := range after {
		c.compareValues(name+"/"+key, values)
	}
	return nil
}
