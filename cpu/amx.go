package cpu

import "unsafe"

// amxKernels are the inner loops on AMX tiles: see internal/gen/amx_gemm.go. The
// other kernels of that level are those of AVX-512.
type amxKernels struct {
	pairs, fours        amxProduct
	parts               func(k int, a unsafe.Pointer, lda int, b, c unsafe.Pointer, add, blocks, low int, shapes unsafe.Pointer, next uintptr, part unsafe.Pointer)
	cutRows             func(dst unsafe.Pointer, ldd int, src unsafe.Pointer, lds, rows, n int, top unsafe.Pointer)
	cutPanel, joinPanel func(dst, src unsafe.Pointer, steps int)
	finish              [2]amxFinish // of pairs, of fours
	raiseTops           func(top, x unsafe.Pointer, n int)
	scaleRows           func(x unsafe.Pointer, n int, factor unsafe.Pointer)
}

type amxProduct = func(k int, a unsafe.Pointer, lda int, b, c unsafe.Pointer, add, blocks, low int, shapes unsafe.Pointer, next uintptr)

// amxFinish are products that are finished at once: see internal/gen/amx_finish.go.
type amxFinish struct{ rounded, gelu, residual finishFunc }

type finishFunc = func(k int, a unsafe.Pointer, lda int, b, c unsafe.Pointer, add, blocks, low int, shapes unsafe.Pointer, next uintptr,
	part unsafe.Pointer, last int, y unsafe.Pointer, ldy int, bias, scale, residual, x unsafe.Pointer, ldx int, weights, totals unsafe.Pointer)

const (
	tileRows  = 16
	tileBlock = 2 * tileRows // rows of A that a kernel takes at a time
	tileCols  = 32           // columns of a panel
	tileStep  = 64           // bytes of a row of A that a kernel takes at a time
)

// tileShapes is a configuration of AMX tiles, as LDTILECFG reads it.
type tileShapes struct {
	palette byte
	_       [15]byte
	bytes   [16]uint16
	rows    [16]byte
}

// shapesFor are the configurations for blocks of so many rows: tiles 0 to 3 have
// the sums, 4 and 5 rows of A, 6 and 7 units of B.
var shapesFor = func() (all [tileBlock + 1]tileShapes) {
	for rows := 1; rows <= tileBlock; rows++ {
		s := &all[rows]
		s.palette = 1
		high := max(rows-tileRows, 0)
		for tile, n := range [...]int{rows - high, rows - high, high, high, rows - high, high, tileRows, tileRows} {
			if n > 0 {
				s.rows[tile], s.bytes[tile] = byte(n), tileStep
			}
		}
	}
	return all
}()

// tileCall is a call of a kernel for some blocks of rows, all of one shape.
type tileCall struct {
	row, blocks, low int
	last             int // rows of the last block
	shapes           unsafe.Pointer
}

// tileCalls are the calls for so many rows: one for whole blocks, one for the
// rows that are left.
func tileCalls(rows int) (calls [2]tileCall, n int) {
	whole := rows / tileBlock
	if whole > 0 {
		calls[0] = tileCall{blocks: whole, last: tileBlock, shapes: unsafe.Pointer(&shapesFor[tileBlock])}
		n++
	}
	if rest := rows - whole*tileBlock; rest > 0 {
		calls[n] = tileCall{row: whole * tileBlock, blocks: 1, last: rest, shapes: unsafe.Pointer(&shapesFor[rest])}
		if rest <= tileRows {
			calls[n].low = 1
		}
		n++
	}
	return calls, n
}
