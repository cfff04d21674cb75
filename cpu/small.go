package cpu

// SmallDefault is a limit for the field Small of operations, with which small models are
// computed as exactly as large ones. An operation with at most Small multiplications for an
// image is computed in float64 and rounded once, at every level. Such operations take
// little time, and in small models the rounding of float32 would be noticeable.
const SmallDefault = 1 << 24

// small reports whether the product of sizes is within a limit, 0 for none. Of what is
// computed for several images at a time, sizes are those of one: its result is then the same
// in any batch.
func small(limit int, sizes ...int) bool {
	p := 1.0 // sizes may overflow an int
	for _, s := range sizes {
		p *= float64(s)
	}
	return limit > 0 && p <= float64(limit)
}

// ofImage is how many of n rows belong to an image, where part is what an operation says of
// it: 0 where it says nothing, and all are of one.
func ofImage(n, part int) int {
	if part > 0 {
		return part
	}
	return n
}

// What an element costs in float64, in multiplications, where it is not itself
// made of them.
const (
	normCost = 512
	geluCost = 256
)

// attentionCost is how much dearer a multiplication is in Attention, whose float64
// path is plain Go.
const attentionCost = 8
