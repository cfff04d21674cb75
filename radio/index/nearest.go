package index

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sync/atomic"

	"cradio/cpu"
)

// rows are what a search compares: rows of a source, and their codes.
type rows struct {
	width, padded, n int
	codes            []int8    // (n, padded); what follows says which count
	scale            []float32 // (n)
	// bound (n) is how far a row may be from its codes: the residual, none if it has no codes, and
	// absent if it is no row of a picture.
	bound []float32
	mean  []float32 // (width)
	row   func(i int) []float32
}

var (
	none   = float32(math.Inf(1))
	absent = float32(math.Inf(-1))
)

// slack is more than the roundings of the bounds themselves, which are in float32.
const slack = 2e-6

// The pieces of a search.
const (
	scanRows   = 1 << 16 // rows whose products are computed at once
	boundRows  = 1 << 12
	rerankRows = 4
	mostLater  = 1 << 16 // candidates of a thread, before those that are too far are dropped
)

// scored is a row and its cosine.
type scored struct {
	row   int
	score float64
}

// nearer orders rows: the best first, and of equal ones that which comes first.
func nearer(a, b scored) int {
	return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.row, b.row))
}

// nearest returns the k rows with the largest cosines to a query, the best first. There may be fewer.
func (r *rows) nearest(ctx context.Context, pool *cpu.Pool, query []float32, k int) ([]scored, error) {
	q := unit(query)
	n := &nearest{rows: r, k: k, finders: make([]finder, pool.Threads())}
	n.prepare(q)
	pool.Enter()
	defer pool.Leave()
	y := make([]int32, min(scanRows, r.n))
	for n.first = 0; n.first < r.n; n.first += scanRows {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		n.products = y[:min(scanRows, r.n-n.first)]
		if have := len(r.codes) / r.padded; have < n.first+len(n.products) {
			clear(n.products) // rows beyond have no codes
			n.scan(pool, n.products[:max(0, have-n.first)])
		} else {
			n.scan(pool, n.products)
		}
		pool.Run((len(n.products)+boundRows-1)/boundRows, n)
	}
	return n.rerank(ctx, pool, q)
}

// nearest is a search in progress.
type nearest struct {
	*rows
	k        int
	finders  []finder // by thread
	floor    atomic.Uint32
	codes16  []int16 // the query
	step     float32 // of codes16
	base     float32 // the product of the query and the mean
	rounding float32 // the length of what is left of the query
	first    int     // row of the products
	products []int32
}

// finder is what a thread has found.
type finder struct {
	lowest []float32 // a heap of the k largest lower bounds, the smallest first
	later  []candidate
	_      [64]byte
}

// candidate is a row that may be among the nearest, and the bounds of its cosine.
type candidate struct {
	row          int32
	lower, upper float32
}

// prepare makes the codes of a query of length 1.
func (n *nearest) prepare(q []float64) {
	n.floor.Store(math.Float32bits(-2)) // below any cosine
	n.codes16 = make([]int16, n.padded)
	most, base := 0.0, 0.0
	for i, v := range q {
		most = max(most, math.Abs(v))
		if n.mean != nil {
			base += v * float64(n.mean[i])
		}
	}
	n.base = float32(base)
	step := most / float64(cpu.ScanMost(n.padded))
	n.step = float32(step)
	if n.step == 0 {
		n.step = 1
	}
	square := 0.0
	for i, v := range q {
		limit := float64(cpu.ScanMost(n.padded))
		c := min(max(math.RoundToEven(v/float64(n.step)), -limit), limit)
		n.codes16[i] = int16(c)
		v -= c * float64(n.step)
		square += v * v
	}
	n.rounding = float32(math.Sqrt(square)*(1+1e-6) + 1e-7)
}

// scan computes the products of the first rows.
func (n *nearest) scan(pool *cpu.Pool, y []int32) {
	if len(y) == 0 {
		return
	}
	op := cpu.Scan{Y: y, X: n.codes[n.first*n.padded:][:len(y)*n.padded], Query: n.codes16, Rows: len(y), Cols: n.padded}
	op.Run(pool)
}

