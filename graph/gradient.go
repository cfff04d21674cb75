package graph

import (
	G "gorgonia.org/gorgonia"
)

// Backpropagate adds gradients to the graph, by Gorgonia's symbolic differentiation,
// and returns the gradient with respect to each node of wrt. seeds are the gradients
// of the loss with respect to the outputs, and have the outputs' shapes. For a loss
// Σ outputᵢ·weightᵢ the seeds are the weights.
func (b *Builder) Backpropagate(outputs, seeds, wrt []*Node) (grads []*Node, err error) {
	defer recovered(&err, "gradient")
	if b.err != nil {
		return nil, b.err
	}
	return G.Backpropagate(outputs, seeds, wrt)
}
