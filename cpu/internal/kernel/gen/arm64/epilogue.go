package arm64

import "cradio/cpu/internal/kernel/gen/asm"

// finish is what an epilogue makes of what.
type finish struct {
	name      string
	quantised bool // sums are int32, of quantised operands
	rounded   bool // y is bfloat16
}

// Vectors of an epilogue: 3 to 9 are for gelu and rounding, and from 13 on there are
// constants.
const (
	epValue, epBias, epScale    = 0, 1, 2
	epWeights, epTotals, epTail = 10, 11, 12 // only quantised
)

// epilogue turns a tile of sums, at least one column wide, into elements of y:
// y = residual + scale·gelu(sums + bias). A part is left out where its pointer is nil, or
// gelu is 0. Rows of y and of residual are ldy bytes apart.
//
// Quantised sums are multiplied by their row's scale and their column's (weights); and the
// row's offset times the column's total is added. A row's scale and offset lie side by side,
// those of the next row ldx bytes further.
//
// A rounded y has no residual, and it is two whole registers wide: columns beyond the last
// are 0.
func (f *file) epilogue(k finish) {
	args := asm.Args("y ptr, ldy int, tile ptr, rows int, cols int, bias ptr, scale ptr, residual ptr, gelu int")
	regs := []string{"R0", "R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8"}
	if k.quantised {
		args = append(args, asm.Args("x ptr, ldx int, weights ptr, totals ptr")...)
		regs = append(regs, "R9", "R10", "R11", "R12")
	}
	f.begin(k.name, "finishes a tile: y = residual + scale·gelu(tile + bias).", args, regs...)
	f.keep(13)
	step := bytes // of a row of y
	if k.rounded {
		step /= 2
		f.op("MOVD $2, R13") // registers of a row yet to be written
	}
	f.Label("column")
	f.op("MOVD $%d, R14", lanes) // columns of this register
	f.op("CMP R14, R4")
	f.op("CSEL LT, R4, R14, R14")
	if k.rounded {
		f.op("CMP $0, R14")
		f.op("CSEL LT, ZR, R14, R14")
	}
	f.vector("R5", epBias, func() { f.zero(epBias) })
	f.vector("R6", epScale, func() { f.op("fmov v%d.4s, #1.0", epScale) })
	if k.quantised {
		f.op("FMOVQ.P %d(R11), F%d", bytes, epWeights)
		f.op("FMOVQ.P %d(R12), F%d", bytes, epTotals)
		f.op("MOVD R9, R19")
	}
	f.op("MOVD R2, R15")
	f.op("MOVD R0, R16")
	f.op("MOVD R7, R17")
	f.op("MOVD R3, R20")
	f.lines(k)
	f.op("ADD $%d, R2", bytes)
	f.op("ADD $%d, R0", step)
	f.op("CBZ R7, nextcolumn")
	f.op("ADD $%d, R7", bytes)
	f.Label("nextcolumn")
	f.op("SUBS $%d, R4, R4", lanes)
	if k.rounded {
		f.op("SUBS $1, R13, R13")
		f.op("BNE column")
	} else {
		f.op("BGT column")
	}
	f.end()
}

// vector loads R14 elements of a vector that may be missing, and advances it.
func (f *file) vector(ptr string, v int, missing func()) {
	none, few, have := f.label("none"), f.label("few"), f.label("have")
	f.op("CBZ %s, %s", ptr, none)
	f.op("CMP $%d, R14", lanes)
	f.op("BLT %s", few)
	f.op("FMOVQ.P %d(%s), F%d", bytes, ptr, v)
	f.op("B %s", have)
	f.Label(few)
	f.zero(v)
	f.op("CBZ R14, %s", have)
	f.loadTail(ptr, "R14", v)
	f.op("B %s", have)
	f.Label(none)
	missing()
	f.Label(have)
}

// lines walks one column of registers, row by row.
func (f *file) lines(k finish) {
	const v = epValue
	t := [6]int{3, 4, 5, 6, 7, 8}
	f.Label("line")
	f.op("FMOVQ (R15), F%d", v)
	f.op("ADD $%d, R15", 2*bytes)
	if k.quantised {
		f.op("FMOVD (R19), F%d", epTail)
		f.op("ADD R10, R19")
		f.op("scvtf v%d.4s, v%d.4s", v, v)
		f.op("fmul v%d.4s, v%d.4s, v%d.s[0]", v, v, epTail)
		f.op("mov v%d.16b, v%d.16b", t[0], epBias)
		f.op("fmla v%d.4s, v%d.4s, v%d.s[1]", t[0], epTotals, epTail)
		f.op("fmla v%d.4s, v%d.4s, v%d.4s", t[0], v, epWeights)
		f.op("mov v%d.16b, v%d.16b", v, t[0])
	} else {
		f.op("fadd v%d.4s, v%d.4s, v%d.4s", v, v, epBias)
	}
	f.op("CBZ R8, linear")
	f.geluOf(v, t)
	f.Label("linear")
	if k.rounded {
		f.storeRounded()
	} else {
		f.storeFull()
	}
	f.op("ADD R1, R16")
	f.op("SUBS $1, R20, R20")
	f.op("BNE line")
}

// storeFull stores residual + scale·value.
func (f *file) storeFull() {
	const v, residual = epValue, 3
	f.zero(residual)
	f.op("CMP $%d, R14", lanes)
	f.op("BLT tail")
	f.op("CBZ R17, alone")
	f.op("FMOVQ (R17), F%d", residual)
	f.op("ADD R1, R17")
	f.Label("alone")
	f.op("fmla v%d.4s, v%d.4s, v%d.4s", residual, v, epScale)
	f.op("FMOVQ F%d, (R16)", residual)
	f.op("B stored")
	f.Label("tail")
	f.op("CBZ R17, tailalone")
	f.loadTail("R17", "R14", residual)
	f.op("ADD R1, R17")
	f.Label("tailalone")
	f.op("fmla v%d.4s, v%d.4s, v%d.4s", residual, v, epScale)
	f.storeTail(residual, "R16", "R14")
	f.Label("stored")
}

// storeRounded stores scale·value as bfloat16, and zeros in the lanes after R14.
func (f *file) storeRounded() {
	const v, t = epValue, 3
	f.op("CBZ R6, unscaled")
	f.op("fmul v%d.4s, v%d.4s, v%d.4s", v, v, epScale)
	f.Label("unscaled")
	f.roundOne(v, t, t+1)
	f.op("CMP $%d, R14", lanes)
	f.op("BGE rounded")
	f.op("MOVD $%d, R21", 16*lanes) // the bits to keep
	f.op("SUB R14<<4, R21, R21")
	f.op("FMOVD F%d, R22", v)
	f.op("LSL R21, R22, R22")
	f.op("LSR R21, R22, R22")
	f.op("CBNZ R14, some")
	f.op("MOVD ZR, R22")
	f.Label("some")
	f.op("FMOVD R22, F%d", v)
	f.Label("rounded")
	f.op("FMOVD F%d, (R16)", v)
}
