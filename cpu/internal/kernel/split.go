package kernel

import (
	"math"
	"unsafe"
)

// Sizes of what is split into three bfloat16 for AMX tiles.
const (
	SplitTerms = 3                                      // bfloat16 of a float32
	SplitDepth = 32                                     // products in a step
	SplitStep  = SplitTerms * SplitDepth / 2 * TileCols // size in float32 of a step of a panel

	LargestSplit = 0x1p60 // magnitude of a row of A: beyond it products may overflow
)

// SplitItem is what one step of splitting reads: two vectors of 16 elements at A and at B, and where
// the words go. What is at Fetch is brought closer: two cache lines each. The kernels add to these addresses.
type SplitItem struct {
	A, B  unsafe.Pointer
	To    int // bytes
	Fetch [2]unsafe.Pointer
}

// Sizes of what is split by items.
const (
	SplitAhead = 6                      // items that SplitAhead splits in a step
	SplitTerm  = SplitStep / SplitTerms // float32 from a term of an item's words to the next
)

// Within reports whether the largest magnitude of some elements, in the bits of a
// float32, is zero or within the limits. NaN is not.
func Within(top uint32, least, largest float32) bool {
	return top == 0 || top >= math.Float32bits(least) && top <= math.Float32bits(largest)
}

// Largest is the largest magnitude of x, in the bits of a float32.
func Largest(x []float32) (top uint32) {
	for _, v := range x {
		top = max(top, math.Float32bits(v)&^(1<<31))
	}
	return top
}
