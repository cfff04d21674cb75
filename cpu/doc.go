// Package cpu computes: numeric kernels on slices, and the threads they run on.
//
// Each operation is a small struct whose exported fields are its operands and
// sizes. Fill it once, call Check once, then Run as often as wanted:
//
//	op := cpu.Linear[float32]{Y: y, X: x, W: cpu.Pack(w, out, in), Bias: b, Rows: tokens}
//	if err := op.Check(); err != nil { … }
//	op.Run(cpu.Default())
//
// Conventions, the same for every operation:
//
//   - Slices are row-major and dense; lengths are exactly what the sizes say.
//     Check says so in words; Run trusts it.
//   - Outputs are overwritten, never accumulated into, and may not overlap the
//     inputs, except where a field says otherwise. Elementwise operations may
//     work in place.
//   - Run allocates nothing once it has run before. One struct is run by one
//     goroutine at a time.
//   - Results are the same bits whatever the number of threads.
//   - NaN and infinity in an input reach the output.
//   - float64 instances serve gradient checks and reference models; they share
//     the code of float32.
//
// The plain Go code is the definition: inner products and statistics in float64,
// rounded once. Faster levels (see Level) replace inner loops by assembly, which
// internal/gen writes: float32 in short chains, closer to the truth than PyTorch's
// float32, and small operations in float64 like the plain level (see SetSmall).
// Narrow precisions (see Precision) multiply pairs of bfloat16 and fours of int8
// where the level has instructions for them. Elsewhere a slice of weights is widened as
// it is used, bfloat16 to float32 and int8 to int16, whose products AVX2 adds in pairs.
// Each level passes the suite in cputest; that of AMX can be tested without AMX, under
// the emulator in internal/tilesim, whose page says how.
//
// Where to start reading: pool.go (threads), linear.go and gemm_plain.go (the
// definition of where the time goes), kernels.go and tiled.go (the fast form of
// it), strassen.go (in fewer multiplications), narrow.go and narrow_tiled.go (narrow precisions), amx_parts.go (float32 by
// AMX), attention.go and attention_tiled.go. Every
// other file is one operation, or one operation and its gradient.
package cpu
