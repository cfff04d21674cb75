package radio

import (
	"cradio/graph"
	"cradio/layers"
	"cradio/loader"

	"gorgonia.org/tensor"
)

// FLOPs counts the floating-point operations of a forward pass, of an architecture and not
// of a model: nothing is loaded. As is usual, it counts matrix products alone, a
// multiplication and an addition for each weight and token. With N patches, P prefix tokens,
// T = N + P, width D, hidden width M and patches of p pixels, they are
//
//	patches     2·N·3p²·D
//	a block     2·T·D·(4D + 2M)    qkv, proj, fc1 and fc2
//	            4·T²·D             q·kᵀ and the sum over v
//	normaliser  2·N·D²             where the checkpoint has one
//
// In ViTDet's windowed blocks the prefix stands aside, so T is N, and a token sees the s²
// of its window: 4·N·s²·D. Adaptors and other parts count where the request has them.
func FLOPs(c *Config, v ViTDet, batch, height, width int, req Request) (float64, error) {
	config := *c
	v = v.or(&config)
	if err := v.apply(&config); err != nil {
		return 0, err
	}
	if err := config.CheckSize(height, width); err != nil {
		return 0, err
	}
	n := NewNetwork(layers.NewWeights(loader.NewSynthetic(""), tensor.Float32), &config, v)
	if err := req.check(n); err != nil {
		return 0, err
	}
	g := graph.New(tensor.Float32).Lazy()
	out := n.Forward(g, g.Input("pixels", batch, 3, height, width), height, width, req)
	return g.FLOPs((&program{out: out}).nodes()...)
}
