// Package packs keeps packed weights on disk: files that hold the weights of a checkpoint in the
// layout of the kernels, so that a start maps them instead of packing again. It knows files, and
// nothing about models.
//
//	w := packs.NewWriter(ctx, nil)
//	w.Section("blocks.0.attn.qkv.weight", "int8", "values", bytes)
//	w.Weight("blocks.0.norm1.weight", shape, values)
//	p, err := w.Write(packs.Path(dir, checkpoint, use), use, checkpoint)
//
//	p, err := packs.Open(ctx, path, use, checkpoint, log)
//
// A file of packed weights is a safetensors file. A tensor WEIGHT/PRECISION/SECTION, of bytes, is one
// section of the packed form of a matrix. A tensor WEIGHT is a weight that is not packed, in float32.
// What the file is for and of stands in its metadata, under "cradio_pack".
//
// A pack belongs to the checkpoint that it was made of, by the SHA-256 of each of its files. A file
// with the name, size, modification time and header that it had is trusted to be that one. Where the
// time differs, as in a copy, the contents are compared, and the new time is remembered in a small
// file beside the pack. A change of numbers that keeps all four is found only by [Pack.Verify], which
// reads every byte.
package packs
