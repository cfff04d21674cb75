// Package npy writes and reads NumPy's files: .npy, one array, and .npz, several named arrays.
//
// Start at [Write] for an array and at [NewZip] for an archive; [Read] and [ReadStrings] read an array back, from a file or
// from a member of an archive that archive/zip opened. What is read is float32, or texts, row-major ("C order") and
// little-endian; everything else is refused with a line of Python that converts it. [WriteFrom] writes float16 and float64 too.
// What is written is byte for byte what numpy.save writes.
//
// Writers take any io.Writer. To write a file atomically, use them inside loader.WriteFile.
//
// The formats: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
package npy
