package x86

import "cradio/cpu/internal/kernel/gen/asm"

// What attention needs beside the products, where these are by tiles: they
// neither keep the largest elements of columns nor multiply what is there.

// raiseTops raises a row of maxima to those of n rows of amxRow bytes. Of NaN and
// a number either may be kept: the NaN itself makes the sum of its column NaN.
func (f *file) raiseTops() {
	f.begin("raiseTops", "raises the maxima of columns to those of n > 0 rows.", asm.Args("top ptr, x ptr, n int"), "DI", "SI", "CX")
	f.op("VMOVUPS (DI), V0")
	f.op("VMOVUPS 64(DI), V1")
	f.Label("row")
	f.op("VMAXPS (SI), V0, V0")
	f.op("VMAXPS 64(SI), V1, V1")
	f.op("ADDQ $%d, SI", amxRow)
	f.op("DECQ CX")
	f.op("JNZ row")
	f.op("VMOVUPS V0, (DI)")
	f.op("VMOVUPS V1, 64(DI)")
	f.end()
}

// scaleRows multiplies n rows of amxRow bytes by a row of factors.
func (f *file) scaleRows() {
	f.begin("scaleRows", "multiplies n > 0 rows by factors of columns.", asm.Args("x ptr, n int, factor ptr"), "DI", "CX", "SI")
	f.op("VMOVUPS (SI), V0")
	f.op("VMOVUPS 64(SI), V1")
	f.Label("row")
	f.op("VMULPS (DI), V0, V2")
	f.op("VMULPS 64(DI), V1, V3")
	f.op("VMOVUPS V2, (DI)")
	f.op("VMOVUPS V3, 64(DI)")
	f.op("ADDQ $%d, DI", amxRow)
	f.op("DECQ CX")
	f.op("JNZ row")
	f.end()
}
