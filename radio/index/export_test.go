package index

import (
	"context"
	"slices"

	"cradio/cpu"
)

// Nearest searches rows (n, width) in memory, with codes made for them, or for a part of them. It returns
// the rows that were found, and how many bounds could not rule out.
func Nearest(ctx context.Context, pool *cpu.Pool, vectors []float32, width, coded int, query []float32, k int) (found []int, scores []float64, err error) {
	r := NewRows(vectors, width, coded)
	best, err := r.nearest(ctx, pool, query, k)
	for _, b := range best {
		found, scores = append(found, b.row), append(scores, b.score)
	}
	return found, scores, err
}

// NewRows makes codes of rows in memory.
func NewRows(vectors []float32, width, coded int) *Rows {
	n := len(vectors) / width
	row := func(i int) []float32 { return vectors[i*width:][:width] }
	e := &encoder{codes: &codes{width: width}, vector: row}
	for i := range coded {
		e.stale = append(e.stale, i)
	}
	e.average()
	p := padded(width)
	r := &rows{width: width, padded: p, n: n, codes: make([]int8, coded*p), scale: make([]float32, n), bound: make([]float32, n), mean: e.mean, row: row}
	for i := range n {
		r.bound[i] = none
		if i < coded {
			r.scale[i], r.bound[i] = quantise(r.codes[i*p:][:p], row(i), e.mean)
		}
	}
	return r
}

// Rows are rows in memory.
type Rows = rows

// Find searches rows.
func (r *rows) Find(ctx context.Context, pool *cpu.Pool, query []float32, k int) ([]int, error) {
	best, err := r.nearest(ctx, pool, query, k)
	var found []int
	for _, b := range best {
		found = append(found, b.row)
	}
	return found, err
}

// ByDefinition compares all rows, in float64.
func ByDefinition(vectors []float32, width int, query []float32, k int) (found []int, scores []float64) {
	var all []scored
	q := unit(query)
	for i := 0; i*width < len(vectors); i++ {
		all = append(all, scored{i, cosine(q, vectors[i*width:][:width])})
	}
	slices.SortFunc(all, nearer)
	for _, s := range all[:min(k, len(all))] {
		found, scores = append(found, s.row), append(scores, s.score)
	}
	return found, scores
}

// ParseScales reads the scales of an index, for fuzzing.
func ParseScales(text []byte, width int) (records int) {
	if _, _, ok := parseHeader(text, width); !ok {
		return 0
	}
	for b := text[headerBytes(width):]; len(b) >= recordBytes; b = b[recordBytes:] {
		if _, ok := parseRecord(b); ok {
			records++
		}
	}
	return records
}

// ScalesOf writes scales.
func ScalesOf(mean []float32) []byte {
	return scaleRecord{1, 0.5, 0.25, 7}.append(encodeHeader(mean, 3))
}
