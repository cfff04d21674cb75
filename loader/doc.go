// Package loader reads and writes checkpoint files: safetensors and PyTorch. It knows files, and nothing about models.
//
//	c, err := loader.OpenPath("C-RADIOv2-B") // a folder or a file
//	defer c.Close()
//	w, err := c.Float32("radio_model.model.blocks.0.norm1.weight", 768)
//
// A [Source] gives tensors by name and shape. There are several:
//
//   - [OpenPath] opens a folder or a file, and detects its format. The result is a [Checkpoint].
//   - [OpenFolder] opens a folder like those on Hugging Face: model.safetensors, or shards and their
//     model.safetensors.index.json, or PyTorch files.
//   - [OpenFile] opens one safetensors file, a [File]. [ParseFile] reads one that is in memory.
//   - [OpenTorch] opens one file of torch.save (.pth, .pt, .bin, .pth.tar), a [Torch]. Each dictionary of tensors in it is
//     a [TorchDict]; its other contents are plain values.
//   - [NewSynthetic] computes every tensor from its name ("synth v1"), for models without weights.
//
// [Write] writes a safetensors file. [WriteFile] writes any file, atomically: a reader finds the old file or the new one,
// never a part. Package npy reads and writes NumPy's formats, package pickle reads Python's pickles as data, and package
// filekind tells what kind of file an unexpected file is. Package strictjson reads JSON that may be hostile.
//
// # Memory
//
// Files are mapped into memory read-only, on Unix and on Windows; elsewhere they are read completely. An aligned float32
// tensor is a view of the mapping. It is not copied, it must not be written to, and it is valid until Close. Other tensors
// (half precision, float64, misaligned data, big-endian machines) are converted into a new slice. Check finds what is
// wrong with a tensor without reading it. Release frees the memory of a tensor that is not needed for now.
//
// If another process shortens a file while it is mapped, reading the lost part faults. To replace a file that may be in
// use, write a new one, as WriteFile does. Where this package reads the file, the fault becomes an error that names the
// file. A program that reads a view can get that error from the fault's address, with MappedFile.Fault.
//
// # Hostile files
//
// Everything is checked before it is used. Sizes are bounded before memory is allocated. The tensors must cover the file
// exactly, without gaps or overlaps (header.go). An [Error] names the file, the tensor, what was wanted, what was found
// and what to do.
//
// A PyTorch file contains a pickle, which is a program. It is read as data, and nothing in it is run. A name that files of
// weights do not need is an error.
//
// # Further formats
//
// OpenFolder tries a list of openers in order (folder.go). To add a format, add an opener, and a reader that is a Source.
//
// The format: https://huggingface.co/docs/safetensors
package loader
