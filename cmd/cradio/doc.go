// Command cradio computes image embeddings with NVIDIA's C-RADIO vision
// transformers.
//
//	cradio embed photos/ --model nvidia/C-RADIOv2-B --out embeddings.npz
//
// Start at newRoot, and then one file a command: embed.go, info.go, pca.go,
// similar.go, pull.go, synth.go, conformance.go, bench.go. What is not about the command line is
// elsewhere: package radio runs models, radio/output writes files, radio/show
// draws features as images.
package main
