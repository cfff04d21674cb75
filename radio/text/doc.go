// Package text has the text towers beside C-RADIO's adaptors: it makes embeddings of texts
// that can be compared with an adaptor's summaries of pictures.
//
//	tower, err := text.Open(ctx, "DFN5B-CLIP-ViT-H-14-378", text.Options{})
//	defer tower.Close()
//	features, err := tower.Encode(ctx, []string{"a photo of a cat", "a photo of a dog"})
//
// C-RADIO has no text weights of its own. An adaptor imitates the picture side of a teacher
// (CLIP, SigLIP, SigLIP 2); the teacher's text side gives texts. It is read from any layout
// that the teacher is published in: open_clip's and transformers', safetensors and PyTorch,
// whole or in shards. Tensors of the picture side are never read.
//
// Start with Open, Tower.Encode and NewClassifier. A classifier can be saved: LoadClassifier then needs
// no tower. Tower.WritePack keeps weights in the layout of the kernels, so that the next Open is
// quick. Package token makes the ids of texts.
package text
