package graph

import (
	G "gorgonia.org/gorgonia"
)

// Backpropagate adds the gradient of the outputs to the graph. seeds are the
// gradients that reach the outputs from outside, of the outputs' shapes: for a
// loss Σ outputᵢ·weightᵢ they are the weights. It returns the gradient with
// respect to each node of wrt, through Gorgonia's symbolic differentiation.
func (b *Builder) Backpropagate(outputs, seeds, wrt []*Node) (grads []*Node, err error) {
	defer recovered(&err, "gradient")
	if b.err != nil {
		return nil, b.err
	}
	return G.Backpropagate(outputs, seeds, wrt)
}
