package graph_test

import (
	"context"
	"errors"
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

// A training step is one program: forward, backward and the update of the weight.
func Example_training() {
	w := graph.NewWeight("w", tensor.New(tensor.WithShape(1, 2), tensor.WithBacking([]float32{0, 0})))
	w.Trainable = true // set before the weight is used

	g := graph.New(tensor.Float32)
	x, target, seed, hyper := g.Input("x", 3, 2), g.Input("target", 3, 1), g.Input("seed", 1), g.Hyper("hyper")
	loss := g.At("loss").MSE(g.At("fc").Linear(x, g.Weight(w), nil), target, nil)
	grads, err := g.Backpropagate([]*graph.Node{loss}, []*graph.Node{seed}, []*graph.Node{g.Weight(w)})
	if err != nil {
		fmt.Println(err)
		return
	}
	momentum := graph.NewState("w.momentum", tensor.Float32, 1, 2)
	step := g.At("step").SGD(g.Weight(w), grads[0], g.Weight(momentum), hyper, nil, graph.SGD{Momentum: 0.5})
	p, err := g.Compile(graph.Target{}, loss, step)
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := graph.NewMachine(p)
	if err != nil {
		fmt.Println(err)
		return
	}
	copy(m.Input(x).Float32s(), []float32{1, 0, 0, 1, 1, 1})
	copy(m.Input(target).Float32s(), []float32{2, -1, 1}) // 2·a - b
	m.Input(seed).Float32s()[0] = 1
	for i := range 60 {
		err = errors.Join(err, graph.Hyper{Rate: 0.2, Step: i + 1}.Set(m, hyper), m.Run(context.Background()))
	}
	v, valueErr := w.Value()
	fmt.Printf("%.2f %v %d changes\n", v.Float32s(), errors.Join(err, valueErr), w.Version())
	// Output:
	// [2.00 -1.00] <nil> 60 changes
}
