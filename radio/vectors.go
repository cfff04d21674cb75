package radio

import (
	order "container/heap"
	"fmt"
	"math"
	"slices"
)

// Cosine is the cosine of the angle between two vectors, from -1 to 1: how alike two images,
// or two patches, are. Sums are in float64. It is 0 where one of them is all zeros, and NaN
// where they are of different lengths or hold what is no number.
func Cosine[T Float](a, b []T) float64 {
	if len(a) != len(b) {
		return math.NaN()
	}
	return cosine(a, b, norm(a))
}

// cosine is Cosine with the norm of a.
func cosine[T Float](a, b []T, norma float64) float64 {
	dot := 0.0
	for i, v := range a {
		dot += float64(float64(v) * float64(b[i]))
	}
	n := norma * norm(b)
	if n == 0 {
		return 0
	}
	c := dot / n
	if c > 1 || c < -1 { // by rounding
		return math.Copysign(1, c)
	}
	return c
}

// norm is the Euclidean length.
func norm[T Float](v []T) float64 {
	sum := 0.0
	for _, x := range v {
		sum += float64(float64(x) * float64(x))
	}
	return math.Sqrt(sum)
}

// Normalize is v at length 1, in memory of its own: the dot product of two such vectors is their
// cosine. All zeros stay so.
func Normalize[T Float](v []T) []T {
	out := slices.Clone(v)
	if n := norm(v); n > 0 {
		for i, x := range v {
			out[i] = T(float64(x) / n)
		}
	}
	return out
}

// Match is a row that TopK found.
type Match struct {
	Index int     // of the row
	Score float64 // its Cosine with the query
}

// TopK finds the k rows most like a query by Cosine, the best first: all of them where there are
// fewer. It is exact: it looks at every row. Of equal ones the first comes first; rows that hold
// what is no number come last, with a Score of NaN. Each row must have the query's length.
func TopK[T Float](query []T, rows [][]T, k int) ([]Match, error) {
	if k < 0 {
		return nil, fmt.Errorf("k is %d: must be at least 0", k)
	}
	for i, row := range rows {
		if len(row) != len(query) {
			return nil, fmt.Errorf("row %d has %d numbers, the query has %d: take both from one model and one output", i, len(row), len(query))
		}
	}
	if k == 0 {
		return nil, nil
	}
	best, n := &matches{}, norm(query)
	for i, row := range rows {
		m := Match{i, cosine(query, row, n)}
		switch {
		case len(*best) < k:
			order.Push(best, m)
		case before(m, (*best)[0]):
			(*best)[0] = m
			order.Fix(best, 0)
		}
	}
	slices.SortFunc(*best, func(a, b Match) int {
		switch {
		case a.Index == b.Index:
			return 0
		case before(a, b):
			return -1
		}
		return 1
	})
	return *best, nil
}

// before says whether a is the better match.
func before(a, b Match) bool {
	an, bn := math.IsNaN(a.Score), math.IsNaN(b.Score)
	switch {
	case an != bn:
		return bn
	case !an && a.Score != b.Score:
		return a.Score > b.Score
	}
	return a.Index < b.Index
}

// matches is a heap whose first is the worst.
type matches []Match

func (m matches) Len() int           { return len(m) }
func (m matches) Less(i, j int) bool { return before(m[j], m[i]) }
func (m matches) Swap(i, j int)      { m[i], m[j] = m[j], m[i] }
func (m *matches) Push(x any)        { *m = append(*m, x.(Match)) }
func (m *matches) Pop() any {
	old := *m
	last := old[len(old)-1]
	*m = old[:len(old)-1]
	return last
}
