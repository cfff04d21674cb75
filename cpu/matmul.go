package cpu

import (
	"cradio/cpu/internal/gemm"
	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// MatMul is C (M, N) = op(A)·op(B), all row-major. A is (M, K), or (K, M) if TransA. B
// is (K, N), or (N, K) if TransB. The gradients of Linear use it. Linear is faster, if
// it can be used.
type MatMul[T Float] struct {
	C, A, B        []T
	M, N, K        int
	TransA, TransB bool
	Scratch        []T // MatMulScratch elements make the definition faster; tiles need none
	Tokens         int // rows of C of one image; 0: all belong to one image
	Small          int // the limit of small operations, see SmallDefault; 0: none
	// Rounded says that large products may round A and B to bfloat16, and sum in float32. They
	// do where the level has instructions for it; else nothing is rounded.
	Rounded bool

	table   *kernel.Table
	tiles   gemm.Product // at the levels that have them
	strided bool         // operands are read as they are, without scratch
}

// MatMulScratch returns the size of the scratch of MatMul's definition, in elements.
// Operands whose rows are not contiguous in k are transposed there.
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
	return c.err
}

// Run computes C.
func (op *MatMul[T]) Run(p *Pool) {
	op.table = tableFor[T](p)
	if fast, ok := any(op).(*MatMul[float32]); ok && runTiledMatMul(fast, p) {
		return
	}
	op.strided = len(op.Scratch) < MatMulScratch(op.M, op.N, op.K, op.TransA, op.TransB)
	if (op.TransA || !op.TransB) && !op.strided {
		p.Run(op.tasks(op.TransA, op.M)+op.tasks(!op.TransB, op.N), (*matMulTranspose[T])(op))
	}
	p.Run(pool.Blocks(op.M, kernel.BlockRows)*pool.Blocks(op.N, kernel.BlockCols), op)
}

// tasks is how many tasks transpose an operand of n columns, if that is needed.
func (op *MatMul[T]) tasks(needed bool, n int) int {
	if !needed {
		return 0
	}
	return pool.Blocks(n, pool.PerTask(op.K))
}

// matMulTranspose is MatMul's first step: operands by rows of k.
type matMulTranspose[T Float] MatMul[T]

// Do makes rows of some columns of A or B.
func (op *matMulTranspose[T]) Do(_, i int) {
	mm := (*MatMul[T])(op)
	src, n, dst := op.B, op.N, mm.right().V
	if na := mm.tasks(op.TransA, op.M); i < na {
		src, n, dst = op.A, op.M, mm.left().V
	} else {
		i -= na
	}
	lo, hi := pool.Span(i, pool.PerTask(op.K), n)
	kernel.Transpose(op.table, dst[lo*op.K:hi*op.K], src[lo:], op.K, hi-lo, n)
}

// left is op(A) by rows of K.
func (op *MatMul[T]) left() kernel.Rows[T] {
	if op.TransA {
		return kernel.Rows[T]{V: op.Scratch[:op.M*op.K], N: op.K, Stride: op.K}
	}
	return kernel.Rows[T]{V: op.A, N: op.K, Stride: op.K}
}

// right is op(B)ᵀ by rows of K.
func (op *MatMul[T]) right() kernel.Rows[T] {
	if op.TransB {
		return kernel.Rows[T]{V: op.B, N: op.K, Stride: op.K}
	}
	s := op.Scratch
	if op.TransA {
		s = s[op.M*op.K:]
	}
	return kernel.Rows[T]{V: s[:op.N*op.K], N: op.K, Stride: op.K}
}

// Do computes one block of C.
func (op *MatMul[T]) Do(_, i int) {
	nr := pool.Blocks(op.M, kernel.BlockRows)
	r0, r1 := pool.Span(i%nr, kernel.BlockRows, op.M)
	c0, c1 := pool.Span(i/nr, kernel.BlockCols, op.N)
	var s kernel.Block
	if op.strided {
		op.products(&s, r0, r1, c0, c1)
	} else {
		kernel.Products(&s, op.left(), op.right(), r0, r1, c0, c1)
	}
	for r := r0; r < r1; r++ {
		(*matMulFinisher[T])(op).Finish(s.Row(r-r0, c1-c0), r*op.N, c0)
	}
}

// products is kernel.Products, element by element.
func (op *MatMul[T]) products(s *kernel.Block, r0, r1, c0, c1 int) {
	ai, ak, bj, bk := op.K, 1, 1, op.N // distances from row to row and along k
	if op.TransA {
		ai, ak = 1, op.M
	}
	if op.TransB {
		bj, bk = op.K, 1
	}
	for r := r0; r < r1; r++ {
		row := s.Row(r-r0, c1-c0)
		for c := range row {
			sum := 0.0
			for k := range op.K {
				sum += float64(float64(op.A[r*ai+k*ak]) * float64(op.B[(c0+c)*bj+k*bk]))
			}
			row[c] = sum
		}
	}
}

// matMulFinisher stores the products.
type matMulFinisher[T Float] MatMul[T]

// Finish stores sums in the row of C that begins at row, from column col on.
func (op *matMulFinisher[T]) Finish(sums []float64, row, col int) {
	for j, v := range sums {
		op.C[row+col+j] = T(v)
	}
}

// runTiledMatMul computes C by register tiles, and reports whether it has. A long product
// with Aᵀ is computed in slices, each added to C.
func runTiledMatMul(op *MatMul[float32], p *Pool) bool {
	if !op.table.Float32.Multiply() {
		return false
	}
	exact := small(op.Small, ofImage(op.M, op.Tokens), op.N, op.K)
	slices := 1
	if op.TransA && op.K > gemm.MostByCols {
		if slices = pool.Blocks(op.K, gemm.MostByCols); exact || op.TransB {
			return false
		}
	}
	for i := range slices {
		k0, n := pool.Portion(op.K, slices, i)
		op.tiles = gemm.Product{
			Table: op.table, M: op.M, N: op.N, Depth: n,
			A: op.A, ByCols: op.TransA, B: op.B, ByRows: op.TransB, C: op.C, Tokens: op.Tokens, Rounded: op.Rounded,
		}
		if exact {
			op.tiles.Exact = (*matMulFinisher[float32])(op)
		}
		if i > 0 {
			op.tiles.A, op.tiles.B, op.tiles.Add = op.A[k0*op.M:], op.B[k0*op.N:], op.C
		}
		op.tiles.Run(p.threads)
	}
	return true
}
