// Package head has heads: small networks on the outputs of a backbone that say what is in a picture,
// where, or how far away.
//
//	c := model.Config()
//	spec := head.Spec{Kind: head.Linear, Input: []radio.Source{radio.SummarySource}, Outputs: 3}
//	spec.Widths, err = head.Widths(&c, spec.Input)
//	h, err := head.New(spec, 0)                                    // first values from a seed
//	t := h.Train(g, sources, grid)                                 // a training graph: logits, masks, updates
//	err = h.Save("flowers")                                        // head.json and head.safetensors
//	h, err = head.Load("flowers")
//	out, err := model.Run(ctx, pixels, radio.Request{Heads: []radio.Head{h}}) // in the backbone's program
//
// Where to start:
//
//   - [Spec] describes a head. Its kinds are those of published recipes: linear and MLP probes,
//     attentive pooling (timm), BatchNorm + 1×1 convolution and the all-MLP fusion (mmseg), a decoder of
//     3×3 convolutions, and linear depth (DINOv2, DINOv3).
//   - [New] and [Load] make a [Head]; [Head.Save] writes its folder, which loads into the
//     torch.nn.Module of the same names with strict=True.
//   - [Head.Train] and [Head.Infer] are two graphs of one head: in training norms take the statistics
//     of the batch, and dropout's masks are inputs; at inference a norm is folded into the Linear
//     behind it.
//   - [Head.Prepare] makes an Encoder prepare pictures as in training: what "picture" in head.json says, their
//     size, orient, alpha and fast_decode.
//   - [Head.CheckModel] refuses another backbone than the one that the head was trained on.
//
// What a head reads are [radio.Source]s: of live blocks, or of a cache of features. Shapes: B batch,
// N = h·w patches, D width, K outputs. Maps are tokens (B, N, K), the last axis fastest.
package head
