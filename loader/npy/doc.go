// Package npy writes and reads NumPy's files: .npy, one array, and .npz, several named arrays.
//
//	err := npy.Write(w, []float32{1, 2, 3, 4, 5, 6}, 2, 3) // an array of shape (2, 3)
//
// [Write] writes an array, byte for byte as numpy.save does. [NewZip] starts an archive of arrays. [Read] and [ReadStrings]
// read an array, from a file or from a member of an archive that archive/zip opened. Arrays hold float32 or text, in
// row-major order ("C order"), little-endian. Another kind of array is an error, with the line of Python that converts it.
//
// Writers take any io.Writer. To write a file atomically, use them inside loader.WriteFile.
//
// The formats: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
package npy
