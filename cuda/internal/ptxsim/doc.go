// Package ptxsim runs PTX on a machine without a GPU. It reads the text that a driver would
// get, and does what NVIDIA's "Parallel Thread Execution ISA" says of each instruction. Only
// tests import it. It says nothing about the speed of kernels.
//
//	m, err := ptxsim.Parse(text)
//	d := ptxsim.NewDevice(64 << 20)
//	x, err := d.Alloc(n)
//	err = d.Launch(m.Kernels["layernorm"], ptxsim.Launch{Grid: …, Block: …, Args: []any{x, int32(n)}})
//
// A warp runs in lockstep: one instruction at a time, for all of its lanes. Lanes that diverge
// run on from the lowest program counter, so they meet again where structured code does. The
// warps of a block share one core, in an [Order]; blocks run on all cores.
//
// The package is strict where a GPU shows a mistake only sometimes:
//
//   - an instruction, a modifier or a special register that it does not know is an error, by
//     its name;
//   - memory and registers start as NaN, and addresses are never used twice (registers of a kernel
//     start as NaN at its first launch on a device);
//   - each access must lie in one allocation, or in the shared memory of the block, and be
//     aligned;
//   - what cp.async and the copy engine (cp.async.bulk.tensor) bring arrives at the wait for it, or at
//     once if [Device.Immediate] is set: these are the latest and the earliest times that the ISA
//     allows; sums of wgmma are NaN until they are waited for;
//   - two warps that use one byte of shared memory, at least one of them to write, need a
//     barrier between them, and what is stored there a proxy fence before the copy engine or wgmma reads
//     it: see races.go;
//   - barriers, shuffles and matrix instructions in divergent code are errors, and so is a
//     block of which no warp can go on.
//
// Approximate functions, such as ex2.approx, are exact to the last place. Sums inside a matrix
// instruction are in float32, in an order of our own: the ISA leaves both open. Denormal numbers
// are kept, except by instructions with .ftz. There are no clusters of blocks, no multicast, and no
// tensor maps but of our own layout ([TensorMap]), whose boxes have up to three dimensions.
//
// Start with lex.go and parse.go (text to statements), then decode.go (a statement to a function
// on a warp), warp.go (control flow), block.go (barriers), and device.go (memory and launches).
package ptxsim
