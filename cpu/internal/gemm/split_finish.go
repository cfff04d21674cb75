package gemm

import (
	"unsafe"

	"cradio/cpu/internal/kernel"
)

// finishesAtOnce reports whether the last slice makes elements of C: of a whole panel, if it is
// not the only slice.
func (t *splitProduct) finishesAtOnce(j int) bool {
	return (t.first+j+1)*kernel.TileCols <= t.N && t.slice < t.steps
}

// finishAtOnce is a call of the last slice for rows from r on.
func (t *splitProduct) finishAtOnce(c kernel.TileCall, j, r, kn int, a, b, sum unsafe.Pointer, next uintptr, partial unsafe.Pointer) {
	col := (t.first + j) * kernel.TileCols
	residual, ldr := kernel.At(t.Add, r*t.N+col), 4*t.N
	if residual == nil {
		residual, ldr = kernel.At(noResidual[:], 0), 0
	}
	t.Table.AMX.SplitFinish[t.GELU](kn, a, 4*t.stride, b, sum, 1, c.Blocks, c.Low, c.Shapes, next, partial, c.Last,
		kernel.At(t.C, r*t.N+col), 4*t.N, kernel.At(t.Bias, col), kernel.At(t.Scale, col), residual, ldr)
}

// noResidual is added where there is nothing to add.
var noResidual [kernel.TileCols]float32

// fetchResult brings closer the elements of C that finish writes in so many rows from r on.
func (t *Product) fetchResult(j, r, rows int) {
	col := (t.first + j) * t.tiles.Cols
	t.Table.PrefetchWrite(kernel.At(t.C, r*t.N+col), 4*t.N, rows, 4*min(t.tiles.Cols, t.N-col))
}
