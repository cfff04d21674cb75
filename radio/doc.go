// Package radio runs C-RADIOv2, a vision foundation model. For each image it computes a
// summary vector and spatial features.
//
//	m, err := radio.Open(ctx, "path/to/C-RADIOv2-B", radio.Options{})
//	defer m.Close()
//	out, err := radio.NewEncoder(m).EncodeFiles(ctx, "photo.jpg")
//	// out.Summary is (1, C), out.Features is (1, T, D)
//
// [Open] opens a folder like those on the Hugging Face hub, with config.json,
// model.safetensors (or its shards) and preprocessor_config.json. The name
// "synthetic:B" (or L, H, g, nano) opens a model of that size with synthetic
// weights, whose features carry no meaning.
//
// There are three main types:
//
//   - [Encoder] encodes images of any size, in batches of images of one size. Start here.
//   - [Model] holds the weights, and a compiled program for each input size. It runs
//     on tensors: [Model.Forward].
//   - [Network] is the architecture, on one page.
//
// Each weight is loaded on first use and repacked for the kernels, and its original is
// freed. [Model.WritePack] caches the packed weights in a file, a [Pack]. Open maps
// that file instead of reading the checkpoint.
//
// The architecture comes from config.json alone; see [Config]. A value that is not
// implemented is an error that names it. Shapes: B batch, H W pixels, h w patches,
// T = h·w tokens of features, D width, C = D × number of summary tokens.
package radio
