package main

// fetch brings rows of n bytes, lds bytes apart, to the second-level cache. It
// reads nothing, and so cannot fault.
func (f *file) fetch() {
	f.begin("fetch", "brings rows of n bytes, lds bytes apart, to the second-level cache.", []arg{
		{"src", pointer}, {"lds", "int"}, {"rows", "int"}, {"n", "int"},
	}, "SI", "DX", "CX", "BX")
	f.op("TESTQ CX, CX")
	f.op("JZ done")
	f.label("row")
	f.op("XORQ AX, AX")
	f.label("line")
	f.op("PREFETCHT1 (SI)(AX*1)")
	f.op("ADDQ $64, AX")
	f.op("CMPQ AX, BX")
	f.op("JLT line")
	f.op("ADDQ DX, SI")
	f.op("DECQ CX")
	f.op("JNZ row")
	f.label("done")
	f.end()
}
