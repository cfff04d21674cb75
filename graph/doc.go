// Package graph builds, compiles and runs computation graphs, on any device.
//
//	import _ "cradio/cpu/machine" // links the CPU
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
//   - build: a [Builder] adds operations to a Gorgonia expression graph. Each is an
//     [Operation]: a name with attributes, a shape rule, a count of its work, and a
//     derivative. Layers (package layers) use the Builder's methods.
//   - compile: [Builder.Compile] turns the part of the graph that the outputs need
//     into a [Program] for a [Device]. Its passes are prune, fuse, widen, fold, schedule,
//     forms and place, a file each. A Program prints as text, one line for each instruction.
//   - run: a [Machine] has one arena of memory, and runs a Program any number of
//     times. [VM] makes a gorgonia.VM of it.
//
// The package knows no device. It asks the one in [Target] what is implemented and fused,
// which [Form] values may have, and how many bytes they take. Packages of devices register
// themselves ([Register]); [Open] opens one by its name. The device that also defines the
// operations is the default.
//
// The same graph runs unchanged on Gorgonia's own TapeMachine, by these definitions.
// Without fusion and packed weights the default device gives the same bits, which the tests
// check. Gradients come from Gorgonia's symbolic differentiation, through each Operation's
// Grad; see [Builder.Backpropagate].
//
// Training: a [Weight] that is Trainable may be written by an [Update], such as
// [Builder.AdamW], within a Program: a whole step, forward, backward, clipping and updates,
// is one Run. Updates read what changes from step to step from one input, [Hyper].
// A loss, such as [Builder.CrossEntropy], is one number, (1): Backpropagate takes it with a
// seed of 1. Labels and masks are inputs of the graph's type. What is ignored counts
// nowhere, and where nothing counts a loss and its gradient are 0.
//
// Comments write shapes as (B, T, D): batch, tokens, width. All tensors of a graph
// are dense and row-major, in float32, or in float64 for checks. Inside a Program
// some may have another form, or be float64.
//
// Errors: the Builder keeps the first error, with its scope path
// ("blocks.3.attn.qkv: …"). Later operations do nothing, and Compile returns the
// error. No panic crosses the package boundary.
//
// # How to add an operation
//
// Take GELU as an example, in activation.go:
//
//   - The type: type GELU struct, with exported fields for its attributes. Embed allDiff
//     or noDiff for Diff, and noProducts if it has no matrix products; else write FLOPs.
//   - String, which tells two operations with different attributes apart, and Shape, which
//     checks the inputs' shapes and gives the output's. A Shape error completes the
//     sentence "blocks.0.mlp.gelu: GELU …".
//   - Grad, in operations that there are or that you add: GELUGrad maps x and dy to dx. If
//     nobody needs a derivative, let Grad call Builder.Fail and say why.
//   - The Builder's method: func (b *Builder) GELU(x *Node) *Node { return b.Apply(GELU{}, x) }.
//   - The definition, and implementations: a struct with Check and Run in package cpu, and a
//     line in the table of cpu/machine. Devices that lack the operation refuse programs that
//     have it, by name, until they have a line too.
//   - A case in graphtest.Cases: the suite then checks the forward pass on every device
//     against the definition in float64, and the derivative against finite differences.
//
// Where a device could do two operations at once, add an attribute to the first or the
// second, as in Linear{GELU: true}, and a rule to fuse.go.
//
// # How to add a device
//
// Write a package that imports graph, with
//
//   - a Machine: memory of Program.ArenaBytes, in which each value has its Place; weights
//     ([Value.Tensor]) and the values of [Program.Once] in memory of their own; and a Run
//     that executes Program.Instructions in order. An instruction without an Operation is
//     one of Gorgonia's: RunForeign runs it on tensors in main memory. The output of an
//     [Update] is the weight itself. After one, call Weight.Changed of what it writes, or
//     Weight.HeldBy where the new value is in memory of the device ([Holder]), and do
//     not stop for the context before the last. What is kept of weights in a form of its own,
//     the values of Once among it, is renewed when Weight.Version has changed.
//   - a Device: begin with a table from the types of operations to functions, and let
//     Implements look there. Forms may return the zero value, InPlace -1, Widens and
//     Freezes false, PackedBytes zeros: then every value is dense, and weights are read as
//     they lie. Answer true to Implements of a fused operation once you have it.
//   - an init that calls [Register].
//   - a test that calls graphtest.Run, which skips what the device lacks, by name, and
//     graphtest.Benchmark for its speed as a part of the peak.
//
// Import the package in a file of cmd/cradio, under a build tag if it needs hardware or
// libraries that not everybody has (device.go there shows how). --device and
// radio.Options.Device then choose it. device_test.go has a device of one page, which
// counts instructions and leaves the work to another.
//
// Start with [Builder], then [Operation], then [Builder.Compile], then [Device].
package graph
