package eval

import (
	"cmp"
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
			exact = append(exact, exactly{c.row, cosine(query, norm, s.train[int(c.row)*s.width:][:s.width], s.lengths[c.row])})
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

// cosine returns the cosine similarity of two vectors of these lengths.
func cosine(a []float32, lengthA float64, b []float32, lengthB float64) float64 {
	if lengthA == 0 || lengthB == 0 {
		return 0
	}
	return dot(a, b) / (lengthA * lengthB)
}

// dot returns the inner product of two vectors. Four sums that do not wait for one another are
// several times as fast as one.
func dot(a, b []float32) float64 {
	var s0, s1, s2, s3 float64
	i := 0
	for ; i+4 <= len(a); i += 4 {
		x, y := a[i:i+4:i+4], b[i:i+4:i+4]
		s0 += float64(float64(x[0]) * float64(y[0]))
		s1 += float64(float64(x[1]) * float64(y[1]))
		s2 += float64(float64(x[2]) * float64(y[2]))
		s3 += float64(float64(x[3]) * float64(y[3]))
	}
	for ; i < len(a); i++ {
		s0 += float64(float64(a[i]) * float64(b[i]))
	}
	return (s0 + s1) + (s2 + s3)
}
