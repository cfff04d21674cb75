package cpu

// heads is a (Tokens, ld) matrix of which a head's queries, keys or values are
// n columns.
type heads[T Float] struct {
	v     []T
	n, ld int
}

// at is the n columns from column c on, by rows from row r on.
func (h heads[T]) at(r, c int) rows[T] { return rows[T]{h.v[min(r*h.ld+c, len(h.v)):], h.n, h.ld} }

// carver cuts scratch into pieces.
type carver[T Float] []T

func (c *carver[T]) cut(n int) []T {
	s := (*c)[:n:n]
	*c = (*c)[n:]
	return s
}

// wide is a row-major matrix of float64 kept in scratch of T, each element as
// the sum of two T: 48 bits where T is float32.
type wide[T Float] struct{ hi, lo []T }

func (w wide[T]) get(i int) float64 { return float64(w.hi[i]) + float64(w.lo[i]) }

func (w wide[T]) set(i int, v float64) {
	hi := T(v)
	w.hi[i], w.lo[i] = hi, 0
	if lo := T(v - float64(hi)); lo == lo { // infinity has no remainder
		w.lo[i] = lo
	}
}

func (w wide[T]) clear() {
	clear(w.hi)
	clear(w.lo)
}

// scale multiplies n elements from i on.
func (w wide[T]) scale(i, n int, f float64) {
	if f == 1 {
		return
	}
	for ; n > 0; n-- {
		w.set(i, w.get(i)*f)
		i++
	}
}

// add adds the products of m rows of x with n rows of y to the (m, n) matrix.
func (w wide[T]) add(x, y rows[T], m, n int) {
	for j0 := 0; j0 < n; j0 += blockCols {
		j1 := min(j0+blockCols, n)
		var s block
		products(&s, x, y, 0, m, j0, j1)
		for r := range m {
			for j, v := range s.row(r, j1-j0) {
				at := r*n + j0 + j
				w.set(at, w.get(at)+v)
			}
		}
	}
}
