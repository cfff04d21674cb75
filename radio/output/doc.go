// Package output writes the results of an Encoder to a file. The extension of the file
// sets the format: .npy, .npz, .safetensors, .jsonl or .parquet.
//
//	w, err := output.Create("features.npz", about, names)
//	defer w.Close()
//	err = encoder.Stream(ctx, inputs, w.Add)
//	contents, err := w.Commit(ctx)
//
// Start at [Create] and [Writer]. Results are written to temporary files in the folder of
// the output, so memory does not grow with the number of images. Commit then makes the
// output file, completely or not at all. An earlier file of that name stays until Commit
// has finished. Close without Commit leaves no file behind.
//
// For long runs, use [Resume]: it keeps the results of an interrupted run.
//
// # Contents of a file
//
// A file holds N images in the order in which they were added. C, T, D and the layouts are
// those of package radio. Numbers have the type About.DType. Arrays are little-endian and
// row-major.
//
//	.npy          summary (N, C), or with About.Features only features (N, T, D).
//	              FILE.npy.json holds paths, sizes, metadata, and failed images
//	.npz          the arrays below, paths (N), and each entry of the metadata (1)
//	.safetensors  the arrays below. In the header: metadata, and paths as a JSON list
//	.jsonl        one JSON object for each image; see [AppendJSON]
//	.parquet      one row for each image, failed ones included. In the footer: metadata, and
//	              widths
//
// The metadata are texts: model, identity (see [About]), settings, dtype, layout, synthetic,
// note (if the weights are synthetic), and cradio, the version that wrote the file.
//
// Paths may contain any bytes. If one is not UTF-8, .npz holds lone surrogates, like
// Python's os.fsdecode. The other formats hold U+FFFD in its place, and also the exact path in
// base64: paths_base64 in .safetensors, a JSON list, and path_base64 in a line of .jsonl or
// a row of .parquet.
//
// The arrays of .npz and .safetensors:
//
//	summary                        (N, C)
//	features                       (N, T, D) or (N, D, h, w)
//	adaptor.NAME.summary           (N, …)
//	adaptor.NAME.features          (N, …)
//	intermediate.BLOCK.features    (N, T, D) or (N, D, h, w)
//	intermediate.BLOCK.prefix      (N, P, D)
//	sizes                          (N, 2), int64: height and width of the model's input, pixels
//	original_sizes                 (N, 2), int64: height and width of the image file, pixels
//	grid                           (N, 2), int64: rows and columns of patches
//
// If images differ in size, features cannot be stacked. They become one array for each image,
// named with its row: features.0 (T, D), features.1, …. In an .npy file this is an error.
//
// The columns of .parquet:
//
//	path, path_base64              text; path_base64 is null if path is UTF-8
//	height, width                  int32: size of the image file, pixels; null if it was not decoded
//	input_height, input_width      int32: size of the model's input, pixels
//	rows, cols                     int32: grid of patches
//	summary, features, …           the arrays above, as flat lists of numbers
//	error                          text; null unless the image failed
//
// In the row of a failed image, all columns from input_height to the arrays are null.
//
// widths is a JSON object: for each array, the length of a summary or of a token. In layout
// nchw it is the number of planes of features. Reshape a list to (-1, width), or for nchw to
// (width, rows, cols).
package output
