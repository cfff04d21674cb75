package cpu

import "unsafe"

// result is where a tile, cols wide, begins in Y, and the distance of rows in bytes.
func (op *NarrowLinear) result(to tileOf, cols int) (y unsafe.Pointer, ldy int) {
	col := to.panel * cols
	if op.NarrowY != nil {
		ldy = NarrowStride(BFloat16, op.W.Rows)
		return unsafe.Pointer(&op.NarrowY.Data[to.row*ldy+2*col]), ldy
	}
	return at(op.Y, to.row*op.W.Rows+col), 4 * op.W.Rows
}

// finishSums makes elements of Y, from y on, of the sums of a tile, cols wide.
func (op *NarrowLinear) finishSums(k *kernels, cols int, to tileOf, sums, y unsafe.Pointer, ldy int) {
	out, col := op.W.Rows, to.panel*cols
	w := min(cols, out-col)
	bias, scale, residual, gelu := at(op.Bias, col), at(op.Scale, col), unsafe.Pointer(nil), op.gelu()
	narrow := 1
	if op.NarrowY == nil {
		narrow, residual = 0, at(op.Residual, to.row*out+col)
	}
	switch {
	case op.W.Precision == Int8:
		ldx := NarrowStride(Int8, op.X.Cols)
		tail := unsafe.Pointer(&op.X.Data[(to.row+1)*ldx-narrowTail])
		k.epilogueQuantised[narrow](y, ldy, sums, to.rows, w, bias, scale, residual, gelu, tail, ldx, at(op.W.scales, col), at(op.W.totals, col))
	case narrow == 1:
		k.epilogueRounded(y, ldy, sums, to.rows, w, bias, scale, nil, gelu)
	default:
		k.epilogue(y, ldy, sums, to.rows, w, bias, scale, residual, gelu)
	}
	if narrow == 1 && col+w == out && 2*cols < cacheLine { // else the tile is as wide as the row is padded
		for r := range to.rows {
			op.NarrowY.pad(to.row + r)
		}
	}
}
