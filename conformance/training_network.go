package conformance

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"cradio/graph"

	"gorgonia.org/tensor"
)

// trainingNetwork is the graph of a case. Tensors of the bundle enter it by name, and run compares
// outputs, gradients and buffers under the same names.
type trainingNetwork struct {
	*graph.Builder
	c       *trainingCase
	in      tensors                  // values of inputs
	leaves  map[string]*graph.Node   // what has a gradient, by the name of input/ or param/
	weights map[string]*graph.Weight // by the name of param/ or buffer/
}

// network is an empty graph.
func (c *trainingCase) network() *trainingNetwork {
	return &trainingNetwork{
		Builder: graph.New(c.dtype()), c: c, in: tensors{},
		leaves: map[string]*graph.Node{}, weights: map[string]*graph.Weight{},
	}
}

// input is the node of input/<name>, in another shape if one is given: labels (B, H, W) may become
// (B·H·W). Its gradient is compared if the bundle has one.
func (n *trainingNetwork) input(name string, shape ...int) *graph.Node {
	x := n.c.tensor("input/"+name, shape...)
	node := n.Input(name, x.Shape()...)
	if node != nil {
		n.in[node] = x
	}
	n.leaves[name] = node
	return node
}

// param is the node of param/<name>, in another shape if one is given: a 1×1 convolution (K, D, 1, 1)
// is a Linear of (K, D). It is a weight of the graph.
func (n *trainingNetwork) param(name string, shape ...int) *graph.Node {
	node := n.Weight(n.weight("param/", name, shape...))
	n.leaves[name] = node
	return node
}

// buffer is the weight of buffer/<name>, as it was before the call. After run its value is compared
// with truth/buffer/<name>.
func (n *trainingNetwork) buffer(name string) *graph.Weight { return n.weight("buffer/", name) }

// weight is the weight of a tensor of the bundle. It is always the same.
func (n *trainingNetwork) weight(prefix, name string, shape ...int) *graph.Weight {
	if w := n.weights[name]; w != nil {
		return w
	}
	w := graph.NewWeight(name, n.c.tensor(prefix+name, shape...))
	n.weights[name] = w
	return w
}

// constant is an input of these values, such as a seed.
func (n *trainingNetwork) constant(name string, value float64, shape ...int) *graph.Node {
	node := n.Input(name, shape...)
	if node == nil {
		return nil
	}
	values := slices.Repeat([]float64{value}, product(shape))
	if n.c.dtype() == tensor.Float64 {
		n.in[node] = tensor.New(tensor.WithShape(shape...), tensor.WithBacking(values))
		return node
	}
	singles := make([]float32, len(values))
	for i, v := range values {
		singles[i] = float32(v)
	}
	n.in[node] = tensor.New(tensor.WithShape(shape...), tensor.WithBacking(singles))
	return node
}

// run backpropagates from outputs["loss"], computes everything and compares outputs, by their names in
// truth/output/, the gradient of every input and parameter that has one in truth/grad/, and the buffers.
// updates are nodes that write buffers; they do not run on the TapeMachine.
func (n *trainingNetwork) run(outputs map[string]*graph.Node, updates ...*graph.Node) error {
	return n.runFrom(outputs["loss"], n.constant("seed", 1, 1), outputs, updates...)
}

// runFrom is run from another node with its seed, where the loss is Σ of · seed. Without an output "loss"
// the sum is one of the graph as users run it, which a small program computes in float64; else it is
// computed here, of rounded outputs.
func (n *trainingNetwork) runFrom(of, seed *graph.Node, outputs map[string]*graph.Node, updates ...*graph.Node) error {
	if err := n.Err(); err != nil {
		return err
	}
	var names []string
	var wrt []*graph.Node
	for _, name := range slices.Sorted(maps.Keys(n.leaves)) {
		if n.c.has(truthPrefix + "grad/" + name) {
			names, wrt = append(names, name), append(wrt, n.leaves[name])
		}
	}
	grads, err := n.Backpropagate([]*graph.Node{of}, []*graph.Node{seed}, wrt)
	if err != nil {
		return err
	}
	inGraph := outputs["loss"] == nil && n.c.way.name == "" && !n.c.tape()
	if inGraph {
		outputs = maps.Clone(outputs)
		outputs["loss"] = n.Apply(graph.SumRowsMul{To: tensor.Shape{1}}, of, seed)
	}
	all := append(slices.Collect(maps.Values(outputs)), grads...)
	all = append(all, of)
	if n.in[seed] == nil { // not an input as it is
		all = append(all, seed)
	}
	if !n.c.tape() {
		all = append(all, updates...)
	}
	values, err := n.c.machine.evaluate(n.c.ctx, n.Builder, n.in, all)
	if err != nil {
		return err
	}
	for name, node := range outputs {
		n.c.compare("output/"+name, values[node])
	}
	for i, name := range names {
		n.c.compare("grad/"+name, values[grads[i]])
	}
	if outputs["loss"] == nil {
		if err := n.sum(values[of], cmp.Or(n.in[seed], values[seed])); err != nil {
			return err
		}
	}
	return n.buffers()
}

// sum compares Σ y·weight with the loss. It may be off by what rounding y does to it.
func (n *trainingNetwork) sum(y, weight *tensor.Dense) error {
	a, err := float64s(y)
	if err != nil {
		return err
	}
	b, err := float64s(weight)
	if err != nil {
		return err
	}
	if len(a) != len(b) {
		return fmt.Errorf("the loss is a sum over %v, and the seed is %v", y.Shape(), weight.Shape())
	}
	var loss, roundings float64
	for i, v := range a {
		loss += v * b[i]
		off := ulp(float32(v)) * b[i]
		roundings += off * off / 12
	}
	n.c.compareRounded("output/loss", []float64{loss}, 4*math.Sqrt(roundings))
	return nil
}

// buffers compares the buffers after a run.
func (n *trainingNetwork) buffers() error {
	for _, name := range n.c.names(truthPrefix + "buffer/") {
		w := n.weights[name]
		if w == nil || n.c.tape() {
			continue // reported by whoever asks what was not compared
		}
		value, err := w.Value()
		if err != nil {
			return fmt.Errorf("buffer %s: %w", name, err)
		}
		n.c.compare("buffer/"+name, value)
	}
	return nil
}
