package cpu

import "sync/atomic"

// SmallDefault is the initial limit of SetSmall.
const SmallDefault = 1 << 24

var smallLimit atomic.Int64

func init() { smallLimit.Store(SmallDefault) }

// SetSmall sets the limit of small operations, and returns the previous limit. An operation
// with at most limit multiplications for an image is computed in float64 and rounded once,
// at every level. Small operations take little time, and in small models the rounding of
// float32 would be noticeable. Tests set 0, so that small shapes are computed like large
// ones.
func SetSmall(limit int) int { return int(smallLimit.Swap(int64(limit))) }

// Small returns the limit in use.
func Small() int { return int(smallLimit.Load()) }

// small reports whether the product of sizes is within the limit. Of what is computed
// for several images at a time, sizes are those of one: its result is then the same in
// any batch.
func small(sizes ...int) bool {
	p := 1.0 // sizes may overflow an int
	for _, s := range sizes {
		p *= float64(s)
	}
	limit := smallLimit.Load()
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
