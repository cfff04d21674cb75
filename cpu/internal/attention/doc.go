// Package attention contains multi-head self-attention over packed queries, keys and
// values: the definition of one head, and a fast version by register tiles.
//
// Start with block.go, the definition, which processes keys in blocks with a running
// maximum and sum. tiled.go is the fast version, head.go what it reads and writes of one
// head, and queries.go what it computes for a block of queries. joined.go, bfloat16.go, amx.go
// and split.go are what it does differently in bfloat16 by BFMMLA and by VDPBF16PS, and
// with AMX in bfloat16 and in float32. grad.go and grad_products.go are the derivative.
package attention
