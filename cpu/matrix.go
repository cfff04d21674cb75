package cpu

// Matrix is the weight of a Linear: Rows outputs by Cols inputs, row-major
// (out, in) as PyTorch stores it, in the form that the level in use reads
// fastest. It is never written, and so may be shared by any number of
// operations.
type Matrix[T Float] struct {
	Rows, Cols int
	w          []T // (Rows, Cols), the caller's memory
}

// Pack prepares a weight that will not change. w must have rows·cols elements,
// or Linear.Check fails. The plain level refers to w; other levels copy it.
func Pack[T Float](w []T, rows, cols int) *Matrix[T] {
	m := Wrap(w, rows, cols)
	return &m
}

// Wrap refers to a weight that may change between runs, such as one in
// training. It computes the same function as the packed form.
func Wrap[T Float](w []T, rows, cols int) Matrix[T] {
	return Matrix[T]{Rows: rows, Cols: cols, w: w}
}

// Bytes is the memory that the matrix holds beside the caller's w.
func (m *Matrix[T]) Bytes() int { return 0 }
