// Command cradio turns pictures into features with NVIDIA's C-RADIOv2 vision
// transformers.
//
//	cradio embed photos/ --out features.npz
//
// Start at newRoot, and then one file a command: embed.go, info.go, pca.go,
// synth.go, conformance.go, bench.go, version.go. What is not about the command line is
// elsewhere: package radio runs models, radio/output writes files, radio/show
// makes pictures of features.
package main
