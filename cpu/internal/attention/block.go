package attention

import (
	"math"

	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// Block is the result of one head for up to BlockRows queries, in progress: the
// definition of attention, of which every other version is a faster one.
type Block[T kernel.Float] struct {
	width, queries int
	weights        []T // (queries, BlockCols)
	values         []T // (width, keys): values transposed
	sums           HiLo[T]
	softmax        Softmax
}

// WorkerScratch is the scratch for a Block of heads of width d: weights, transposed values,
// and results as HiLo.
func WorkerScratch(d int) int {
	return kernel.BlockRows*kernel.BlockCols + d*kernel.BlockCols + 2*kernel.BlockRows*d
}

// Start begins a block of queries of heads of width d, in WorkerScratch elements of
// scratch.
func (b *Block[T]) Start(s *pool.Scratch[T], d, queries int) {
	b.width, b.queries = d, queries
	b.weights = s.Cut(kernel.BlockRows * kernel.BlockCols)
	b.values = s.Cut(d * kernel.BlockCols)
	b.sums = NewHiLo(s, kernel.BlockRows*d)
	b.softmax.Reset()
}

// Add adds what the queries get from the first n keys of k, at most BlockCols, and their
// values v, with a table's kernels if there is one. Query r sees keys 0 to seen+r.
func (b *Block[T]) Add(table *kernel.Table, q, k, v kernel.Rows[T], n, seen int) {
	scale := 1 / math.Sqrt(float64(b.width))
	var products kernel.Block
	kernel.Products(&products, q, k, 0, b.queries, 0, n)
	for r := range b.queries {
		Hide(products.Row(r, n), seen+r+1)
		factor := b.softmax.Update(r, products.Row(r, n), scale)
		row := b.weights[r*kernel.BlockCols:][:n]
		for j, p := range products.Row(r, n) {
			row[j] = T(p)
			b.softmax.Sum[r] += float64(row[j])
		}
		b.sums.Scale(r*b.width, b.width, factor)
	}
	kernel.Transpose(table, b.values[:b.width*n], v.V, n, b.width, v.Stride)
	b.sums.Add(kernel.Rows[T]{V: b.weights, N: n, Stride: kernel.BlockCols}, kernel.Rows[T]{V: b.values, N: n, Stride: n}, b.queries, b.width)
}

// Hide gives the scores from a key on no weight: those are of keys that come after the query,
// where attention is causal.
func Hide(scores []float64, from int) {
	for j := max(from, 0); j < len(scores); j++ {
		scores[j] = math.Inf(-1)
	}
}

// Value is element j of query r's result.
func (b *Block[T]) Value(r, j int) float64 { return b.sums.Get(r*b.width+j) / b.softmax.Sum[r] }

// Softmax is the running maximum and sum of a block of rows.
type Softmax struct{ Max, Sum [kernel.BlockRows]float64 }

// Reset begins rows without any score.
func (s *Softmax) Reset() {
	for i := range s.Max {
		s.Max[i] = math.Inf(-1)
	}
}

// Update makes exp(scale·product - max) of products, where max is the largest so far of
// row r. It returns the factor for what was summed with the maximum before, and applies it
// to the row's sum.
func (s *Softmax) Update(r int, p []float64, scale float64) (factor float64) {
	m := s.Max[r]
	for j, v := range p {
		v *= scale
		p[j] = v
		m = max(m, v) // NaN wins
	}
	shift := m
	if math.IsInf(m, -1) {
		shift = 0 // nothing but -Inf yet: all weights are 0, not NaN
	}
	factor = math.Exp(s.Max[r] - shift)
	s.Max[r] = m
	s.Sum[r] *= factor
	for j, v := range p {
		p[j] = math.Exp(v - shift)
	}
	return factor
}

// Heads is a (Tokens, Stride) matrix of which a head's queries, keys or values are Width
// columns.
type Heads[T kernel.Float] struct {
	V             []T
	Width, Stride int
}

// At is a head's columns from column c on, by rows from row r on.
func (h Heads[T]) At(r, c int) kernel.Rows[T] {
	return kernel.Rows[T]{V: h.V[min(r*h.Stride+c, len(h.V)):], N: h.Width, Stride: h.Stride}
}
