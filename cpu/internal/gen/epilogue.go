package main

// epilogue turns a tile of products, at least one column wide, into elements of
// y: y = residual + scale·gelu(tile + bias), parts left out where their pointer
// is nil or gelu is 0. Rows of y and of residual are ldy bytes apart.
func (f *file) epilogue() {
	f.begin("epilogue", "finishes a tile: y = residual + scale·gelu(tile + bias).", []arg{
		{"y", pointer}, {"ldy", "int"}, {"tile", pointer}, {"rows", "int"}, {"cols", "int"},
		{"bias", pointer}, {"scale", pointer}, {"residual", pointer}, {"gelu", "int"},
	}, "DI", "DX", "SI", "R8", "R9", "R10", "R11", "R12", "R13")
	const v, bias, scale, residual = 0, 1, 2, 3
	f.keep(9)
	f.label("column")
	f.op("MOVQ R9, BX")
	f.op("CMPQ BX, $%d", f.lanes)
	f.op("JLE narrow")
	f.op("MOVQ $%d, BX", f.lanes)
	f.label("narrow")
	f.setTail("BX", "AX")
	f.operand("R10", bias, "bias", func() { f.zero(bias) })
	f.operand("R11", scale, "scale", func() { f.op("VMOVUPS %s, V%d", f.one(), scale) })
	f.op("CMPQ R9, $%d", f.lanes)
	f.op("JL masked")
	f.lines("full", v, bias, scale, residual)
	f.op("JMP columndone")
	f.label("masked")
	f.lines("tail", v, bias, scale, residual)
	f.label("columndone")
	f.op("ADDQ $%d, SI", f.bytes())
	f.op("ADDQ $%d, DI", f.bytes())
	f.op("TESTQ R12, R12")
	f.op("JZ nextcolumn")
	f.op("ADDQ $%d, R12", f.bytes())
	f.label("nextcolumn")
	f.op("SUBQ $%d, R9", f.lanes)
	f.op("JG column")
	f.end()
}

// operand loads the tail of a vector that may be missing, and advances it.
func (f *file) operand(ptr string, r int, name string, missing func()) {
	f.op("TESTQ %s, %s", ptr, ptr)
	f.op("JZ no%s", name)
	f.loadTail("("+ptr+")", r)
	f.op("ADDQ $%d, %s", f.bytes(), ptr)
	f.op("JMP have%s", name)
	f.label("no" + name)
	missing()
	f.label("have" + name)
}

// lines walks one column of registers, row by row. Masked stores are slow, so
// the tail alone has them.
func (f *file) lines(name string, v, bias, scale, residual int) {
	f.op("MOVQ SI, R14")
	f.op("MOVQ DI, R15")
	f.op("MOVQ R12, BX")
	f.op("MOVQ R8, CX")
	f.label(name)
	f.op("VADDPS (R14), V%d, V%d", bias, v)
	f.op("TESTQ R13, R13")
	f.op("JZ %slinear", name)
	f.geluOf(v, [5]int{4, 5, 6, 7, 8})
	f.label(name + "linear")
	f.zero(residual)
	f.op("TESTQ BX, BX")
	f.op("JZ %salone", name)
	if name == "full" {
		f.op("VMOVUPS (BX), V%d", residual)
	} else {
		f.loadTail("(BX)", residual)
	}
	f.op("ADDQ DX, BX")
	f.label(name + "alone")
	f.op("VFMADD213PS V%d, V%d, V%d", residual, scale, v)
	if name == "full" {
		f.op("VMOVUPS V%d, (R15)", v)
	} else {
		f.storeTail(v, "(R15)")
	}
	f.op("ADDQ $%d, R14", 2*f.bytes())
	f.op("ADDQ DX, R15")
	f.op("DECQ CX")
	f.op("JNZ %s", name)
}
