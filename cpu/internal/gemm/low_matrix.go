package gemm

import (
	"unsafe"

	"cradio/cpu/internal/form"
	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// LowMatrix is a weight with Rows outputs and Cols inputs, rounded to a form of low
// precision and packed for the kernels of a level. It is never written, so any number of
// operations may share it.
//
// Words are 32 bits, two bfloat16 or four int8, in panels of as many outputs as a register
// tile has columns. Levels without instructions for them keep short words of 16 bits, a
// bfloat16 or two int8, and widen a slice at a time: to float32, or two int16. Levels
// without tiles keep what the rounded weights stand for.
type LowMatrix struct {
	form       form.Form
	Rows, Cols int
	values     []float32 // (Rows, Cols): what the rounded weights stand for, or nil:
	short      []uint16  // (⌈Rows/cols⌉, depth, cols), to be widened for tiles of table, or nil:
	words      []uint32  // (⌈Rows/cols⌉, depth, cols), for tiles of table
	scales     []float32 // (⌈Rows/cols⌉·cols), of Int8: what 1 stands for in each output,
	totals     []float32 // and the sum of what its weights stand for
	table      *kernel.Table
}

// PackLow rounds a weight w (rows, cols) to BFloat16 or Int8, and packs it for the pool's
// kernels. w must have rows·cols elements, or nothing is packed.
func PackLow(p *pool.Pool, w []float32, rows, cols int, f form.Form) *LowMatrix {
	m := &LowMatrix{form: f, Rows: rows, Cols: cols}
	size, ok := pool.Size(rows, cols)
	if !ok || size != len(w) || size == 0 || f != form.BFloat16 && f != form.Int8 {
		return m
	}
	m.table = p.Table()
	t := lowPacking{m: m, w: w, pool: p}
	n := rows
	tiles, widen := tilesOf(m.table, f)
	if tiles == nil {
		m.values = make([]float32, size)
	} else {
		n = pool.Blocks(rows, tiles.Cols)
		if words := n * tiles.Cols * m.depth(); widen {
			m.short = shortOf(pool.Aligned(pool.Blocks(words, 2)))
		} else {
			m.words = wordsOf(pool.Aligned(words))
		}
		if f == form.Int8 {
			m.scales, m.totals = pool.Aligned(n*tiles.Cols), pool.Aligned(n*tiles.Cols)
		}
	}
	p.Run(n, &t)
	return m
}

// tilesOf are the tiles that multiply a form, nil if there are none, and whether short
// words are widened for them.
func tilesOf(k *kernel.Table, f form.Form) (t *kernel.Tiles, widen bool) {
	switch {
	case f == form.BFloat16 && k.BFloat16.Multiply():
		return &k.BFloat16, false
	case f == form.BFloat16 && k.Widened.Multiply():
		return &k.Widened, true
	case f == form.Int8 && k.Int8.Multiply():
		return &k.Int8, false
	case f == form.Int8 && k.Int16.Multiply():
		return &k.Int16, true
	}
	return nil, false
}

// depth is how many words a row has.
func (m *LowMatrix) depth() int { return depthOf(m.table, m.form, m.Cols) }

// depthOf is how many words cols elements become: with AMX, those of whole steps of its
// tiles, and pairs where tiles take them.
func depthOf(k *kernel.Table, f form.Form, cols int) int {
	tiles, _ := tilesOf(k, f)
	n := wordsFor(tiles, cols)
	if k.AMX != nil {
		n = pool.Blocks(n, stepWords) * stepWords
	}
	return n
}

// wordsFor is how many words n elements become for tiles.
func wordsFor(t *kernel.Tiles, n int) int {
	n = pool.Blocks(n, t.PerWord)
	if t.ByPairs {
		n += n % 2
	}
	return n
}

// Values are what the rounded weights stand for, nil if they are packed for tiles.
func Values(m *LowMatrix) []float32 { return m.values }

// FormOf is the form of the weights.
func FormOf(m *LowMatrix) form.Form { return m.form }

// IsTiled reports whether m is packed for tiles.
func IsTiled(m *LowMatrix) bool { return m.short != nil || m.words != nil }

// LowElements is how many weights there are: those it was given, or has packed.
func LowElements(m *LowMatrix) int {
	if IsTiled(m) {
		return m.Rows * m.Cols
	}
	return len(m.values)
}

// Bytes returns the memory of the matrix.
func (m *LowMatrix) Bytes() int {
	return 2*len(m.short) + 4*(len(m.values)+len(m.words)+len(m.scales)+len(m.totals))
}

// PackedLowBytes returns the Bytes of a LowMatrix of this size, for a table's kernels.
func PackedLowBytes(k *kernel.Table, f form.Form, rows, cols int) int {
	t, widen := tilesOf(k, f)
	if t == nil {
		return 4 * rows * cols
	}
	n := pool.Blocks(rows, t.Cols) * t.Cols
	bytes := n * depthOf(k, f, cols) * 4
	if widen {
		bytes /= 2
	}
	if f == form.Int8 {
		bytes += 2 * 4 * n
	}
	return bytes
}

// wordsOf is the memory of x as words; floatsOf is the reverse.
func wordsOf(x []float32) []uint32 {
	return unsafe.Slice((*uint32)(unsafe.Pointer(unsafe.SliceData(x))), len(x))
}

func floatsOf(x []uint32) []float32 {
	return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(x))), len(x))
}

// shortOf is the memory of x as short words.
func shortOf(x []float32) []uint16 {
	return unsafe.Slice((*uint16)(unsafe.Pointer(unsafe.SliceData(x))), 2*len(x))
}
