// Package cpu contains the numeric kernels, and the pool of threads that runs them.
//
// Each operation is a struct whose exported fields are its operands and sizes. Set
// the fields and call Check once. Then call Run any number of times:
//
//	op := cpu.Linear[float32]{Y: y, X: x, W: cpu.Pack(w, out, in), Bias: b, Rows: tokens}
//	if err := op.Check(); err != nil { … }
//	op.Run(cpu.Default())
//
// Conventions, the same for every operation:
//
//   - Slices are row-major and dense. Their lengths must match the sizes exactly.
//     Check returns an error if they do not; Run does not check.
//   - Outputs are overwritten, never accumulated into. They must not overlap the
//     inputs, unless the comment of a field allows it. Elementwise operations may
//     work in place.
//   - Run allocates only in its first call. A struct may be run by one goroutine at
//     a time.
//   - Results are bit for bit the same for any number of threads.
//   - NaN and infinity in an input reach the output.
//   - The float64 versions are for gradient checks and reference models. They share
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
// In narrow precisions (see Precision), instructions multiply pairs of bfloat16 or
// groups of four int8. Levels without such instructions convert to float32. Each
// level passes the test suite in cputest. The AMX level can be tested without AMX,
// in the emulator of internal/tilesim, whose package comment tells how.
//
// To read the code, start with pool.go (threads), then linear.go and gemm_plain.go
// (the definition of matrix products), kernels.go and tiled.go (the fast versions),
// strassen.go (Strassen's algorithm), narrow.go and narrow_tiled.go (narrow
// precisions), amx_parts.go (float32 with AMX), attention.go and
// attention_tiled.go. Every other file has one operation, or one operation and its
// gradient.
package cpu
