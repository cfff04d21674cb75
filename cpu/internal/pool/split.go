package pool

// Grain is the number of elements of cheap work (a few operations each) that is worth
// another thread's while: some 10 to 20 µs.
const Grain = 1 << 14

// Blocks is the number of pieces of at most size that n divides into.
func Blocks(n, size int) int { return (n + size - 1) / size }

// Span is the i-th piece of [0, n) in pieces of the given size.
func Span(i, size, n int) (lo, hi int) {
	lo = i * size
	return lo, min(lo+size, n)
}

// PerTask is how many items of the given cost make one task.
func PerTask(cost int) int { return max(1, Grain/max(1, cost)) }

// Share is the size of piece i when n is split into pieces that differ by one at most,
// larger ones first.
func Share(n, pieces, i int) int {
	if i < n%pieces {
		return n/pieces + 1
	}
	return n / pieces
}

// Portion is piece i of n things in so many pieces: its first, and how many.
func Portion(n, pieces, i int) (first, count int) {
	return i*(n/pieces) + min(i, n%pieces), Share(n, pieces, i)
}
