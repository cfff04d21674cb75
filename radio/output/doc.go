// Package output writes what an Encoder gives to a file: .npy, .npz,
// .safetensors, .jsonl or .parquet, as the file's extension says.
//
//	w, err := output.Create("features.npz", about, names)
//	defer w.Close()
//	err = encoder.Stream(ctx, inputs, w.Add)
//	contents, err := w.Commit(ctx)
//
// Start at [Create] and [Writer]. Whatever the format, results go to temporary
// files in the folder of the output as they come, so that memory does not grow
// with the number of images, and Commit makes the output from them whole or
// not at all. Until Commit is done an earlier file of that name stays as it
// was; Close without Commit leaves nothing behind. [Resume] is for long runs:
// what an interrupted one has computed is kept for the next.
//
// # What is in a file
//
// N images, in the order they were added; C, T, D and the layouts as in
// package radio. Numbers are of About.DType, little-endian and row-major.
//
//	.npy          summary (N, C); or, with About.Features, features (N, T, D) alone;
//	              the rest is beside it, in FILE.npy.json: paths, sizes, facts, and images that failed
//	.npz          the arrays below, paths (N), and each of the facts (1)
//	.safetensors  the arrays below; metadata: the facts, and paths, a JSON list
//	.jsonl        one JSON object an image; see [AppendJSON]
//	.parquet      a row an image, those that failed too; metadata: the facts, and widths
//
// The facts are texts: model, identity (see [About]), settings, dtype, layout, synthetic,
// note if the weights are synthetic, and cradio, the version that wrote the file.
//
// Paths may be of any bytes. In .npz those that are not UTF-8 are lone surrogates, as
// Python's os.fsdecode makes them; .safetensors then has paths_base64 too, a JSON list of
// the paths in base64, a line of .jsonl path_base64, and a row of .parquet path_base64.
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
//	original_sizes                 (N, 2), int64: height and width of the image in its file, pixels
//	grid                           (N, 2), int64: rows and columns of patches
//
// Where images are of several sizes, an array that cannot be stacked becomes
// one array an image, named with its row: features.0 (T, D), features.1, ….
// An .npy file refuses them.
//
// The columns of .parquet, null where an image failed:
//
//	path, path_base64              text; the second only where path is not UTF-8
//	height, width                  int32: of the image in its file, pixels; null where it was not decoded
//	input_height, input_width      int32: what the model saw, pixels
//	rows, cols                     int32: of patches
//	summary, features, …           lists of numbers, one after another, under the names of the arrays above
//	error                          text; null unless the image failed
//
// widths is a JSON object, from such a name to the numbers of a summary, of a token or, in
// layout nchw, the number of planes: reshape a list to (-1, width), or to (width, rows, cols).
package output
