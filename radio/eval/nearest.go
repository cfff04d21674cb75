package eval

import (
	"context"
	"fmt"
	"math"
	"slices"

	"cradio/cpu"
)

// Options are those of the searches and fits here. The zero value is valid.
type Options struct {
	Pool *cpu.Pool // nil means cpu.Default
	// Progress is told after each step how many are done, of how many. It may be nil.
	Progress func(done, total int)
}

func (o Options) pool() *cpu.Pool {
	if o.Pool == nil {
		return cpu.Default()
	}
	return o.Pool
}

// Neighbours are the nearest rows of each of Q queries, the nearest first.
type Neighbours struct {
	K      int
	Rows   []int32   // (Q, K), rows of train
	Cosine []float64 // (Q, K), their cosine similarity
}

// Queries returns Q.
func (n *Neighbours) Queries() int { return len(n.Rows) / n.K }

// The blocks of a search. A block of products, 4 MB, stays in the last-level cache.
const (
	trainBlock = 4096
	queryBlock = 256
	// spare is how many rows more than k are kept, until the exact cosine decides.
	spare = 8
)

// Nearest returns the k rows of train (N, width) with the largest cosine similarity to each
// of queries (Q, width). Of equal ones, the row that comes first is nearer. A row of zeros
// has similarity 0.
//
// Every row is compared, in blocks of rows: the memory beside the arguments is that of the
// queries, and some 20·Q·k bytes. Of each query the best k and a few more are compared again,
// in float64. Where the processor multiplies bfloat16, the first comparison is in bfloat16, and
// in float32 for those queries of which it cannot be sure.
func Nearest(ctx context.Context, train, queries []float32, width, k int, opt Options) (*Neighbours, error) {
	if err := checkRows("train", train, width); err != nil {
		return nil, err
	}
	if err := checkRows("queries", queries, width); err != nil {
		return nil, err
	}
	n := len(train) / width
	switch {
	case k < 1:
		return nil, fmt.Errorf("k is %d: must be at least 1", k)
	case k > n:
		return nil, fmt.Errorf("k is %d, but train has only %s: give a k of at most %d", k, rowsOf(n), n)
	case n > math.MaxInt32:
		return nil, fmt.Errorf("train has %d rows: must be at most %d", n, math.MaxInt32)
	}
	rounded := opt.pool().Level() >= cpu.AVX512BF16
	s := newSearch(train, queries, width, k, rounded)
	if err := s.run(ctx, opt); err != nil || !rounded {
		return s.out, err
	}
	return s.out, s.again(ctx, opt)
}

func rowsOf(n int) string {
	if n == 1 {
		return "1 row"
	}
	return fmt.Sprintf("%d rows", n)
}

// search is the comparison of all rows of train with some queries.
type search struct {
	train, queries []float32
	width, k, kept int
	rounded        bool             // products are in bfloat16: see rounded.go
	unit           []float32        // of queries, or:
	units          *cpu.Activations // the same in bfloat16
	lengths        []float64        // of the rows of train
	products       []float32        // of a block of queries and a block of train
	found          []candidate      // (Q, kept): for each query a heap, the worst first
	out            *Neighbours

	off, queryOff []float64 // (N), (Q): how far rounding to bfloat16 moves unit vectors
	mostOff       float64   // of off
	unsure        []bool    // (Q): whether a row that was not kept may be nearer

	// The block in progress.
	rows, firstRow       int
	queryRows, firstQ    int
	fillFrom, fillInto   []float32
	fillLengths, fillOff []float64
}

func newSearch(train, queries []float32, width, k int, rounded bool) *search {
	n, q := len(train)/width, len(queries)/width
	s := &search{
		train: train, queries: queries, width: width, k: k, kept: min(k+spare, n), rounded: rounded,
		lengths: make([]float64, n), products: make([]float32, min(queryBlock, q)*min(trainBlock, n)),
		out: &Neighbours{K: k, Rows: make([]int32, q*k), Cosine: make([]float64, q*k)},
	}
	if rounded {
		s.kept = min(k+roundedSpare, n)
		s.off, s.queryOff, s.unsure = make([]float64, n), make([]float64, q), make([]bool, q)
	}
	s.found = make([]candidate, q*s.kept)
	for i := range s.found {
		s.found[i] = candidate{float32(math.Inf(-1)), -1}
	}
	return s
}

// candidate is a row of train that may be among the nearest.
type candidate struct {
	similarity float32
	row        int32
}

// worse reports whether a is farther than b.
func (a candidate) worse(b candidate) bool {
	return a.similarity < b.similarity || a.similarity == b.similarity && a.row > b.row
}

