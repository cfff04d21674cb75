// Command cradio computes image embeddings with NVIDIA's C-RADIO vision
// transformers.
//
//	cradio embed photos/ --model nvidia/C-RADIOv2-B --out embeddings.npz
//
// Start at newRoot. Each command has a file of its own: embed.go, info.go, pca.go,
// similar.go, pull.go, synth.go, conformance.go, bench.go. This package holds only the
// command line: package radio runs models, radio/output writes files, and radio/show
// draws features as images.
package main
