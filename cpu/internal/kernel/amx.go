package kernel

import "unsafe"

// AMXKernels are the inner loops on AMX tiles: see gen/x86/amx_gemm.go. The other kernels
// of that level are those of AVX-512.
//
// A step is TileStep bytes of a row of A. A panel is TileCols columns wide.
type AMXKernels struct {
	BFloat16, Int8 AMXProduct
	Split          func(k int, a unsafe.Pointer, lda int, b, c unsafe.Pointer, add, blocks, low int, shapes unsafe.Pointer, next uintptr, partial unsafe.Pointer)
	SplitFinish    [2]SplitFinishFunc // and with GELU
	SplitRows      func(dst unsafe.Pointer, ldd int, src unsafe.Pointer, lds, rows, n int, top unsafe.Pointer)
	SplitPanel     func(dst, src unsafe.Pointer, steps int, top unsafe.Pointer)
	JoinPanel      func(dst, src unsafe.Pointer, steps int)
	SplitWords     func(panel unsafe.Pointer, ldd int, a, b unsafe.Pointer, n int)
	SplitItems     func(items unsafe.Pointer, n, off, fetch, stride int, dst unsafe.Pointer, term, next int)
	SplitAhead     SplitAheadFunc // of blocks of rows
	SplitAcross    SplitAheadFunc // of panels
	BFloat16Finish AMXFinish
	Int8Finish     AMXFinish
	RaiseTops      func(top, x unsafe.Pointer, n int)
	ScaleRows      func(x unsafe.Pointer, n int, factor unsafe.Pointer)
}

// AMXProduct multiplies blocks of rows of A with a panel.
type AMXProduct = func(k int, a unsafe.Pointer, lda int, b, c unsafe.Pointer, add, blocks, low int, shapes unsafe.Pointer, next uintptr)

// AMXFinish are products whose sums are finished at once: see gen/x86/amx_finish.go.
type AMXFinish struct{ Rounded, GELU, Residual FinishFunc }

// FinishFunc is AMXProduct and what finishes its sums.
type FinishFunc = func(k int, a unsafe.Pointer, lda int, b, c unsafe.Pointer, add, blocks, low int, shapes unsafe.Pointer, next uintptr,
	partial unsafe.Pointer, last int, y unsafe.Pointer, ldy int, bias, scale, residual, x unsafe.Pointer, ldx int, weights, totals unsafe.Pointer)

// SplitFinishFunc is Split for the last slice, and finishes the sums: see
// gen/x86/amx_split_finish.go.
type SplitFinishFunc = func(k int, a unsafe.Pointer, lda int, b, c unsafe.Pointer, add, blocks, low int, shapes unsafe.Pointer, next uintptr,
	partial unsafe.Pointer, last int, y unsafe.Pointer, ldy int, bias, scale, residual unsafe.Pointer, ldr int)

// SplitAheadFunc is Split for whole blocks, of which some split SplitAhead items in each step, and half a block: see
// gen/x86/amx_split_ahead.go.
type SplitAheadFunc = func(k int, a unsafe.Pointer, lda int, b, c unsafe.Pointer, add, ahead, plain, half int, shapes, partial unsafe.Pointer,
	items unsafe.Pointer, off, fetch, stride int, dst unsafe.Pointer, term, next, aStep, bStep int)

// Sizes of AMX tiles and of what a kernel takes.
const (
	TileRows  = 16
	TileBlock = 2 * TileRows // rows of A that a kernel takes at a time
	TileCols  = 32           // columns of a panel
	TileStep  = 64           // bytes of a row of A that a kernel takes at a time
)

// tileShapes is a configuration of AMX tiles, as LDTILECFG reads it.
type tileShapes struct {
	palette byte
	_       [15]byte
	bytes   [16]uint16
	rows    [16]byte
}

// shapesFor are the configurations for blocks of so many rows: tiles 0 to 3 have
// the sums, 4 and 5 rows of A, 6 and 7 rows of B.
var shapesFor = func() (all [TileBlock + 1]tileShapes) {
	for rows := 1; rows <= TileBlock; rows++ {
		s := &all[rows]
		s.palette = 1
		high := max(rows-TileRows, 0)
		for tile, n := range [...]int{rows - high, rows - high, high, high, rows - high, high, TileRows, TileRows} {
			if n > 0 {
				s.rows[tile], s.bytes[tile] = byte(n), TileStep
			}
		}
	}
	return all
}()

// WholeBlocks is the configuration for whole blocks.
var WholeBlocks = unsafe.Pointer(&shapesFor[TileBlock])

// TileCall is a call of a kernel for some blocks of rows, all of one shape.
type TileCall struct {
	Row, Blocks, Low int
	Last             int // rows of the last block
	Shapes           unsafe.Pointer
}

// TileCalls are the calls for so many rows: one for whole blocks, one for the
// rows that are left.
func TileCalls(rows int) (calls [2]TileCall, n int) {
	whole := rows / TileBlock
	if whole > 0 {
		calls[0] = TileCall{Blocks: whole, Last: TileBlock, Shapes: unsafe.Pointer(&shapesFor[TileBlock])}
		n++
	}
	if left := rows - whole*TileBlock; left > 0 {
		calls[n] = TileCall{Row: whole * TileBlock, Blocks: 1, Last: left, Shapes: unsafe.Pointer(&shapesFor[left])}
		if left <= TileRows {
			calls[n].Low = 1
		}
		n++
	}
	return calls, n
}
