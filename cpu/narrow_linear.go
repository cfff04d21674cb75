package cpu

// NarrowLinear is Linear with narrow operands:
//
//	y = residual + scale · gelu(x·Wᵀ + b)
//
// each part left out where its field is nil or false. Products are of rounded
// activations with rounded weights; all that follows them is float32 or better.
type NarrowLinear struct {
	X        *Narrow       // (Rows, In), in the precision of W
	W        *NarrowMatrix // (Out, In)
	Y        []float32     // (Rows, Out), or nil:
	NarrowY  *Narrow       // (Rows, Out), BFloat16
	Bias     []float32     // (Out) or nil
	Rows     int
	GELU     bool      // exact (erf)
	Scale    []float32 // (Out), LayerScale, or nil
	Residual []float32 // (Rows, Out) or nil, and then Y is not; may be the memory of Y

	pool *Pool
}

// Check reports fields that contradict one another.
func (op *NarrowLinear) Check() error {
	c := checking("NarrowLinear")
	if op.W == nil {
		c.fail("W is nil, want a NarrowMatrix")
		return c.err
	}
	in, out := op.W.Cols, op.W.Rows
	c.length("W", len(op.W.w), out, in)
	c.narrow("X", op.X, op.Rows, in, op.W.Precision)
	c.least("the room in the arena less In", arenaSize/blockRows-in, 0)
	if op.NarrowY != nil {
		c.narrow("NarrowY", op.NarrowY, op.Rows, out, BFloat16)
	} else {
		c.length("Y", len(op.Y), op.Rows, out)
	}
	if op.Bias != nil {
		c.length("Bias", len(op.Bias), out)
	}
	if op.Scale != nil {
		c.length("Scale", len(op.Scale), out)
	}
	if op.Residual != nil {
		c.length("Residual", len(op.Residual), op.Rows, out)
		if op.NarrowY != nil {
			c.fail("Residual is given, want Y and not NarrowY")
		}
	}
	return c.err
}

// Run computes Y.
func (op *NarrowLinear) Run(p *Pool) {
	op.pool = p
	p.Run(blocks(op.Rows, blockRows)*blocks(op.W.Rows, blockCols), op)
}

// Do computes one block of Y.
func (op *NarrowLinear) Do(worker, i int) {
	in, out := op.W.Cols, op.W.Rows
	nr := blocks(op.Rows, blockRows)
	r0, r1 := span(i%nr, blockRows, op.Rows)
	o0, o1 := span(i/nr, blockCols, out)
	x := op.pool.arenas[worker].memory
	for r := r0; r < r1; r++ {
		op.X.Get(r, 0, x[(r-r0)*in:(r-r0+1)*in])
	}
	var s block
	products(&s, rows[float32]{x, in, in}, rows[float32]{op.W.w, in, in}, 0, r1-r0, o0, o1)
	y := make([]float32, 0, blockCols)
	for r := r0; r < r1; r++ {
		sums := s.row(r-r0, o1-o0)
		op.finish(sums, r*out+o0, o0)
		if op.NarrowY == nil {
			for j, v := range sums {
				op.Y[r*out+o0+j] = float32(v)
			}
			continue
		}
		y = y[:0]
		for _, v := range sums {
			y = append(y, float32(v))
		}
		op.NarrowY.setAt(r, o0, y)
	}
}

// finish turns the products s of outputs o0, o0+1, … into elements of Y, the
// first of which is at index `at`. Everything is float64 until it is stored.
func (op *NarrowLinear) finish(s []float64, at, o0 int) {
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
	if op.Residual != nil {
		for i, v := range op.Residual[at : at+len(s)] {
			s[i] += float64(v)
		}
	}
}
