package attention

import (
	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// HiLo is a row-major matrix of float64 kept in scratch of T, each element as the sum of
// two T: 48 bits where T is float32.
type HiLo[T kernel.Float] struct{ hi, lo []T }

// NewHiLo is n zeros in 2·n elements of scratch.
func NewHiLo[T kernel.Float](s *pool.Scratch[T], n int) HiLo[T] {
	w := OldHiLo(s, n)
	clear(w.hi)
	clear(w.lo)
	return w
}

// OldHiLo is what 2·n elements of scratch hold.
func OldHiLo[T kernel.Float](s *pool.Scratch[T], n int) HiLo[T] { return HiLo[T]{s.Cut(n), s.Cut(n)} }

// Get is element i.
func (w HiLo[T]) Get(i int) float64 { return float64(w.hi[i]) + float64(w.lo[i]) }

// Set sets element i.
func (w HiLo[T]) Set(i int, v float64) {
	hi := T(v)
	w.hi[i], w.lo[i] = hi, 0
	if lo := T(v - float64(hi)); lo == lo { // infinity has no remainder
		w.lo[i] = lo
	}
}

// Scale multiplies n elements from i on.
func (w HiLo[T]) Scale(i, n int, f float64) {
	if f == 1 {
		return
	}
	for ; n > 0; n-- {
		w.Set(i, w.Get(i)*f)
		i++
	}
}

// Add adds the products of m rows of x with n rows of y to the (m, n) matrix.
func (w HiLo[T]) Add(x, y kernel.Rows[T], m, n int) {
	for j0 := 0; j0 < n; j0 += kernel.BlockCols {
		j1 := min(j0+kernel.BlockCols, n)
		var s kernel.Block
		kernel.Products(&s, x, y, 0, m, j0, j1)
		for r := range m {
			for j, v := range s.Row(r, j1-j0) {
				at := r*n + j0 + j
				w.Set(at, w.Get(at)+v)
			}
		}
	}
}