// Do bounds the cosines of some rows, and keeps those that may be among the nearest.
func (n *nearest) Do(worker, piece int) {
	f := &n.finders[worker]
	floor := math.Float32frombits(n.floor.Load())
	lo := piece * boundRows
	hi := min(lo+boundRows, len(n.products))
	scales, bounds := n.scale[n.first+lo:n.first+hi], n.bound[n.first+lo:n.first+hi]
	for i, p := range n.products[lo:hi] {
		// A row is mean + s·c + e, and the query t·d + f: their product is mean·q + s·t·(c·d), to
		// within |e| + |f|·|s·c|, and |s·c| ≤ 2 + |e|.
		e := bounds[i]
		about := n.base + float32(p)*(scales[i]*n.step)
		within := e + n.rounding*(2+e) + slack
		if upper := about + within; upper >= floor {
			floor = max(floor, f.keep(candidate{int32(n.first + lo + i), about - within, upper}, n.k))
		}
	}
	n.raise(floor)
	if len(f.later) > mostLater {
		f.drop(math.Float32frombits(n.floor.Load()))
	}
}

// raise raises the floor.
func (n *nearest) raise(to float32) {
	for {
		was := n.floor.Load()
		if to <= math.Float32frombits(was) || n.floor.CompareAndSwap(was, math.Float32bits(to)) {
			return
		}
	}
}

// keep adds a candidate. It returns a cosine that k rows have reached, so far.
func (f *finder) keep(c candidate, k int) (floor float32) {
	f.later = append(f.later, c)
	h := f.lowest
	switch {
	case !(c.lower > -2): // no codes
	case len(h) < k:
		h = append(h, c.lower)
		f.lowest = h
		for i := len(h) - 1; i > 0 && h[i] < h[(i-1)/2]; i = (i - 1) / 2 {
			h[i], h[(i-1)/2] = h[(i-1)/2], h[i]
		}
	case c.lower > h[0]:
		h[0] = c.lower
		for i := 0; 2*i+1 < len(h); {
			child := 2*i + 1
			if child+1 < len(h) && h[child+1] < h[child] {
				child++
			}
			if h[i] <= h[child] {
				break
			}
			h[i], h[child] = h[child], h[i]
			i = child
		}
	}
	if len(h) < k || k == 0 {
		return -2
	}
	return h[0]
}

// drop drops candidates that cannot reach the floor.
func (f *finder) drop(floor float32) {
	f.later = slices.DeleteFunc(f.later, func(c candidate) bool { return c.upper < floor })
}

// rerank computes the cosines of the candidates, those with the largest upper bounds first, until no
// other can be among the nearest.
func (n *nearest) rerank(ctx context.Context, pool *cpu.Pool, q []float64) ([]scored, error) {
	var all []candidate
	for i := range n.finders {
		n.finders[i].drop(math.Float32frombits(n.floor.Load()))
		all = append(all, n.finders[i].later...)
	}
	slices.SortFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.upper, a.upper), cmp.Compare(a.row, b.row))
	})
	t := &exactly{rows: n.rows, q: q, found: make([]scored, len(all))}
	var best []scored
	size := 8 * rerankRows * pool.Threads()
	for len(all) > 0 {
		if len(best) == n.k && float64(all[0].upper) < best[n.k-1].score {
			break
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		t.candidates = all[:min(size, len(all))]
		all = all[len(t.candidates):]
		pool.Run((len(t.candidates)+rerankRows-1)/rerankRows, t)
		best = append(best, t.found[:len(t.candidates)]...)
		slices.SortFunc(best, nearer)
		best = best[:min(n.k, len(best))]
		size = min(2*size, 1<<16) // where bounds do not tell rows apart
	}
	return best, ctx.Err()
}

// exactly computes cosines in float64.
type exactly struct {
	*rows
	q          []float64
	candidates []candidate
	found      []scored
}

// Do computes some.
func (t *exactly) Do(_, piece int) {
	lo := piece * rerankRows
	for i := lo; i < min(lo+rerankRows, len(t.candidates)); i++ {
		row := int(t.candidates[i].row)
		t.found[i] = scored{row, cosine(t.q, t.row(row))}
	}
}
