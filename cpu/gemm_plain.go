package cpu

// chunk is how many products are added in T before their sum is added in
// float64. It is part of the definition of every product here: the result for
// one output depends on its two vectors alone, not on blocks, tiles or threads.
//
// Conversions such as T(a*b) forbid fused multiply-add, which compilers for
// some machines would otherwise use in one tile and not in another.
const chunk = 16

// dot is the inner product of two vectors of one length.
func dot[T Float](x, w []T) float64 {
	var s float64
	w = w[:len(x)]
	for len(x) >= chunk {
		a, b := (*[chunk]T)(x), (*[chunk]T)(w)
		var c T
		for k, v := range a {
			c += T(v * b[k])
		}
		s += float64(c)
		x, w = x[chunk:], w[chunk:]
	}
	if len(x) > 0 {
		var c T
		for k, v := range x {
			c += T(v * w[k])
		}
		s += float64(c)
	}
	return s
}

// dot4x2 is the inner products of four vectors with two, the largest tile that
// keeps its sums and operands in 15 registers: s[2i+j] = x_i · w_j.
func dot4x2[T Float](x0, x1, x2, x3, w0, w1 []T, s *[8]float64) {
	*s = [8]float64{}
	n := len(x0)
	x1, x2, x3, w0, w1 = x1[:n], x2[:n], x3[:n], w0[:n], w1[:n]
	for len(x0) >= chunk {
		a0, a1, a2, a3 := (*[chunk]T)(x0), (*[chunk]T)(x1), (*[chunk]T)(x2), (*[chunk]T)(x3)
		b0, b1 := (*[chunk]T)(w0), (*[chunk]T)(w1)
		var c00, c01, c10, c11, c20, c21, c30, c31 T
		for k, v := range b0 {
			u := b1[k]
			a := a0[k]
			c00 += T(a * v)
			c01 += T(a * u)
			a = a1[k]
			c10 += T(a * v)
			c11 += T(a * u)
			a = a2[k]
			c20 += T(a * v)
			c21 += T(a * u)
			a = a3[k]
			c30 += T(a * v)
			c31 += T(a * u)
		}
		s[0] += float64(c00)
		s[1] += float64(c01)
		s[2] += float64(c10)
		s[3] += float64(c11)
		s[4] += float64(c20)
		s[5] += float64(c21)
		s[6] += float64(c30)
		s[7] += float64(c31)
		x0, x1, x2, x3, w0, w1 = x0[chunk:], x1[chunk:], x2[chunk:], x3[chunk:], w0[chunk:], w1[chunk:]
	}
	if len(x0) > 0 {
		x := [4][]T{x0, x1, x2, x3}
		for i, v := range x {
			s[2*i] += dot(v, w0)
			s[2*i+1] += dot(v, w1)
		}
	}
}

// rows is a matrix by its rows of n elements, ld apart.
type rows[T Float] struct {
	v     []T
	n, ld int
}

func (r rows[T]) row(i int) []T { return r.v[i*r.ld : i*r.ld+r.n : i*r.ld+r.n] }

// A block of products is what one task computes at a time.
const (
	blockRows = 32
	blockCols = 64
)

type block [blockRows * blockCols]float64

func (b *block) row(i, n int) []float64 { return b[i*blockCols : i*blockCols+n] }

// products computes s[i][j] = x_(i0+i) · w_(j0+j) for the rows [i0, i1) of x and
// [j0, j1) of w, at most a block.
func products[T Float](s *block, x, w rows[T], i0, i1, j0, j1 int) {
	var t [8]float64
	m, n := i1-i0, j1-j0
	j := 0
	for ; j+2 <= n; j += 2 {
		w0, w1 := w.row(j0+j), w.row(j0+j+1)
		i := 0
		for ; i+4 <= m; i += 4 {
			dot4x2(x.row(i0+i), x.row(i0+i+1), x.row(i0+i+2), x.row(i0+i+3), w0, w1, &t)
			for r := range 4 {
				o := (i+r)*blockCols + j
				s[o], s[o+1] = t[2*r], t[2*r+1]
			}
		}
		for ; i < m; i++ {
			o := i*blockCols + j
			s[o], s[o+1] = dot(x.row(i0+i), w0), dot(x.row(i0+i), w1)
		}
	}
	if j < n {
		for i := range m {
			s[i*blockCols+j] = dot(x.row(i0+i), w.row(j0+j))
		}
	}
}
