package layers_test

import (
	"fmt"

	"cradio/graph"
	"cradio/layers"
	"cradio/loader"

	"gorgonia.org/tensor"
)

// A layer asks for its weights at a path, and adds itself to a graph.
func ExampleNewBlock() {
	w := layers.NewWeights(loader.NewSynthetic(""), tensor.Float32)
	b := layers.NewBlock(w.At("blocks", 0), layers.BlockConfig{Dim: 64, Heads: 2, Hidden: 256})
	fmt.Println(w.Names()[2], b.Attn.QKV.Weight.Shape())

	g := graph.New(tensor.Float32)
	y := b.Forward(g.At("blocks", 0), g.Input("x", 1, 26, 64))
	fmt.Println(y.Shape(), g.Err())
	fmt.Println(g.Paths())
	// Output:
	// blocks.0.attn.qkv.weight (192, 64)
	// (1, 26, 64) <nil>
	// [blocks.0.norm1 blocks.0.attn.qkv blocks.0.attn.context blocks.0.attn.proj blocks.0.mid blocks.0.norm2 blocks.0.mlp.fc1 blocks.0.mlp.gelu blocks.0.mlp.fc2 blocks.0]
}
