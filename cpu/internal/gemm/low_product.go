package gemm

import (
	"unsafe"

	"cradio/cpu/internal/form"
	"cradio/cpu/internal/kernel"
	"cradio/cpu/internal/pool"
)

// LowProduct is a product of activations and weights in a form of low precision, with what
// follows it: y = residual + scale · gelu(x·Wᵀ + bias). Each part is left out where its
// field is nil or false.
type LowProduct struct {
	X        *form.Activations // (Rows, In), in the form of W
	W        *LowMatrix        // (Out, In)
	Y        []float32         // (Rows, Out), or nil:
	LowY     *form.Activations // (Rows, Out), BFloat16
	Bias     []float32         // (Out) or nil
	Rows     int
	GELU     bool
	Scale    []float32 // (Out) or nil
	Residual []float32 // (Rows, Out) or nil, and then Y is not
	Tokens   int       // rows of an image, or 0

	words   lowTiled // where W's words are multiplied as they are
	amx     lowAMX   // and there are AMX tiles
	widened Product  // where X and W are widened first
}

// Run computes y.
func (op *LowProduct) Run(p *pool.Pool) {
	w := op.W
	tiles, widen := tilesOf(w.table, w.form)
	if widen {
		op.widened = Product{Table: w.table, tiles: tiles, M: op.Rows, N: w.Rows, Depth: w.depth(), short: w.short, low: op, Tokens: op.Tokens}
		op.widened.Run(p)
		return
	}
	op.words = lowTiled{LowProduct: op, table: w.table, tiles: tiles, depth: w.depth(), pool: p}
	if w.table.AMX != nil {
		op.amx.lowTiled = op.words
		op.amx.run(p)
		return
	}
	op.words.run(p)
}

// tileOf says which elements of y a tile has: rows from row on, of a panel.
type tileOf struct{ panel, row, rows int }

// result is where a tile, cols wide, begins in y, and the distance of rows in bytes.
func (op *LowProduct) result(to tileOf, cols int) (y unsafe.Pointer, ldy int) {
	col := to.panel * cols
	if op.LowY != nil {
		ldy = form.Stride(form.BFloat16, op.W.Rows)
		return unsafe.Pointer(&op.LowY.Data[to.row*ldy+2*col]), ldy
	}
	return kernel.At(op.Y, to.row*op.W.Rows+col), 4 * op.W.Rows
}

// finishSums makes elements of y of the sums of a tile, cols wide.
func (op *LowProduct) finishSums(k *kernel.Table, cols int, to tileOf, sums, y unsafe.Pointer, ldy int) {
	out, col := op.W.Rows, to.panel*cols
	w := min(cols, out-col)
	bias, scale, residual, gelu := kernel.At(op.Bias, col), kernel.At(op.Scale, col), unsafe.Pointer(nil), 0
	if op.GELU {
		gelu = 1
	}
	rounded := 1
	if op.LowY == nil {
		rounded, residual = 0, kernel.At(op.Residual, to.row*out+col)
	}
	switch {
	case op.W.form == form.Int8:
		ldx := form.Stride(form.Int8, op.X.Cols)
		tail := unsafe.Pointer(&op.X.Data[(to.row+1)*ldx-form.TailBytes])
		k.EpilogueInt8[rounded](y, ldy, sums, to.rows, w, bias, scale, residual, gelu, tail, ldx, kernel.At(op.W.scales, col), kernel.At(op.W.totals, col))
	case rounded == 1:
		k.EpilogueBFloat16(y, ldy, sums, to.rows, w, bias, scale, nil, gelu)
	default:
		k.Epilogue(y, ldy, sums, to.rows, w, bias, scale, residual, gelu)
	}
	if rounded == 1 && col+w == out && 2*cols < pool.CacheLine { // else the tile is as wide as the row is padded
		for r := range to.rows {
			form.Pad(op.LowY, to.row+r)
		}
	}
}
