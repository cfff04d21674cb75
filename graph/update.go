package graph

import (
	"fmt"

	"gorgonia.org/tensor"
)

// Update is an Operation that writes some of its inputs in place: weights that are
// trainable, and what an optimiser keeps of them. Its node is an output for Compile like any
// other, and stands for the new value of its first input: Machine.Value returns the
// weight's own tensor, and another Update may read it, as a moving average does.
//
// In a Program an Update runs after everything that reads the old values. A run is not
// cancelled between its first Update and its last. On Gorgonia's own machines, which know
// no Updates, the node has the new value, and nothing is written.
type Update interface {
	Operation
	// Writes returns how many inputs are written: the first ones.
	Writes() int
}

// update is Apply for an Update, whose first inputs must be trainable weights.
func (b *Builder) update(k Update, in ...*Node) *Node {
	for i, n := range in {
		if b.err != nil || i >= k.Writes() {
			break
		}
		w := b.owners[n]
		switch {
		case n == nil:
		case w == nil:
			b.Fail("%v writes input %d, %s: want a weight of this graph", k, i, n.Name())
		case !w.trainable():
			b.Fail("%v writes %s, which is not trainable: set its Trainable before it is used", k, w.Name)
		}
		for _, other := range in[:i] {
			if other == n {
				b.Fail("%v writes %s twice: each of its weights and states is one of its own", k, w.Name)
			}
		}
	}
	return b.Apply(k, in...)
}

// Updated takes the node of an update apart: what it does, the weights that it writes, and what else it reads. Another
// graph can then do it with Apply, on values that this one has computed. k is nil for another node.
func (b *Builder) Updated(n *Node) (k Update, weights []*Weight, in []*Node) {
	op, ours := n.Op().(*Op)
	if !ours {
		return nil, nil, nil
	}
	if k, ours = op.Operation.(Update); !ours {
		return nil, nil, nil
	}
	for it := b.graph.From(n.ID()); it != nil && it.Next(); {
		child := it.Node().(*Node)
		if len(weights) < k.Writes() {
			weights = append(weights, b.owners[child])
		} else {
			in = append(in, child)
		}
	}
	return k, weights, in
}

// alike checks the number of inputs of an Update and that the first n, which have these
// names, are of one shape. It returns that shape.
func alike(in []tensor.Shape, total int, names ...string) (tensor.Shape, error) {
	if len(in) != total {
		return nil, fmt.Errorf("has %d inputs, want %d", len(in), total)
	}
	for i, name := range names {
		if !in[i].Eq(in[0]) {
			return nil, fmt.Errorf("%s is %v and %s %v: the shapes differ", names[0], in[0], name, in[i])
		}
	}
	return in[0].Clone(), nil
}

// within checks a number of an Update: low ≤ x < high.
func within(name string, x, low, high float64) error {
	if !(low <= x && x < high) {
		return fmt.Errorf("has a %s of %v, want %v or more and less than %v", name, x, low, high)
	}
	return nil
}
