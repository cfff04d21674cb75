package attention

import (
	"math"
	"unsafe"

	"cradio/cpu/internal/form"
	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// Where a level multiplies float64 as fast as float32, so does attention: its sums need no short
// chains then. Keys and values of a block are made float64 once for a task, which has many
// blocks of queries, in the layout that Leaf takes.

const (
	leafGroup = 32 // blocks of queries that share keys and values, at most
	leafCols  = kernel.LeafCols
)

// byLeaves reports whether t is computed so.
func (t *Tiled) byLeaves() bool {
	return t.full.Leaf != nil && !t.Causal && t.perWord == 1 && !t.amx && t.leafRoom(1) <= pool.DeepArenaSize/2
}

// leafQueries is a block of queries in progress.
type leafQueries struct {
	first, n int
	q, o     []float64 // (depth, leafCols): qᵀ and oᵀ
	state    kernel.LeafState
}

// leafSizes are what rows are padded to: where they are the depth of a product, and where they
// are rows of its left operand.
func (t *Tiled) leafSizes(n int) (depth, rows int) {
	for rows = n; rows%t.full.LeafRows != 0 && rows%t.full.LeafRows != 2; {
		rows++
	}
	return n + n%2, rows
}

// leafRoom is how many float64 a task of so many blocks of queries needs.
func (t *Tiled) leafRoom(blocks int) int {
	depth, rows := t.leafSizes(t.width())
	keysDeep, keys := t.leafSizes(min(t.Tokens, keyBlock))
	keysDeep, keys = keysDeep+2, keys+2 // a block may have fewer keys, and be padded more
	return keys*depth + keysDeep*rows + max(keys, keysDeep)*leafCols + rows*leafCols + blocks*(depth+rows)*leafCols + leafCols*t.width()
}

// doLeaves computes the task.
func (h task) doLeaves(memory pool.Scratch[float64]) {
	d := h.width()
	depth, rows := h.leafSizes(d)
	values := unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(memory.Cut(leafCols*d)))), leafCols*d)
	var room [leafGroup]leafQueries
	group := room[:0]
	for q0 := h.q0; q0 < h.q1; q0 += leafCols {
		g := leafQueries{first: q0, n: min(leafCols, h.q1-q0), q: memory.Cut(depth * leafCols), o: memory.Cut(rows * leafCols)}
		clear(g.q)
		clear(g.o)
		for c := range g.n {
			for k, v := range h.leafRow(values, queriesOf, q0+c) {
				g.q[k*leafCols+c] = float64(v)
			}
		}
		for c := range g.state.Top {
			g.state.Top[c] = math.Inf(-1)
		}
		group = append(group, g)
	}
	sums := memory.Cut(rows * leafCols)
	blocks := pool.Blocks(h.Tokens, keyBlock)
	for block, k0 := 0, 0; block < blocks; block++ {
		n := pool.Share(h.Tokens, blocks, block)
		m := memory
		deepKeys, keyRows := h.leafSizes(n)
		keys := m.Cut(keyRows * depth)
		columns := m.Cut(deepKeys * rows)
		scores := m.Cut(max(keyRows, deepKeys) * leafCols)
		h.leafKeys(keys, values, k0, n, depth)
		h.leafValues(columns, values, k0, n, deepKeys)
		for i := range group {
			g := &group[i]
			h.full.Leaf(keyRows, depth, kernel.At(keys, 0), kernel.At(g.q, 0), kernel.At(scores, 0), kernel.Differences{})
			clear(scores[n*leafCols:])
			kernel.LeafSoftmax(scores[:n*leafCols], &g.state, float64(h.factor()))
			to := sums
			if block == 0 {
				to = g.o
			}
			h.full.Leaf(rows, deepKeys, kernel.At(columns, 0), kernel.At(scores, 0), kernel.At(to, 0), kernel.Differences{})
			if block > 0 {
				for i, v := range sums {
					g.o[i] = g.o[i]*g.state.Alpha[i%leafCols] + v
				}
			}
		}
		k0 += n
	}
	for i := range group {
		h.storeLeaves(&group[i], values)
	}
}

// leafRow is a token's queries, keys or values, in room where they are not float32.
func (h head) leafRow(room []float32, what, token int) []float32 {
	if h.widened() {
		h.copy(room, what, token, token+1)
		return room[:h.width()]
	}
	return h.from(what, token)[:h.width()]
}

// leafKeys writes n rows of keys from k0 on as Leaf takes rows.
func (h head) leafKeys(dst []float64, room []float32, k0, n, depth int) {
	clear(dst)
	rows := len(dst) / depth
	for r := range n {
		first := r / h.full.LeafRows * h.full.LeafRows
		beside := min(h.full.LeafRows, rows-first)
		to := dst[first*depth+r-first:]
		for k, v := range h.leafRow(room, keysOf, k0+r) {
			to[k*beside] = float64(v)
		}
	}
}

// leafValues writes the columns of n rows of values from k0 on as Leaf takes rows.
func (h head) leafValues(dst []float64, room []float32, k0, n, depth int) {
	clear(dst)
	rows := len(dst) / depth
	for k := range n {
		row := h.leafRow(room, valuesOf, k0+k)
		for first := 0; first < len(row); first += h.full.LeafRows {
			beside := min(h.full.LeafRows, rows-first)
			to := dst[first*depth+k*beside:]
			for i, v := range row[first:min(first+beside, len(row))] {
				to[i] = float64(v)
			}
		}
	}
}

// storeLeaves divides by the sums of weights and writes the result to y.
func (h head) storeLeaves(g *leafQueries, room []float32) {
	d, col := h.width(), h.number*h.width()
	for c := range g.n {
		row, inverse := h.image*h.Tokens+g.first+c, 1/g.state.Sum[c]
		to := room[:d]
		if h.lowY == nil {
			to = h.y[row*h.Dim+col:][:d]
		}
		for i := range to {
			to[i] = float32(g.o[i*leafCols+c] * inverse)
		}
		if h.lowY != nil {
			form.SetAt(h.table, h.lowY, row, col, to)
			if h.number == h.Heads-1 {
				form.Pad(h.lowY, row)
			}
		}
	}
}
