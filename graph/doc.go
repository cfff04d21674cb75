// Package graph describes a model once and runs it on two machines.
//
// There are three phases, as in every graph framework:
//
//   - build: a [Builder] adds operations to a Gorgonia expression graph. Each
//     operation is a [Kernel], which says all there is to say about it: its
//     name, its shape rule, its computation and its derivative. Layers
//     (package layers) are written in terms of the Builder's methods.
//   - compile: [Compile] turns the part of the graph that the asked outputs
//     need into a [Program]: prune, fuse, widen, fold, lower, place. A Program prints
//     itself, one line an instruction. [Target] says in which precision: lower.go
//     decides what is rounded, and puts conversions where two neighbours disagree.
//     Small programs with gradients are computed in float64: see wide.go.
//   - run: a [Machine] owns one arena of memory and runs a Program any number
//     of times without allocating. It implements gorgonia.VM.
//
// The same graph also runs, unchanged, on Gorgonia's own TapeMachine, and with
// fusion and packing off both give the same bits: that is the oracle of the
// tests. Gradients come from Gorgonia's symbolic differentiation, through each
// Kernel's Grad; see [Builder.Backpropagate].
//
// Shapes are written in comments as (B, T, D): batch, tokens, width. All
// tensors of a graph are dense and row-major, of float32, or of float64 for checks;
// inside a Program some live in a narrower form, a cpu.Narrow, or in float64.
//
// Errors: the Builder keeps the first one, with the scope path where it arose
// ("blocks.3.attn.qkv: …"), and every later operation does nothing; Compile
// returns it. Nothing panics across the package boundary.
//
// Start with [Builder], then [Kernel], then [Compile].
package graph
