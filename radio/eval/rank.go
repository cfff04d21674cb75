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
		kept := s.found[q*s.kept:][:s.kept]
		worst, least := float64(kept[0].similarity), math.Inf(-1)
		if s.rounded { // the best first: after k of them, those that are too far behind need no exact cosine
			slices.SortFunc(kept, func(a, b candidate) int { return cmp.Compare(b.similarity, a.similarity) })
		}
		for i, c := range kept {
			if i == s.k && s.rounded {
				least = slices.MaxFunc(exact, exactly.compare).cosine - (*search)(s).bound(q)
			}
			if float64(c.similarity) < least {
				break
			}
			exact = append(exact, exactly{c.row, cosine(query, norm, s.train[int(c.row)*s.width:][:s.width], s.lengths[c.row])})
		}
		slices.SortFunc(exact, exactly.compare)
		if s.rounded && s.kept < len(s.lengths) {
			s.unsure[q] = !(worst+(*search)(s).bound(q) < exact[s.k-1].cosine)
		}
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

// compare orders the nearest first.
func (a exactly) compare(b exactly) int {
	return cmp.Or(cmp.Compare(b.cosine, a.cosine), cmp.Compare(a.row, b.row))
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
