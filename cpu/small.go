package cpu

// SmallDefault is a limit for the field Small of operations, with which small models are
// computed as exactly as large ones. An operation with at most Small multiplications for an
// image is computed in float64 and rounded once, at every level. Such operations take
// little time, and in small models the rounding of float32 would be noticeable.
const SmallDefault = 1 << 24

// small reports whether the product of sizes is within a limit, 0 for none. For several
// images at a time, sizes are those of one image: its result is then the same in any batch.
func small(limit int, sizes ...int) bool {
	p := 1.0 // sizes may overflow an int
	for _, s := range sizes {
		p *= float64(s)
	}
	return limit > 0 && p <= float64(limit)
}

// ofImage is how many of n rows belong to one image: as many as the operation says, or all
// of them if it says 0.
func ofImage(n, said int) int {
	if said > 0 {
		return said
	}
	return n
}

// What an element costs in float64, in multiplications, for operations that are no
// products.
const (
	normCost = 512
	geluCost = 256
	sumCost  = 16
	lossCost = 64
)

// attentionCost is how much longer a multiplication takes in Attention, whose float64 path
// is plain Go.
const attentionCost = 8
