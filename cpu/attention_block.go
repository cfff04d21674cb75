package cpu

import "math"

// attended is one head's result in the making, for up to blockRows queries: the
// definition of attention, of which every other form is a faster one.
type attended[T Float] struct {
	d, queries int
	weights    []T // (queries, blockCols)
	turned     []T // (d, keys): values turned around
	acc        wide[T]
	run        softmax
}

// start cuts attentionWorker elements of scratch.
func (a *attended[T]) start(s *carver[T], d, queries int) {
	a.d, a.queries = d, queries
	a.weights = s.cut(blockRows * blockCols)
	a.turned = s.cut(d * blockCols)
	a.acc = wide[T]{s.cut(blockRows * d), s.cut(blockRows * d)}
	a.acc.clear()
	a.run.reset()
}

// take adds what the queries get from the first n keys of k, at most blockCols,
// and their values v.
func (a *attended[T]) take(q, k, v rows[T], n int) {
	scale := 1 / math.Sqrt(float64(a.d))
	var sc block
	products(&sc, q, k, 0, a.queries, 0, n)
	for r := range a.queries {
		keep := a.run.weigh(r, sc.row(r, n), scale)
		row := a.weights[r*blockCols:][:n]
		for j, p := range sc.row(r, n) {
			row[j] = T(p)
			a.run.sum[r] += float64(row[j])
		}
		a.acc.scale(r*a.d, a.d, keep)
	}
	transpose(a.turned[:a.d*n], v.v, n, a.d, v.ld)
	a.acc.add(rows[T]{a.weights, n, blockCols}, rows[T]{a.turned, n, n}, a.queries, a.d)
}

// value is element j of query r's result.
func (a *attended[T]) value(r, j int) float64 { return a.acc.get(r*a.d+j) / a.run.sum[r] }

// softmax is the running maximum and sum of a block of rows.
type softmax struct{ max, sum [blockRows]float64 }

func (s *softmax) reset() {
	for i := range s.max {
		s.max[i] = math.Inf(-1)
	}
}

// weigh turns products into exp(scale·product - max), where max is the largest
// so far of row r. It returns the factor for what was summed with the maximum
// before, and applies it to the row's sum.
func (s *softmax) weigh(r int, p []float64, scale float64) (keep float64) {
	m := s.max[r]
	for j, v := range p {
		v *= scale
		p[j] = v
		m = max(m, v) // NaN wins
	}
	shift := m
	if math.IsInf(m, -1) {
		shift = 0 // nothing but -Inf yet: all weights are 0, not NaN
	}
	keep = math.Exp(s.max[r] - shift)
	s.max[r] = m
	s.sum[r] *= keep
	for j, v := range p {
		p[j] = math.Exp(v - shift)
	}
	return keep
}
