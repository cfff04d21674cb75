// Package output writes what an Encoder gives to a file: .npy, .npz,
// .safetensors or .jsonl, as the file's extension says.
//
//	w, err := output.Create("features.npz", about, names)
//	defer w.Close()
//	err = encoder.Stream(ctx, inputs, w.Add)
//	contents, err := w.Commit(ctx)
//
// Start at [Create] and [Writer]. Whatever the format, results go to temporary
// files in the folder of the output as they come, so that memory does not grow
// with the number of pictures, and Commit makes the output from them whole or
// not at all. Until Commit is done an earlier file of that name stays as it
// was; Close without Commit leaves nothing behind. [Resume] is for long runs:
// what an interrupted one has computed is kept for the next.
//
// # What is in a file
//
// N pictures, in the order they were added; C, T, D and the layouts as in
// package radio. Everything is float32, little-endian and row-major.
//
//	.npy          summary (N, C); or, with About.Features, features (N, T, D) alone
//	.npz          the arrays below, and paths (N), sizes (N, 2), model (1); note (1) if synthetic
//	.safetensors  the arrays below, and sizes (N, 2); metadata: model, layout, synthetic, note, and paths, a JSON list
//	.jsonl        one JSON object a picture; see [AppendJSON]
//
// Paths may be of any bytes. In .npz those that are not UTF-8 are lone surrogates, as
// Python's os.fsdecode makes them; .safetensors then has paths_base64 too, a JSON list of
// the paths in base64, and a line of .jsonl path_base64.
//
// The arrays of .npz and .safetensors:
//
//	summary                        (N, C)
//	features                       (N, T, D) or (N, D, h, w)
//	adaptor.NAME.summary           (N, …)
//	adaptor.NAME.features          (N, …)
//	intermediate.BLOCK.features    (N, T, D) or (N, D, h, w)
//	intermediate.BLOCK.prefix      (N, P, D)
//	sizes                          (N, 2), int64: height and width that the model saw, pixels
//
// Where pictures are of several sizes, an array that cannot be stacked becomes
// one array a picture, named with its row: features.0 (T, D), features.1, ….
// An .npy file refuses them.
package output
