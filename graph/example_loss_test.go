package graph_test

import (
	"context"
	"fmt"

	"cradio/graph"

	"gorgonia.org/tensor"
)

// A loss and its gradient, of three rows of logits. The second row has no label.
func ExampleBuilder_CrossEntropy() {
	g := graph.New(tensor.Float32)
	logits, labels, seed := g.Input("logits", 3, 2), g.Input("labels", 3), g.Input("seed", 1)
	loss := g.CrossEntropy(logits, labels, nil, graph.CrossEntropy{Ignore: 255})
	grads, err := g.Backpropagate([]*graph.Node{loss}, []*graph.Node{seed}, []*graph.Node{logits})
	if err != nil {
		fmt.Println(err)
		return
	}
	program, err := g.Compile(graph.Target{}, loss, grads[0])
	if err != nil {
		fmt.Println(err)
		return
	}
	machine, err := graph.NewMachine(program)
	if err != nil {
		fmt.Println(err)
		return
	}
	copy(machine.Input(logits).Float32s(), []float32{0, 0, 1, 2, 3, 3})
	copy(machine.Input(labels).Float32s(), []float32{1, 255, 0})
	copy(machine.Input(seed).Float32s(), []float32{1})
	if err := machine.Run(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	for _, n := range []*graph.Node{loss, grads[0]} {
		out, err := machine.Value(n)
		fmt.Printf("%.3f %v\n", out.Float32s(), err)
	}
	// Output:
	// [0.693] <nil>
	// [0.250 -0.250 0.000 0.000 -0.250 0.250] <nil>
}
