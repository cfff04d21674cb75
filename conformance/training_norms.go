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
	_, name, _ := strings.Cut(c.name(), "/")
	switch {
	case strings.HasPrefix(name, "batchnorm"):
		if training := false; c.option("training", &training) && training {
			return fmt.Errorf("%w: there are no running statistics yet", errNotRun)
		}
		y = n.batchNorm(x)
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
	return n.runFrom(y, weight, outputs)
}

// batchNorm normalises x as the case says.
func (n *trainingNetwork) batchNorm(x *graph.Node) *graph.Node {
	c := n.c
	training := false
	c.option("training", &training)
	eps := c.number("eps", 1e-5)
	w, b := n.param("bn.weight"), n.param("bn.bias")
	mean, variance := n.buffer("bn.running_mean"), n.buffer("bn.running_var")
	if training {
		return n.BatchNorm(x, w, b, eps)
	}
	return n.BatchNormInference(x, n.Weight(mean), n.Weight(variance), w, b, eps)
}
