package graph_test

import (
	"testing"

	"cradio/graph"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

func TestAttentionWeightsShape(t *testing.T) {
	g := graph.New(tensor.Float32)
	x := g.Input("x", 2, 5, 3*6)
	rows := []int{4, 0}
	y := g.At("w").AttentionWeights(x, 3, rows)
	require.NoError(t, g.Err())
	require.Equal(t, tensor.Shape{2, 3, 2, 5}, y.Shape())
	for want, rows := range map[string][]int{"token 5 does not exist: there are 5, 0 to 4": {5}, "token -1 does not exist": {-1}, "has no rows": nil} {
		g := graph.New(tensor.Float32)
		g.At("w").AttentionWeights(g.Input("x", 2, 5, 3*6), 3, rows)
		require.ErrorContains(t, g.Err(), want)
	}
}

func TestAttentionWeightsHaveNoDerivative(t *testing.T) {
	g := graph.New(tensor.Float32)
	x := g.Input("x", 1, 5, 3*6)
	y := g.At("w").AttentionWeights(x, 3, []int{0})
	seed := g.Input("seed", 1, 3, 1, 5)
	_, err := g.Backpropagate([]*graph.Node{y}, []*graph.Node{seed}, []*graph.Node{x})
	require.ErrorContains(t, err, "AttentionWeights has no derivative: leave the weights out of the loss")
}
