// Package loader turns files into tensors. It knows files and nothing of models.
//
// Start at [Source]: what a model asks its tensors of, by name and shape. There are these:
//
//   - [OpenPath] opens a folder or a file, and finds out what it is: the result is a [Checkpoint]. [OpenFolder] is for a
//     folder as Hugging Face lays it out: model.safetensors, or shards with their model.safetensors.index.json, or what
//     PyTorch wrote.
//   - [OpenFile] opens one safetensors file, a [File].
//   - [OpenTorch] opens one file that torch.save wrote (.pth, .pt, .bin, .pth.tar), a [Torch]: its dictionaries of tensors
//     are a [TorchDict] each, and what else is in it is plain values.
//   - [NewSynthetic] makes every tensor it is asked for out of its name ("synth v1"), for models without weights.
//
// [Write] writes safetensors, and [WriteFile] any file, so that a reader finds the old file or the new one and never
// half of either. The folder npy holds NumPy's formats, pickle reads Python's pickles as data, and filekind says what a file
// is that is none of these.
//
// # Memory
//
// Files are mapped read-only, on unix and on Windows; elsewhere they are read whole. A float32 tensor that is aligned in
// its file is a view of the mapping: nothing is copied, writing to it faults, and it is valid until Close. Everything
// else (half precision, float64, misaligned data, big-endian machines) is converted into a new slice. A Source says
// what is wrong with a tensor without reading it (Check), and lets its pages go when it is not needed for now (Release).
//
// A file that another process shortens while it is mapped faults when its lost part is read; replace files as WriteFile
// does instead. Where this package reads, that is an error which names the file; whoever reads a view can make one of the
// fault's address (MappedFile.Fault).
//
// # Hostile files
//
// Nothing is believed before it is checked: sizes are bounded before anything is allocated, and tensors must cover the
// file exactly, without overlap or hole (header.go). What is wrong is an [Error]: the file, the tensor, what was wanted,
// what was found, what to do.
//
// A torch file holds a pickle, which is a program: it is read as data, nothing in it is run, and names that files of
// weights do not need are refused.
//
// # Further formats
//
// OpenFolder tries a list of openers in order (folder.go). A format is one more opener, and its reader one more Source.
//
// The format: https://huggingface.co/docs/safetensors
package loader
