package graph_test

import (
	"context"
	"fmt"

	_ "cradio/cpu/machine" // the device
	"cradio/graph"

	"gorgonia.org/tensor"
)

// A graph is built once, compiled, and run by a Machine.
func Example() {
	weight := graph.NewWeight("fc.weight", tensor.New(
		tensor.WithShape(2, 3), tensor.WithBacking([]float32{1, 0, 0, 0, 1, 1})))

	g := graph.New(tensor.Float32)
	x := g.Input("x", 1, 3)
	y := g.At("fc").Linear(x, g.Weight(weight), nil)
	y = g.At("relu").ReLU(y)

	program, err := g.Compile(graph.Target{}, y)
	if err != nil {
		fmt.Println(err)
		return
	}
	machine, err := graph.NewMachine(program)
	if err != nil {
		fmt.Println(err)
		return
	}
	copy(machine.Input(x).Float32s(), []float32{-5, 2, 3})
	if err := machine.Run(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	out, err := machine.Value(y)
	fmt.Println(out.Float32s(), err)
	fmt.Print(program)
	// Output:
	// [0 5] <nil>
	// #  path  operation           output  form     offset  bytes
	// 0  fc    Linear{bias=false}  (1, 2)  float32  64      64
	// 1  relu  ReLU                (1, 2)  float32  128     64
	// 2 instructions, arena 192 bytes
}
