package kernel

// dot3x2 is the inner products of three vectors with two, the largest tile whose
// sums and operands stay in 15 registers: s[2i+j] = x_i · w_j.
//
// Products and sums are in float64, so that a float32 result is rounded once: that
// is the definition of every inner product here. It depends on the two vectors
// alone, not on blocks, tiles or threads; the conversions of products forbid
// fused multiply-add, which compilers for some machines would otherwise use in
// one tile and not in another.
func dot3x2[T Float](x0, x1, x2, w0, w1 []T, s *[6]float64) {
	n := len(x0)
	x1, x2, w0, w1 = x1[:n], x2[:n], w0[:n], w1[:n]
	var c00, c01, c10, c11, c20, c21 float64
	for k := range x0 {
		v, u := float64(w0[k]), float64(w1[k])
		a := float64(x0[k])
		c00 += float64(a * v)
		c01 += float64(a * u)
		a = float64(x1[k])
		c10 += float64(a * v)
		c11 += float64(a * u)
		a = float64(x2[k])
		c20 += float64(a * v)
		c21 += float64(a * u)
	}
	*s = [6]float64{c00, c01, c10, c11, c20, c21}
}

// Rows is a matrix by its rows of N elements, Stride apart.
type Rows[T Float] struct {
	V         []T
	N, Stride int
}

// Row is row i.
func (r Rows[T]) Row(i int) []T { return r.V[i*r.Stride : i*r.Stride+r.N : i*r.Stride+r.N] }

// A block of products is what one task computes at a time.
const (
	BlockRows = 36
	BlockCols = 64
)

// Block has rows of BlockCols products.
type Block [BlockRows * BlockCols]float64

// Row is the first n products of row i.
func (b *Block) Row(i, n int) []float64 { return b[i*BlockCols : i*BlockCols+n] }

// Products computes s[i][j] = x_(i0+i) · w_(j0+j) for the rows [i0, i1) of x and
// [j0, j1) of w, at most a block. At the edges a tile repeats the last row.
func Products[T Float](s *Block, x, w Rows[T], i0, i1, j0, j1 int) {
	var t [6]float64
	m, n := i1-i0, j1-j0
	for j := 0; j < n; j += 2 {
		jj := min(j+1, n-1)
		w0, w1 := w.Row(j0+j), w.Row(j0+jj)
		for i := 0; i < m; i += 3 {
			ii, iii := min(i+1, m-1), min(i+2, m-1)
			dot3x2(x.Row(i0+i), x.Row(i0+ii), x.Row(i0+iii), w0, w1, &t)
			s[i*BlockCols+j], s[i*BlockCols+jj] = t[0], t[1]
			s[ii*BlockCols+j], s[ii*BlockCols+jj] = t[2], t[3]
			s[iii*BlockCols+j], s[iii*BlockCols+jj] = t[4], t[5]
		}
	}
}
