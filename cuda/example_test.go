package cuda_test

import (
	"context"
	"fmt"
	"log"

	"cradio/cuda"
	"cradio/cuda/internal/emulated"
	"cradio/graph"

	"gorgonia.org/tensor"
)

// A graph is compiled for the device and run on it, here on the emulator.
func Example() {
	d, err := cuda.New(cuda.Options{Driver: emulated.New(1 << 20)})
	if err != nil {
		log.Fatal(err)
	}
	defer d.Close()

	g := graph.New(tensor.Float32)
	x := g.Input("x", 1, 3)
	y := g.At("act").GELU(g.At("double").Scale(x, 2))
	p, err := g.Compile(graph.Target{Device: d}, y)
	if err != nil {
		log.Fatal(err)
	}
	m, err := graph.NewMachine(p)
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	copy(m.Input(x).Float32s(), []float32{-1, 0, 1})
	if err := m.Run(context.Background()); err != nil {
		log.Fatal(err)
	}
	out, err := m.Value(y)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.3f\n", out.Float32s())
	// Output: [-0.046 0.000 1.954]
}
