package cpu

// Matrix is the weight of a Linear, with Rows outputs and Cols inputs: row-major
// (out, in) as in PyTorch, or packed in the layout of the level in use. It is never
// written, so any number of operations may share it.
type Matrix[T Float] struct {
	Rows, Cols int
	w          []T       // (Rows, Cols), the caller's memory, or nil:
	panels     []float32 // its own copy, for the tiles of k
	cut        bool      // in parts: see amx_parts.go
	k          *kernels
}

// Pack packs a weight that will not change. w must have rows·cols elements, or
// Linear.Check returns an error. The plain level refers to w. Other levels copy w, and
// do not need it afterwards.
func Pack[T Float](w []T, rows, cols int) *Matrix[T] {
	m := Wrap(w, rows, cols)
	if size, ok := product([]int{rows, cols}); ok && size == len(w) && size > 0 {
		if k := kernelsFor[T](); k != nil {
			m.pack(k)
		}
	}
	return &m
}

// Wrap returns a Matrix that refers to w without packing it. Use it for a weight that
// may change between runs, as in training. It computes the same function as a packed
// Matrix.
func Wrap[T Float](w []T, rows, cols int) Matrix[T] {
	return Matrix[T]{Rows: rows, Cols: cols, w: w}
}

// pack copies w into panels of k's tiles, on all threads.
func (m *Matrix[T]) pack(k *kernels) {
	t := packing{k: k, w: any(m.w).([]float32), rows: m.Rows, cols: m.Cols}
	n := blocks(m.Rows, k.cols)
	if k.amx != nil {
		if panels := t.inParts(n); panels != nil {
			m.k, m.panels, m.cut, m.w = k, panels, true, nil
			return
		}
	}
	t.panels = aligned(n * k.cols * m.Cols)
	Default().Run(n, &t)
	m.k, m.panels, m.w = k, t.panels, nil
}

// packing is the task of packing w (rows, cols), a panel a piece.
type packing struct {
	k          *kernels
	panels, w  []float32
	rows, cols int
}

func (t *packing) Do(_, j int) {
	r := j * t.k.cols
	packPanel(t.k, t.k.cols, t.panels[r*t.cols:], t.w[r*t.cols:], t.cols, min(t.k.cols, t.rows-r), t.cols)
}

// Bytes returns the memory of the matrix, without the caller's w.
func (m *Matrix[T]) Bytes() int { return 4 * len(m.panels) }

// PackedBytes returns the Bytes of a packed matrix of this size, at the level in use.
func PackedBytes[T Float](rows, cols int) int {
	k := kernelsFor[T]()
	if k == nil {
		return 0
	}
	if k.amx != nil {
		return 4 * blocks(rows, tileCols) * partsPanel(cols)
	}
	return 4 * blocks(rows, k.cols) * k.cols * cols
}

// elements is how many weights there are: those it was given, or has packed.
func (m *Matrix[T]) elements() int {
	if m.panels != nil {
		return m.Rows * m.Cols
	}
	return len(m.w)
}
