package cpu

// MatMul is C (M, N) = op(A)·op(B), all row-major. A is (M, K), or (K, M) if TransA. B
// is (K, N), or (N, K) if TransB. The gradients of Linear use it. Linear is faster, if
// it can be used.
type MatMul[T Float] struct {
	C, A, B        []T
	M, N, K        int
	TransA, TransB bool
	Scratch        []T // MatMulScratch elements
	Tokens         int // rows of C of one image; 0: all belong to one image

	tiles tiled // at the levels that have them
}

// MatMulScratch returns the size of MatMul's scratch, in elements. Operands whose rows
// are not contiguous in k are transposed there.
func MatMulScratch(m, n, k int, ta, tb bool) int {
	s := 0
	if ta {
		s += m * k
	}
	if !tb {
		s += n * k
	}
	return s
}

// Check reports fields that contradict one another.
func (op *MatMul[T]) Check() error {
	c := checking("MatMul")
	c.length("A", len(op.A), op.M, op.K)
	c.length("B", len(op.B), op.K, op.N)
	c.length("C", len(op.C), op.M, op.N)
	if c.err == nil {
		c.room("Scratch", len(op.Scratch), MatMulScratch(op.M, op.N, op.K, op.TransA, op.TransB))
	}
	return c.err
}

// Run computes C.
func (op *MatMul[T]) Run(p *Pool) {
	if fast, ok := any(op).(*MatMul[float32]); ok {
		if k := current.Load(); k != nil {
			runTiled(fast, k, p)
			return
		}
	}
	if op.TransA || !op.TransB {
		p.Run(op.turns(op.TransA, op.M)+op.turns(!op.TransB, op.N), (*matMulTurn[T])(op))
	}
	p.Run(blocks(op.M, blockRows)*blocks(op.N, blockCols), op)
}

func (op *MatMul[T]) turns(needed bool, n int) int {
	if !needed {
		return 0
	}
	return blocks(n, perTask(op.K))
}

// matMulTurn is MatMul's first step: operands by rows of k.
type matMulTurn[T Float] MatMul[T]

// Do turns some columns of A or B into rows.
func (op *matMulTurn[T]) Do(_, i int) {
	mm := (*MatMul[T])(op)
	src, n, dst := op.B, op.N, mm.right().v
	if na := mm.turns(op.TransA, op.M); i < na {
		src, n, dst = op.A, op.M, mm.left().v
	} else {
		i -= na
	}
	lo, hi := span(i, perTask(op.K), n)
	transpose(dst[lo*op.K:hi*op.K], src[lo:], op.K, hi-lo, n)
}

// left is op(A) by rows of K.
func (op *MatMul[T]) left() rows[T] {
	if op.TransA {
		return rows[T]{op.Scratch[:op.M*op.K], op.K, op.K}
	}
	return rows[T]{op.A, op.K, op.K}
}

// right is op(B)ᵀ by rows of K.
func (op *MatMul[T]) right() rows[T] {
	if op.TransB {
		return rows[T]{op.B, op.K, op.K}
	}
	s := op.Scratch
	if op.TransA {
		s = s[op.M*op.K:]
	}
	return rows[T]{s[:op.N*op.K], op.K, op.K}
}

// Do computes one block of C.
func (op *MatMul[T]) Do(_, i int) {
	nr := blocks(op.M, blockRows)
	r0, r1 := span(i%nr, blockRows, op.M)
	c0, c1 := span(i/nr, blockCols, op.N)
	var s block
	products(&s, op.left(), op.right(), r0, r1, c0, c1)
	for r := r0; r < r1; r++ {
		op.finish(s.row(r-r0, c1-c0), r*op.N, c0)
	}
}

// finish stores sums in the row of C that begins at row, from column col on.
func (op *MatMul[T]) finish(sums []float64, row, col int) {
	for j, v := range sums {
		op.C[row+col+j] = T(v)
	}
}

// runTiled computes C by register tiles: only Aᵀ has to be turned around first.
func runTiled(op *MatMul[float32], k *kernels, p *Pool) {
	p.Run(op.turns(op.TransA, op.M), (*matMulTurn[float32])(op))
	op.tiles = tiled{
		k: k, m: op.M, n: op.N, depth: op.K,
		a: op.left().v, b: op.B, byRows: op.TransB, c: op.C, tokens: op.Tokens,
	}
	op.tiles.run(p, op)
}
