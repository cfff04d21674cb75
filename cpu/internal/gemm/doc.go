// Package gemm contains matrix products by register tiles: of float32, and of weights and
// activations in a form of low precision.
//
// Start with product.go, a product of float32 and what follows it. matrix.go has weights,
// which are packed once for the kernels of a level (packing.go), and panel.go how a product
// reads them. unpacked.go is about operands that are packed for one product, joined.go about
// products of two such operands, as gradients are, and rounded.go rounds both to bfloat16.
// exact.go is about products in float64, strassen.go about Strassen's algorithm, and deep.go
// about several steps of it in float64. split.go is float32 with AMX, whose tiles multiply
// bfloat16, split_finish.go what follows it, and joined_split.go the gradient of an input so.
// low_product.go and low_tiled.go are products in low precision, low_amx.go the same with AMX,
// low_matrix.go and low_pack.go their weights.
//
// Products by the definition are in package kernel (Products).
package gemm
