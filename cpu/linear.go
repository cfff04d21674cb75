package cpu

// Linear is y = x·Wᵀ + b, fused with the operations that often follow it:
//
//	y = residual + scale · gelu(x·Wᵀ + b)
//
// A part is left out if its field is nil or false.
//
// With Tokens, large products use Strassen's algorithm, at levels with register tiles: see
// strassen.go. It needs an eighth fewer multiplications, and its errors are still smaller
// than PyTorch's. A value that is not finite in one row then makes another row of the same
// image NaN too.
type Linear[T Float] struct {
	Y, X     []T        // (Rows, Out), (Rows, In)
	Bias     []T        // (Out) or nil
	W        *Matrix[T] // (Out, In)
	Rows     int
	GELU     bool // exact (erf)
	Scale    []T  // (Out), LayerScale, or nil
	Residual []T  // (Rows, Out) or nil; may be the memory of Y
	Tokens   int  // rows of one image; 0: all belong to one image

	tiles tiled // at the levels that have them
}

// Check reports fields that contradict one another.
func (op *Linear[T]) Check() error {
	c := checking("Linear")
	if op.W == nil {
		c.fail("W is nil, want a Matrix")
		return c.err
	}
	in, out := op.W.Cols, op.W.Rows
	c.length("W", op.W.elements(), out, in)
	c.length("X", len(op.X), op.Rows, in)
	c.length("Y", len(op.Y), op.Rows, out)
	if op.Bias != nil {
		c.length("Bias", len(op.Bias), out)
	}
	if op.Scale != nil {
		c.length("Scale", len(op.Scale), out)
	}
	if op.Residual != nil {
		c.length("Residual", len(op.Residual), op.Rows, out)
	}
	return c.err
}

// Run computes Y.
func (op *Linear[T]) Run(p *Pool) {
	if fast, ok := any(op).(*Linear[float32]); ok && tile(fast) {
		fast.tiles.run(p, fast)
		return
	}
	p.Run(blocks(op.Rows, blockRows)*blocks(op.W.Rows, blockCols), op)
}

// Do computes one block of Y.
func (op *Linear[T]) Do(_, i int) {
	in, out := op.W.Cols, op.W.Rows
	nr := blocks(op.Rows, blockRows)
	r0, r1 := span(i%nr, blockRows, op.Rows)
	o0, o1 := span(i/nr, blockCols, out)
	var s block
	products(&s, rows[T]{op.X, in, in}, rows[T]{op.W.w, in, in}, r0, r1, o0, o1)
	for r := r0; r < r1; r++ {
		op.finish(s.row(r-r0, o1-o0), r*out, o0)
	}
}

// finish turns the products s of outputs o0, o0+1, … of the row that starts at
// row into elements of Y. Everything is float64 until it is stored.
func (op *Linear[T]) finish(s []float64, row, o0 int) {
	if op.Bias != nil {
		for i, b := range op.Bias[o0 : o0+len(s)] {
			s[i] += float64(b)
		}
	}
	if op.GELU {
		for i, v := range s {
			s[i] = gelu(v)
		}
	}
	if op.Scale != nil {
		for i, f := range op.Scale[o0 : o0+len(s)] {
			s[i] *= float64(f)
		}
	}
	at := row + o0
	if op.Residual != nil {
		for i, v := range op.Residual[at : at+len(s)] {
			s[i] += float64(v)
		}
	}
	for i, v := range s {
		op.Y[at+i] = T(v)
	}
}

// tile prepares for register tiles, if the weight is packed for them or else the
// level in use has them.
func tile(op *Linear[float32]) bool {
	k := op.W.k
	if k == nil {
		k = current.Load()
	}
	if k == nil {
		return false
	}
	op.tiles = tiled{
		k: k, m: op.Rows, n: op.W.Rows, depth: op.W.Cols,
		a: op.X, panels: op.W.panels, cut: op.W.cut, b: op.W.w, byRows: true,
		c: op.Y, bias: op.Bias, scale: op.Scale, add: op.Residual, tokens: op.Tokens,
	}
	if op.GELU {
		op.tiles.gelu = 1
	}
	return true
}
