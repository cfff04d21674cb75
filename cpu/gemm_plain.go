package cpu

// chunk is how many products are added in T before their sum is added in
// float64. It is part of the definition of every product here: the result for
// one output depends on its two vectors alone, not on blocks, tiles or threads.
//
// Conversions such as T(a*b) forbid fused multiply-add, which compilers for
// some machines would otherwise use in one tile and not in another.
const chunk = 32

// dot3x2 is the inner products of three vectors with two, the largest tile whose
// sums and operands stay in 15 registers: s[2i+j] = x_i · w_j.
func dot3x2[T Float](x0, x1, x2, w0, w1 []T, s *[6]float64) {
	*s = [6]float64{}
	n := len(x0)
	x1, x2, w0, w1 = x1[:n], x2[:n], w0[:n], w1[:n]
	o := 0
	for ; o+chunk <= n; o += chunk {
		a0, a1, a2 := (*[chunk]T)(x0[o:]), (*[chunk]T)(x1[o:]), (*[chunk]T)(x2[o:])
		b0, b1 := (*[chunk]T)(w0[o:]), (*[chunk]T)(w1[o:])
		var c00, c01, c10, c11, c20, c21 T
		for k := 0; k < chunk; k++ {
			v, u := b0[k], b1[k]
			a := a0[k]
			c00 += T(a * v)
			c01 += T(a * u)
			a = a1[k]
			c10 += T(a * v)
			c11 += T(a * u)
			a = a2[k]
			c20 += T(a * v)
			c21 += T(a * u)
		}
		s[0] += float64(c00)
		s[1] += float64(c01)
		s[2] += float64(c10)
		s[3] += float64(c11)
		s[4] += float64(c20)
		s[5] += float64(c21)
	}
	if o < n {
		for i, x := range [3][]T{x0[o:], x1[o:], x2[o:]} {
			s[2*i] += float64(short(x, w0[o:]))
			s[2*i+1] += float64(short(x, w1[o:]))
		}
	}
}

// short is the inner product of less than a chunk.
func short[T Float](x, w []T) (c T) {
	for k, v := range x {
		c += T(v * w[k])
	}
	return c
}

// rows is a matrix by its rows of n elements, ld apart.
type rows[T Float] struct {
	v     []T
	n, ld int
}

func (r rows[T]) row(i int) []T { return r.v[i*r.ld : i*r.ld+r.n : i*r.ld+r.n] }

// A block of products is what one task computes at a time.
const (
	blockRows = 36
	blockCols = 64
)

type block [blockRows * blockCols]float64

func (b *block) row(i, n int) []float64 { return b[i*blockCols : i*blockCols+n] }

// products computes s[i][j] = x_(i0+i) · w_(j0+j) for the rows [i0, i1) of x and
// [j0, j1) of w, at most a block. At the edges a tile repeats the last row.
func products[T Float](s *block, x, w rows[T], i0, i1, j0, j1 int) {
	var t [6]float64
	m, n := i1-i0, j1-j0
	for j := 0; j < n; j += 2 {
		jj := min(j+1, n-1)
		w0, w1 := w.row(j0+j), w.row(j0+jj)
		for i := 0; i < m; i += 3 {
			ii, iii := min(i+1, m-1), min(i+2, m-1)
			dot3x2(x.row(i0+i), x.row(i0+ii), x.row(i0+iii), w0, w1, &t)
			s[i*blockCols+j], s[i*blockCols+jj] = t[0], t[1]
			s[ii*blockCols+j], s[ii*blockCols+jj] = t[2], t[3]
			s[iii*blockCols+j], s[iii*blockCols+jj] = t[4], t[5]
		}
	}
}
