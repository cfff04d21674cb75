package eval

import (
	"cmp"
	"math"
	"slices"
)

// rankTask computes the exact similarity of the rows that were kept, and sorts them.
type rankTask search

func (s *rankTask) Do(_, i int) {
	first := i * rankPiece
	exact := make([]exactly, 0, s.kept)
	for q := first; q < min(first+rankPiece, s.out.Queries()); q++ {
		query := s.queries[q*s.width:][:s.width]
		norm := length(query)
		exact = exact[:0]
		for _, c := range s.found[q*s.kept:][:s.kept] {
			exact = append(exact, exactly{c.row, cosine(query, norm, s.train[int(c.row)*s.width:][:s.width])})
		}
		slices.SortFunc(exact, func(a, b exactly) int {
			return cmp.Or(cmp.Compare(b.cosine, a.cosine), cmp.Compare(a.row, b.row))
		})
		for j, e := range exact[:s.k] {
			s.out.Rows[q*s.k+j], s.out.Cosine[q*s.k+j] = e.row, e.cosine
		}
	}
}

// exactly is a row of train with its similarity in float64.
type exactly struct {
	row    int32
	cosine float64
}

// cosine returns the cosine similarity of a, whose length is norm, and b.
func cosine(a []float32, norm float64, b []float32) float64 {
	dot, square := 0.0, 0.0
	for i, v := range b {
		dot += float64(float64(a[i]) * float64(v))
		square += float64(float64(v) * float64(v))
	}
	if norm == 0 || square == 0 {
		return 0
	}
	return dot / (norm * math.Sqrt(square))
}
