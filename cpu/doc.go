// Package cpu contains numeric operations on slices, and the pool of threads that runs them.
//
// Each operation is a struct whose exported fields are its operands and sizes. Set
// the fields and call Check once. Then call Run any number of times:
//
//	pool := cpu.Default()
//	op := cpu.Linear[float32]{Y: y, X: x, W: cpu.Pack(pool, w, out, in), Bias: b, Rows: tokens}
//	if err := op.Check(); err != nil { … }
//	op.Run(pool)
//
// Conventions, the same for every operation:
//
//   - Slices are row-major and dense. Their lengths must match the sizes exactly.
//     Check returns an error if they do not; Run does not check.
//   - Outputs are overwritten, never accumulated into. They must not overlap the
//     inputs, unless the comment of a field allows it. Elementwise operations may
//     work in place. Steps of optimisers (AdamW, SGD, Average, Accumulate, Running)
//     write what they keep from step to step.
//   - Run allocates only in its first call. A struct may be run by one goroutine at
//     a time.
//   - Results are bit for bit the same for any number of threads.
//   - NaN and infinity in an input reach the output.
//   - The float64 versions are for gradient checks and reference models. They share
//     the code of float32.
//
// The plain level is the definition: inner products and statistics are in float64, rounded
// once. A faster level (see Level) replaces inner loops by assembly, or by tiles of float32 in
// Go (portable).
// float32 is then summed in short chains, which is closer to the truth than PyTorch's
// float32, and small operations are in float64 as on the plain level (see SmallDefault). In
// low precision (see Form) a level multiplies bfloat16 and int8 as they are if it has
// instructions for that. Otherwise it widens a slice of weights as it is used: bfloat16 to
// float32, and int8 to int16. The level belongs to a Pool, and pools of several levels may
// run side by side.
//
// Every level passes the suite in cputest. That of AMX can be tested without AMX, in the
// emulator of internal/tilesim, whose page says how.
//
// Operations are here, one file each, with their gradients. What they are made of is in
// internal, each package knowing only those before it:
//
//   - kernel: the inner loops, a table of them for each level; assembly and its generator;
//   - pool: threads, and how they share out work and memory;
//   - form: bfloat16 and int8 in memory;
//   - gemm: matrix products by register tiles, packed weights, Strassen's algorithm;
//   - attention: the definition of attention, and attention by register tiles;
//   - probe: the training step of linear classifiers on gathered rows.
//
// To read the code, start with pool.go, then linear.go. Then read the definition of its
// products in internal/kernel/products.go, and their fast version in
// internal/gemm/product.go.
package cpu
