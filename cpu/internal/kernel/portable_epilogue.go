package kernel

import "unsafe"

// epilogue finishes rows of a tile: see portableEpilogue.
type epilogue struct {
	bias, scale []float32 // of the columns, or nil
	gelu        bool
}

// epilogueOf is the epilogue of so many columns.
func epilogueOf(cols int, bias, scale unsafe.Pointer, gelu int) (e epilogue) {
	if bias != nil {
		e.bias = floats(bias, cols)
	}
	if scale != nil {
		e.scale = floats(scale, cols)
	}
	e.gelu = gelu != 0
	return e
}

// finish makes scale·gelu(v + bias) of sums v.
func (e *epilogue) finish(v []float32) {
	if e.bias != nil {
		for c, b := range e.bias[:len(v)] {
			v[c] += b
		}
	}
	if e.gelu {
		for c, x := range v {
			v[c] = geluOf(x)
		}
	}
	if e.scale != nil {
		for c, s := range e.scale[:len(v)] {
			v[c] *= s
		}
	}
}

// valuesOf is a copy of sums in room, or sums where they are more.
func valuesOf(room *[portableCols]float32, sums []float32) []float32 {
	if len(sums) > portableCols {
		return sums
	}
	return room[:copy(room[:], sums)]
}

// store writes v to a row of y, and adds the row of residual, if there is one.
func store(y, residual unsafe.Pointer, v []float32) {
	to := floats(y, len(v))
	if residual == nil {
		copy(to, v)
		return
	}
	for c, r := range floats(residual, len(v)) {
		to[c] = v[c] + r
	}
}

// storeBFloat16 writes v to a row of y, and zeros up to the width of the tile.
func storeBFloat16(y unsafe.Pointer, v []float32) {
	to := unsafe.Slice((*uint16)(y), max(len(v), portableCols))
	for c, x := range v {
		to[c] = RoundBFloat16(x)
	}
	clear(to[len(v):])
}

// portableEpilogue is y = residual + scale·gelu(sum + bias), in float32: see plainEpilogue. A row
// alone may have more columns than a tile, and then sums are overwritten.
func portableEpilogue(y unsafe.Pointer, ldy int, tile unsafe.Pointer, rows, cols int, bias, scale, residual unsafe.Pointer, gelu int) {
	e := epilogueOf(cols, bias, scale, gelu)
	for r := range rows {
		var room [portableCols]float32
		v := valuesOf(&room, floats(unsafe.Add(tile, 4*r*portableCols), cols))
		e.finish(v)
		store(unsafe.Add(y, r*ldy), after(residual, r*ldy), v)
	}
}

func portableEpilogueBFloat16(y unsafe.Pointer, ldy int, tile unsafe.Pointer, rows, cols int, bias, scale, _ unsafe.Pointer, gelu int) {
	e := epilogueOf(cols, bias, scale, gelu)
	for r := range rows {
		var room [portableCols]float32
		v := valuesOf(&room, floats(unsafe.Add(tile, 4*r*portableCols), cols))
		e.finish(v)
		storeBFloat16(unsafe.Add(y, r*ldy), v)
	}
}

// quantised are values of sums of quantised operands: see plainEpilogueInt8.
type quantised struct {
	tile, x         unsafe.Pointer
	ldx             int
	weights, totals []float32
}

// row writes the values of row r to v.
func (q *quantised) row(v []float32, r int) {
	scale, offset := floatAt(q.x, r*q.ldx), floatAt(q.x, r*q.ldx+4)
	for c, s := range unsafe.Slice((*int32)(unsafe.Add(q.tile, 4*r*portableCols)), len(v)) {
		v[c] = scale*q.weights[c]*float32(s) + offset*q.totals[c]
	}
}

func portableEpilogueInt8(y unsafe.Pointer, ldy int, tile unsafe.Pointer, rows, cols int, bias, scale, residual unsafe.Pointer, gelu int, x unsafe.Pointer, ldx int, weights, totals unsafe.Pointer) {
	e, q := epilogueOf(cols, bias, scale, gelu), quantised{tile, x, ldx, floats(weights, cols), floats(totals, cols)}
	for r := range rows {
		var room [portableCols]float32
		v := room[:cols]
		q.row(v, r)
		e.finish(v)
		store(unsafe.Add(y, r*ldy), after(residual, r*ldy), v)
	}
}

func portableEpilogueInt8BFloat16(y unsafe.Pointer, ldy int, tile unsafe.Pointer, rows, cols int, bias, scale, _ unsafe.Pointer, gelu int, x unsafe.Pointer, ldx int, weights, totals unsafe.Pointer) {
	e, q := epilogueOf(cols, bias, scale, gelu), quantised{tile, x, ldx, floats(weights, cols), floats(totals, cols)}
	for r := range rows {
		var room [portableCols]float32
		v := room[:cols]
		q.row(v, r)
		e.finish(v)
		storeBFloat16(unsafe.Add(y, r*ldy), v)
	}
}
