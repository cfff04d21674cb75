package x86

import "cradio/cpu/internal/kernel/gen/asm"

// finish is what an epilogue makes of what.
type finish struct {
	name      string
	quantised bool // sums are int32, of quantised operands
	rounded   bool // y is bfloat16
}

// Registers of an epilogue.
const (
	epValue, epBias, epScale, epResidual = 0, 1, 2, 3 // and 4 … 8 for gelu
	epWeights, epTotals, epConstant      = 9, 10, 11  // only quantised
)

// epilogue turns a tile of sums, at least one column wide, into elements of y:
// y = residual + scale·gelu(sums + bias). A part is left out where its pointer is nil, or
// gelu is 0. Rows of y and of residual are ldy bytes apart.
//
// Quantised sums are multiplied by their row's scale and their column's (weights);
// and the row's offset times the column's total is added. A row's scale and offset
// lie side by side, those of the next row ldx bytes further.
//
// A rounded y has no residual, its gelu is good to two digits more than bfloat16
// has, or better, and it is two whole registers wide: columns beyond the last are 0.
func (f *file) epilogue(k finish) {
	args := asm.Args("y ptr, ldy int, tile ptr, rows int, cols int, bias ptr, scale ptr, residual ptr, gelu int")
	if k.quantised {
		args = append(args, asm.Args("x ptr, ldx int, weights ptr, totals ptr")...)
	}
	f.begin(k.name, "finishes a tile: y = residual + scale·gelu(tile + bias).", args, "DI", "DX", "SI", "R8", "R9", "R10", "R11", "R12", "R13")
	f.keep(9)
	if k.quantised {
		f.keep(12)
	}
	width := f.bytes()
	if k.rounded {
		width /= 2
		f.op("MOVQ DI, tile+16(FP)") // where y begins
	}
	f.Label("column")
	f.op("MOVQ R9, BX")
	f.op("CMPQ BX, $%d", f.lanes)
	f.op("JLE fewer")
	f.op("MOVQ $%d, BX", f.lanes)
	f.Label("fewer")
	if k.rounded {
		f.op("TESTQ BX, BX")
		f.op("JGE some")
		f.op("XORQ BX, BX")
		f.Label("some")
	}
	f.setTail("BX", "AX")
	f.vector("R10", epBias, "bias", func() { f.zero(epBias) })
	f.vector("R11", epScale, "scale", func() {
		if !k.rounded { // which asks again
			f.op("VMOVUPS %s, V%d", f.one(), epScale)
		}
	})
	if k.quantised {
		for i, name := range []string{"weights", "totals"} {
			at := []int{88, 96}[i]
			f.op("MOVQ %s+%d(FP), AX", name, at)
			f.op("VMOVUPS (AX), V%d", epWeights+i)
			f.op("ADDQ $%d, %s+%d(FP)", f.bytes(), name, at)
		}
	}
	f.op("CMPQ R9, $%d", f.lanes)
	f.op("JL masked")
	f.lines("full", k)
	f.op("JMP columndone")
	f.Label("masked")
	f.lines("tail", k)
	f.Label("columndone")
	f.op("ADDQ $%d, SI", f.bytes())
	f.op("ADDQ $%d, DI", width)
	f.op("TESTQ R12, R12")
	f.op("JZ nextcolumn")
	f.op("ADDQ $%d, R12", f.bytes())
	f.Label("nextcolumn")
	f.op("SUBQ $%d, R9", f.lanes)
	if k.rounded {
		f.op("MOVQ DI, AX")
		f.op("SUBQ tile+16(FP), AX")
		f.op("CMPQ AX, $%d", 2*width)
		f.op("JL column")
	} else {
		f.op("JG column")
	}
	f.end()
}

// operand loads the tail of a vector that may be missing, and advances it.
func (f *file) vector(ptr string, r int, name string, missing func()) {
	f.op("TESTQ %s, %s", ptr, ptr)
	f.op("JZ no%s", name)
	f.loadTail("("+ptr+")", r)
	f.op("ADDQ $%d, %s", f.bytes(), ptr)
	f.op("JMP have%s", name)
	f.Label("no" + name)
	missing()
	f.Label("have" + name)
}

// lines walks one column of registers, row by row. Masked stores are slow, so
// the tail alone has them.
func (f *file) lines(name string, k finish) {
	const v = epValue
	t := [5]int{4, 5, 6, 7, 8}
	f.op("MOVQ SI, R14")
	f.op("MOVQ DI, R15")
	f.op("MOVQ R12, BX")
	f.op("MOVQ R8, CX")
	if k.quantised {
		f.op("MOVQ x+72(FP), AX")
	}
	f.Label(name)
	if k.quantised {
		f.op("VCVTDQ2PS (R14), V%d", v)
		f.op("VMOVAPS V%d, V%d", epBias, epConstant)
		if f.reg == 'Z' {
			f.op("VMULPS.BCST (AX), V%d, V%d", v, v)
			f.op("VFMADD231PS.BCST 4(AX), V%d, V%d", epTotals, epConstant)
		} else {
			f.op("VBROADCASTSS (AX), V%d", t[0])
			f.op("VBROADCASTSS 4(AX), V%d", t[1])
			f.op("VMULPS V%d, V%d, V%d", t[0], v, v)
			f.op("VFMADD231PS V%d, V%d, V%d", t[1], epTotals, epConstant)
		}
		f.op("VFMADD213PS V%d, V%d, V%d", epConstant, epWeights, v)
		f.op("ADDQ ldx+80(FP), AX")
	} else {
		f.op("VADDPS (R14), V%d, V%d", epBias, v)
	}
	f.op("TESTQ R13, R13")
	f.op("JZ %slinear", name)
	if k.rounded && f.reg == 'Z' {
		f.geluNearly(v, t)
	} else {
		f.geluOf(v, t)
	}
	f.Label(name + "linear")
	if k.rounded {
		f.op("TESTQ R11, R11")
		f.op("JZ %sunscaled", name)
		f.op("VMULPS V%d, V%d, V%d", epScale, v, v)
		f.Label(name + "unscaled")
		if name == "tail" {
			f.clearTail(v)
		}
		f.storeBFloat16(v, t[0], "(R15)")
	} else {
		f.addResidual(name, v)
	}
	f.op("ADDQ $%d, R14", 2*f.bytes())
	f.op("ADDQ DX, R15")
	f.op("DECQ CX")
	f.op("JNZ %s", name)
}

// addResidual stores residual + scale·V<v>.
func (f *file) addResidual(name string, v int) {
	f.zero(epResidual)
	f.op("TESTQ BX, BX")
	f.op("JZ %salone", name)
	if name == "full" {
		f.op("VMOVUPS (BX), V%d", epResidual)
	} else {
		f.loadTail("(BX)", epResidual)
	}
	f.op("ADDQ DX, BX")
	f.Label(name + "alone")
	f.op("VFMADD213PS V%d, V%d, V%d", epResidual, epScale, v)
	if name == "full" {
		f.op("VMOVUPS V%d, (R15)", v)
	} else {
		f.storeTail(v, "(R15)")
	}
}
