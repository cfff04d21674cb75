// Package cuda compiles graphs for NVIDIA GPUs, and runs them: the device cuda of package graph.
//
// So far it has run in the emulator only: no GPU has run it yet.
//
//	gpu, err := driver.Open(0) // of package driver: needs the build tag nvidia
//	d, err := cuda.New(cuda.Options{Driver: gpu, Precision: graph.BFloat16, Frozen: true})
//	p, err := g.Compile(graph.Target{Device: d}, y)
//
// A [Driver] is all that the package knows of a GPU: memory, copies, modules and launches. The
// passes of package graph compile a program; this package lowers each instruction to launches of
// the kernels of package kernels (lower.go, and a file for each group of operations), and runs
// them in order on memory of the device (machine.go). Activations and weights of attention and of
// products with frozen weights are bfloat16 where that is the precision; everything else is
// float32, and losses are computed in float64. What the package lacks Compile refuses by name.
// Weights that programs write stay on the device from run to run (trained.go).
//
// Start with driver.go, then device.go, then lower.go, then machine.go.
package cuda
