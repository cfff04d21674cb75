package conformance

import (
	"fmt"
	"strings"

	"cradio/graph"
)

func init() { trainingRunners["losses"] = runLoss }

// runLoss computes a loss and its gradient.
func runLoss(c *trainingCase) error {
	n := c.network()
	loss, err := n.lossOf(c.text("loss"))
	if err != nil {
		return err
	}
	return n.run(map[string]*graph.Node{"loss": loss})
}

// lossOf is the loss of a case of losses/.
func (n *trainingNetwork) lossOf(name string) (*graph.Node, error) {
	c := n.c
	ignore := int(c.number("ignore", 0))
	switch {
	case name == "cross-entropy-dice":
		x, labels := n.rows("logits"), n.input("labels")
		return n.Add(n.CrossEntropy(x, labels, nil, graph.CrossEntropy{Ignore: ignore}), n.Scale(n.Dice(x, labels, 1, ignore), 0.5)), nil
	case strings.HasPrefix(name, "cross-entropy"):
		return n.crossEntropy(ignore), nil
	case strings.HasPrefix(name, "binary-cross-entropy"):
		return n.BinaryCrossEntropy(n.input("logits"), n.input("targets"), n.optional("known"), n.optional("pos_weight")), nil
	}
	switch name {
	case "sigmoid-focal":
		return n.SigmoidFocal(n.input("logits"), n.input("targets"), nil, c.number("alpha", 0.25), c.number("gamma", 2)), nil
	case "softmax-focal":
		return n.SoftmaxFocal(n.rows("logits"), n.input("labels"), c.number("gamma", 2), ignore), nil
	case "dice":
		return n.Dice(n.rows("logits"), n.input("labels"), c.number("smooth", 1), ignore), nil
	}
	pred, target, valid := n.input("pred"), n.input("target"), n.optional("valid")
	switch name {
	case "silog":
		return n.SILog(pred, target, valid, c.number("lambda", 0.15), c.number("eps", 1e-3)), nil
	case "gradient-log":
		s := n.Shape(pred)
		return n.GradientLog(pred, target, valid, s[len(s)-2], s[len(s)-1], c.number("eps", 1e-3)), nil
	case "smooth-l1":
		return n.SmoothL1(pred, target, valid, c.number("beta", 1)), nil
	case "l1":
		return n.L1(pred, target, valid), nil
	case "mse":
		return n.MSE(pred, target, valid), nil
	}
	return nil, fmt.Errorf("%w: loss %q is unknown", errNotRun, name)
}

// crossEntropy is a cross entropy with the options of the case: of rows, of maps, of resized maps or
// with probabilities.
func (n *trainingNetwork) crossEntropy(ignore int) *graph.Node {
	c := n.c
	k := graph.CrossEntropy{Ignore: ignore, Smoothing: c.number("label_smoothing", 0), OverAll: c.text("mean_over") == "all"}
	if c.has("input/targets") {
		k.Soft = true
		return n.CrossEntropy(n.input("logits"), n.input("targets"), n.optional("weight"), k)
	}
	var size [2]int
	if !c.option("size", &size) {
		return n.CrossEntropy(n.rows("logits"), n.input("labels"), n.optional("weight"), k)
	}
	_, shape := c.values("input/logits")
	resize := graph.Resize{FromH: shape[2], FromW: shape[3], H: size[0], W: size[1]}
	return n.ResizedCrossEntropy(n.rows("logits"), n.input("labels"), n.optional("weight"), k, resize)
}

// optional is the node of input/<name>, nil if there is none.
func (n *trainingNetwork) optional(name string) *graph.Node {
	if !n.c.has("input/" + name) {
		return nil
	}
	return n.input(name)
}

// rows is input/<name> with the channels last: maps (B, C, H, W) become (B, H·W, C).
func (n *trainingNetwork) rows(name string) *graph.Node {
	x := n.input(name)
	if len(n.Shape(x)) == 4 {
		return n.FromNCHW(x)
	}
	return x
}
