package cpu

// NarrowLinear is Linear with narrow operands:
//
//	y = residual + scale · gelu(x·Wᵀ + b)
//
// each part left out where its field is nil or false. Products are of rounded
// activations with rounded weights; all that follows them is float32 or better. Tokens
// has the meaning that it has in Linear, of BFloat16 where it is widened; sums of Int8
// are exact whichever way they are made.
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
	Tokens   int       // rows of an image, or 0: all are of one

	pool    *Pool
	fast    narrowTiled // where W is units that X has too
	byTiles amxNarrow   // and there are AMX tiles
	tiles   tiled       // where both are to be widened
}

// mostInputs keeps the sums of int8 products within 32 bits.
const mostInputs = 1 << 16

// Check reports fields that contradict one another.
func (op *NarrowLinear) Check() error {
	c := checking("NarrowLinear")
	if op.W == nil {
		c.fail("W is nil, want a NarrowMatrix")
		return c.err
	}
	in, out := op.W.Cols, op.W.Rows
	c.length("W", op.W.elements(), out, in)
	if in > mostInputs {
		c.fail("W has %d inputs, want at most %d", in, mostInputs)
	}
	c.narrow("X", op.X, op.Rows, in, op.W.Precision)
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
	switch w := op.W; {
	case w.short != nil:
		tiles, _ := w.k.tilesOf(w.Precision)
		op.tiles = tiled{
			k: w.k, by: tiles, m: op.Rows, n: w.Rows, depth: w.depth(), short: w.short,
			narrow: op, tokens: op.Tokens,
		}
		op.tiles.run(p, nil)
	case w.units != nil:
		tiles, _ := w.k.tilesOf(w.Precision)
		op.fast = narrowTiled{NarrowLinear: op, k: w.k, tiles: tiles, depth: w.depth()}
		if w.k.amx != nil {
			op.byTiles.narrowTiled = op.fast
			op.byTiles.run(p)
			return
		}
		op.fast.run(p)
	default:
		op.pool = p
		p.Run(blocks(op.Rows, op.rowsPerTask())*blocks(w.Rows, blockCols), op)
	}
}

// gelu is GELU as kernels want it.
func (op *NarrowLinear) gelu() int {
	if op.GELU {
		return 1
	}
	return 0
}

// rowsPerTask is how many rows, widened, fit in an arena.
func (op *NarrowLinear) rowsPerTask() int {
	return min(blockRows, (arenaSize-blockCols)/max(1, op.W.Cols))
}

// Do computes one block of Y.
func (op *NarrowLinear) Do(worker, i int) {
	in, out := op.W.Cols, op.W.Rows
	nr := blocks(op.Rows, op.rowsPerTask())
	r0, r1 := span(i%nr, op.rowsPerTask(), op.Rows)
	o0, o1 := span(i/nr, blockCols, out)
	memory := op.pool.arenas[worker].memory
	y, x := memory[:blockCols], memory[blockCols:]
	for r := r0; r < r1; r++ {
		op.X.Get(r, 0, x[(r-r0)*in:(r-r0+1)*in])
	}
	var s block
	products(&s, rows[float32]{x, in, in}, rows[float32]{op.W.w, in, in}, 0, r1-r0, o0, o1)
	for r := r0; r < r1; r++ {
		sums := s.row(r-r0, o1-o0)
		op.finish(sums, r*out+o0, o0)
		for j, v := range sums {
			y[j] = float32(v)
		}
		if op.NarrowY == nil {
			copy(op.Y[r*out+o0:], y[:o1-o0])
			continue
		}
		op.NarrowY.setAt(r, o0, y[:o1-o0])
		if o1 == out {
			op.NarrowY.pad(r)
		}
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
