// Package kernel contains the inner loops of package cpu: a table of them for each
// level of instructions.
//
// The plain table is portable Go. It is the definition: sums and statistics in float64,
// rounded once. Every other table starts as a copy of it (see New) and replaces what its
// instructions do faster. What a table leaves alone keeps working, so that a level for
// new instructions can grow kernel by kernel. Kernels that the plain table has none of,
// which are the register tiles of matrix products, are optional: what needs them looks
// first, and goes by the definition where they are missing. The portable table has such tiles
// in Go alone, for architectures without assembly: faster than the definition, not as exact.
//
// Kernels take addresses, and sizes that the caller has checked. They are called with at
// least one row and one element, unless they say otherwise. Distances between rows, in
// arguments named ld…, are in bytes.
//
// Start with table.go. Then see plain.go for the definitions of elementwise kernels,
// products.go for those of inner products, tables_amd64.go and tables_arm64.go for the levels
// of amd64 and arm64 (features_arm64.go finds those of a machine), and portable.go.
// Their assembly is written by gen; the arguments are explained there.
package kernel
