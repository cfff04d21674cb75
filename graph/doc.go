// Package graph builds, compiles and runs computation graphs.
//
//	g := graph.New(tensor.Float32)
//	x := g.Input("x", 1, 26, 64)
//	y := g.GELU(x)
//	p, err := g.Compile(graph.Target{}, y)
//	m, err := graph.NewMachine(p)
//	err = m.Set(x, data)
//	err = m.Run(ctx)
//	out, err := m.Value(y)
//
// There are three phases:
//
//   - build: a [Builder] adds operations to a Gorgonia expression graph. Each
//     operation is a [Kernel], which has a name, a shape rule, a computation and a
//     derivative. Layers (package layers) use the Builder's methods.
//   - compile: [Builder.Compile] turns the part of the graph that the outputs need
//     into a [Program]. Its passes are prune, fuse, widen, fold, lower and place. A
//     Program prints as text, one line for each instruction. [Target] sets the
//     precision. lower.go decides which values are rounded, and adds conversions.
//     Small programs with gradients are computed in float64: see wide.go.
//   - run: a [Machine] has one arena of memory, and runs a Program any number of
//     times without allocating. It implements gorgonia.VM.
//
// The same graph runs unchanged on Gorgonia's own TapeMachine. Without fusion and
// packing both give the same bits, which the tests check. Gradients come from
// Gorgonia's symbolic differentiation, through each Kernel's Grad; see
// [Builder.Backpropagate].
//
// Comments write shapes as (B, T, D): batch, tokens, width. All tensors of a graph
// are dense and row-major, in float32, or in float64 for checks. Inside a Program
// some are in a narrow precision (cpu.Narrow) or in float64.
//
// Errors: the Builder keeps the first error, with its scope path
// ("blocks.3.attn.qkv: …"). Later operations do nothing, and Compile returns the
// error. No panic crosses the package boundary.
//
// Start with [Builder], then [Kernel], then [Builder.Compile].
package graph
