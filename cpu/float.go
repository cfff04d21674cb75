package cpu

// Float is the element type of the kernels.
type Float interface{ float32 | float64 }

// grain is the number of elements of cheap work (a few operations each) that is
// worth handing to another thread: some 10 to 20 µs.
const grain = 1 << 14

// blocks is the number of pieces of at most size that n divides into.
func blocks(n, size int) int { return (n + size - 1) / size }

// span is the i-th piece of [0, n) in pieces of the given size.
func span(i, size, n int) (lo, hi int) {
	lo = i * size
	return lo, min(lo+size, n)
}

// perTask is how many items of the given cost make one task.
func perTask(cost int) int { return max(1, grain/max(1, cost)) }
