// Package radio is the C-RADIOv2 vision foundation model: images in, a summary
// vector and spatial features out.
//
//	m, err := radio.Open(ctx, "path/to/C-RADIOv2-B", radio.Options{})
//	defer m.Close()
//	out, err := radio.NewEncoder(m).EncodeFiles(ctx, "photo.jpg")
//	// out.Summary is (1, C), out.Features is (1, T, D)
//
// [Open] reads a folder as it is on the Hugging Face hub: config.json,
// model.safetensors (or its shards) and preprocessor_config.json. The name
// "synthetic:B" (L, H, g, nano) makes a model of that size with synthetic
// weights, whose features carry no meaning.
//
// Three types, from the inside out:
//
//   - [Network] is the architecture, one page that reads like the paper;
//   - [Model] owns the weights and a compiled program for each input size, and
//     runs tensors: [Model.Forward];
//   - [Encoder] takes pictures of any size and batches those of one size.
//
// A weight is read when a program first needs it, and leaves memory once it is packed
// for the kernels. [Model.WritePack] keeps the packed form in a file, a [Pack], that
// Open maps in place of the checkpoint.
//
// Everything about the architecture comes from config.json, see [Config]; an
// unknown value is refused by name. Shapes: B batch, H W pixels, h w patches,
// T = h·w tokens of features, D width, C = D × number of summary tokens.
package radio