func (s *search) run(ctx context.Context, opt Options) error {
	pool := opt.pool()
	pool.Enter()
	defer pool.Leave()
	n, q := len(s.train)/s.width, len(s.queries)/s.width
	s.unit = make([]float32, len(s.queries))
	s.normalise(pool, s.unit, s.queries, make([]float64, q), s.queryOff)
	if s.rounded {
		if err := s.roundQueries(pool); err != nil {
			return err
		}
	}
	block := make([]float32, min(trainBlock, n)*s.width)
	total := pieces(n, trainBlock)
	for i := range total {
		s.firstRow = i * trainBlock
		s.rows = min(trainBlock, n-s.firstRow)
		block = block[:s.rows*s.width]
		s.normalise(pool, block, s.train[s.firstRow*s.width:][:len(block)], s.lengths[s.firstRow:], s.off[min(s.firstRow, len(s.off)):])
		multiply := s.packed(pool, block)
		for s.firstQ = 0; s.firstQ < q; s.firstQ += queryBlock {
			if err := ctx.Err(); err != nil {
				return err
			}
			s.queryRows = min(queryBlock, q-s.firstQ)
			if err := multiply(); err != nil {
				return err
			}
			pool.Run(pieces(s.queryRows, keepPiece), (*keepTask)(s))
		}
		if opt.Progress != nil {
			opt.Progress(i+1, total)
		}
	}
	if s.rounded {
		s.mostOff = slices.Max(s.off)
	}
	pool.Run(pieces(q, rankPiece), (*rankTask)(s))
	return ctx.Err()
}

// packed is what multiplies the block of queries by a block of train.
func (s *search) packed(pool *cpu.Pool, block []float32) func() error {
	if s.rounded {
		return s.packedRounded(pool, block)
	}
	w := cpu.Pack(pool, block, s.rows, s.width)
	return func() error {
		op := cpu.Linear[float32]{
			Y: s.products[:s.queryRows*s.rows], X: s.unit[s.firstQ*s.width:][:s.queryRows*s.width], W: w, Rows: s.queryRows,
		}
		if err := op.Check(); err != nil {
			return err
		}
		op.Run(pool)
		return nil
	}
}

// The rows that one piece of a task handles.
const (
	keepPiece      = 8
	rankPiece      = 16
	normalisePiece = 64
)

func pieces(n, size int) int { return (n + size - 1) / size }

// normalise divides rows by their lengths, which it stores, and how far bfloat16 is from the result.
func (s *search) normalise(pool *cpu.Pool, to, from []float32, lengths, off []float64) {
	s.fillInto, s.fillFrom, s.fillLengths, s.fillOff = to, from, lengths, off
	pool.Run(pieces(len(from)/s.width, normalisePiece), (*normaliseTask)(s))
}

type normaliseTask search

func (s *normaliseTask) Do(_, i int) {
	first := i * normalisePiece
	for r := first; r < min(first+normalisePiece, len(s.fillFrom)/s.width); r++ {
		from, to := s.fillFrom[r*s.width:][:s.width], s.fillInto[r*s.width:][:s.width]
		scale := 0.0
		s.fillLengths[r] = length(from)
		if s.fillLengths[r] > 0 {
			scale = 1 / s.fillLengths[r]
		}
		for j, v := range from {
			to[j] = float32(float64(v) * scale)
		}
		if s.rounded {
			s.fillOff[r] = moved(to)
		}
	}
}

// keepTask keeps the best rows of a block for some queries.
type keepTask search

func (s *keepTask) Do(_, i int) {
	first := i * keepPiece
	for r := first; r < min(first+keepPiece, s.queryRows); r++ {
		heap := s.found[(s.firstQ+r)*s.kept:][:s.kept]
		bar := heap[0].similarity
		for j, v := range s.products[r*s.rows:][:s.rows] {
			if v > bar { // an equal one comes later, and so is farther
				heap[0] = candidate{v, int32(s.firstRow + j)}
				sink(heap)
				bar = heap[0].similarity
			}
		}
	}
}

// sink restores the order of a heap whose first element was replaced.
func sink(heap []candidate) {
	for i := 0; ; {
		child := 2*i + 1
		if child >= len(heap) {
			return
		}
		if child+1 < len(heap) && heap[child+1].worse(heap[child]) {
			child++
		}
		if !heap[child].worse(heap[i]) {
			return
		}
		heap[i], heap[child] = heap[child], heap[i]
		i = child
	}
}

// length returns the Euclidean length of a vector.
func length(x []float32) float64 { return math.Sqrt(dot(x, x)) }
