package conformance

import (
	"fmt"
	"strings"

	"cradio/graph"
)

func init() { trainingRunners["norms"] = runNorm }

// runNorm computes a norm, a resized map or dropout. The loss is Σ y·weight.
func runNorm(c *trainingCase) error {
	n := c.network()
	weight := n.rows("weight")
	x := n.rows("x")
	maps := len(n.Shape(n.leaves["x"])) == 4
	var y *graph.Node
	var updates []*graph.Node
	_, name, _ := strings.Cut(c.name(), "/")
	switch {
	case strings.HasPrefix(name, "batchnorm"):
		y, updates = n.batchNorm(x)
	case strings.HasPrefix(name, "resize"):
		var size [2]int
		c.option("size", &size)
		_, s := c.values("input/x")
		y = n.Resize(x, graph.Resize{FromH: s[2], FromW: s[3], H: size[0], W: size[1]})
	case strings.HasPrefix(name, "drop"):
		y = n.Dropout(x, n.input("mask"), c.number("p", 0))
	default:
		return fmt.Errorf("%w: operation %q is unknown", errNotRun, name)
	}
	outputs := map[string]*graph.Node{"y": y}
	if maps {
		_, s := c.values("input/weight")
		outputs["y"] = n.ToNCHW(y, s[2], s[3])
	}
	return n.runFrom(y, weight, outputs, updates...)
}

// batchNorm normalises x as the case says. In training it also updates the running statistics.
func (n *trainingNetwork) batchNorm(x *graph.Node) (y *graph.Node, updates []*graph.Node) {
	c := n.c
	training := false
	c.option("training", &training)
	eps := c.number("eps", 1e-5)
	w, b := n.param("bn.weight"), n.param("bn.bias")
	mean, variance := n.buffer("bn.running_mean"), n.buffer("bn.running_var")
	if !training {
		return n.BatchNormInference(x, n.Weight(mean), n.Weight(variance), w, b, eps), nil
	}
	y = n.BatchNorm(x, w, b, eps)
	if c.tape() {
		return y, nil
	}
	mean.Trainable, variance.Trainable = true, true
	k := graph.Running{Momentum: c.number("momentum", 0.1)}
	return y, []*graph.Node{n.Running(n.Weight(mean), n.Weight(variance), x, k)}
}
