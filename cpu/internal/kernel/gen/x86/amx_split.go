package x86

import "cradio/cpu/internal/kernel/gen/asm"

// Splitting float32 into three terms of bfloat16. A word holds elements i and 16+i of a
// step, in A as in B: so the halves of two registers meet without being moved. Terms are
// rounded to nearest, ties away from zero: what remains is exact, and after two terms it
// is a bfloat16 itself.

// Registers of what splits: the two halves of a step, a term of each, and constants.
const (
	low, high, termLow, termHigh = 0, 1, 2, 3
	tie, mask                    = 8, 9
)

// beginSplit loads the constants; K3 has every second 16 bits.
func (f *file) beginSplit() {
	f.op("MOVL $0x8000, AX")
	f.op("VPBROADCASTD AX, V%d", tie)
	f.op("MOVL $0xffff0000, AX")
	f.op("VPBROADCASTD AX, V%d", mask)
	f.op("MOVL $0xaaaaaaaa, AX")
	f.op("KMOVD AX, K3")
}

// term makes words of term p of the two halves in V<termLow>, and takes it from them.
func (f *file) term(p int) {
	for i := range 2 {
		x, t := low+i, termLow+i
		if p == terms-1 {
			f.op("VMOVAPS V%d, V%d", x, t)
			continue
		}
		f.op("VPADDD V%d, V%d, V%d", tie, x, t)
		f.op("VPANDD V%d, V%d, V%d", mask, t, t)
		f.op("VSUBPS V%d, V%d, V%d", t, x, x)
	}
	f.op("VPSRLD $16, V%d, V%d", termLow, termLow)
	f.op("VMOVDQU16 V%d, K3, V%d", termHigh, termLow)
}

// splitRows splits rows of A: for each step of 32 elements the three terms, 64 bytes
// each. top is the largest magnitude of each row, in the bits of a float32: those
// of NaN are the largest.
func (f *file) splitRows() {
	f.begin("splitRows", "splits rows of n > 0 elements into three bfloat16.", asm.Args("dst ptr, ldd int, src ptr, lds int, rows int, n int, top ptr"), "DI", "R8", "SI", "DX", "R9", "R10", "R11")
	const tmp, top, abs = 4, 6, 7
	f.beginSplit()
	f.op("VPTERNLOGD $255, V%d, V%d, V%d", abs, abs, abs)
	f.op("VPSRLD $1, V%d, V%d", abs, abs)
	f.Label("row")
	f.op("MOVQ SI, R12")
	f.op("MOVQ DI, R13")
	f.op("MOVQ R10, BX")
	f.zero(top)
	f.op("KXNORW K1, K1, K1")
	f.op("KXNORW K2, K2, K2")
	f.Label("step")
	f.op("CMPQ BX, $32")
	f.op("JGE whole")
	f.op("MOVQ BX, CX")
	f.op("MOVQ $1, AX")
	f.op("SHLQ CX, AX")
	f.op("DECQ AX")
	f.op("KMOVW AX, K1")
	f.op("SHRQ $16, AX")
	f.op("KMOVW AX, K2")
	f.Label("whole")
	f.op("VMOVUPS.Z (R12), K1, V%d", low)
	f.op("VMOVUPS.Z 64(R12), K2, V%d", high)
	f.op("PREFETCHT0 (R12)(DX*1)") // the next row
	f.op("PREFETCHT0 64(R12)(DX*1)")
	for i := range 2 {
		f.op("VPANDD V%d, V%d, V%d", abs, low+i, tmp+i)
		f.op("VPMAXUD V%d, V%d, V%d", tmp+i, top, top)
	}
	for p := range terms {
		f.term(p)
		f.op("VMOVUPS V%d, %d(R13)", termLow, 64*p)
	}
	f.op("ADDQ $128, R12")
	f.op("ADDQ $%d, R13", terms*64)
	f.op("SUBQ $32, BX")
	f.op("JG step")
	f.op("VEXTRACTI64X4 $1, Z%d, Y%d", top, tmp)
	f.op("VPMAXUD Y%d, Y%d, Y%d", tmp, top, top)
	f.op("VEXTRACTI128 $1, Y%d, X%d", top, tmp)
	f.op("VPMAXUD X%d, X%d, X%d", tmp, top, top)
	for _, order := range []int{0x4e, 0xb1} {
		f.op("VPSHUFD $%d, X%d, X%d", order, top, tmp)
		f.op("VPMAXUD X%d, X%d, X%d", tmp, top, top)
	}
	f.op("VMOVD X%d, (R11)", top)
	f.op("ADDQ $4, R11")
	f.op("ADDQ DX, SI")
	f.op("ADDQ R8, DI")
	f.op("DECQ R9")
	f.op("JNZ row")
	f.end()
}

const halfStep = 16 * amxRow // bytes of a panel of float32 from row i to row 16+i

// panelSteps walks steps of a panel of 32 columns of float32 at a register, whole
// split at another, and has body do what is to be done with half a row v, and after it what
// is to be done in the end.
func (f *file) panelSteps(panel, split string, body func(v int), after func()) {
	f.Label("step")
	f.op("MOVQ $16, CX")
	f.Label("word")
	for v := range 2 {
		body(v)
	}
	f.op("ADDQ $%d, %s", amxRow, panel)
	f.op("ADDQ $%d, %s", amxRow, split)
	f.op("DECQ CX")
	f.op("JNZ word")
	f.op("ADDQ $%d, %s", halfStep, panel)
	f.op("ADDQ $%d, %s", (terms-1)*amxStep, split)
	f.op("DECQ R8")
	f.op("JNZ step")
	after()
	f.end()
}

// splitPanel splits a panel into the three terms that tileSplit reads, of each step. top has
// the largest magnitude of each column, in the bits of a float32, and is raised; or is nil.
func (f *file) splitPanel() {
	f.begin("splitPanel", "splits steps of 32 rows of a panel into three bfloat16, and raises the magnitudes of columns.", asm.Args("dst ptr, src ptr, steps int, top ptr"), "DI", "SI", "R8", "R9")
	const tmp, abs, top = 4, 6, 10
	f.beginSplit()
	f.op("VPTERNLOGD $255, V%d, V%d, V%d", abs, abs, abs)
	f.op("VPSRLD $1, V%d, V%d", abs, abs)
	for v := range 2 {
		f.zero(top + v)
	}
	f.op("TESTQ R9, R9")
	f.op("JZ step")
	for v := range 2 {
		f.op("VMOVUPS %d(R9), V%d", 64*v, top+v)
	}
	f.panelSteps("SI", "DI", func(v int) {
		f.op("VMOVUPS %d(SI), V%d", 64*v, low)
		f.op("VMOVUPS %d(SI), V%d", halfStep+64*v, high)
		for i := range 2 {
			f.op("VPANDD V%d, V%d, V%d", abs, low+i, tmp+i)
			f.op("VPMAXUD V%d, V%d, V%d", tmp+i, top+v, top+v)
		}
		for p := range terms {
			f.term(p)
			f.op("VMOVUPS V%d, %d(DI)", termLow, amxStep*p+64*v)
		}
	}, func() {
		f.op("TESTQ R9, R9")
		f.op("JZ done")
		for v := range 2 {
			f.op("VMOVUPS V%d, %d(R9)", top+v, 64*v)
		}
		f.Label("done")
	})
}

// joinPanel makes the panel again that splitPanel has split.
func (f *file) joinPanel() {
	f.begin("joinPanel", "joins the terms of steps of a panel.", asm.Args("dst ptr, src ptr, steps int"), "DI", "SI", "R8")
	f.beginSplit()
	f.panelSteps("DI", "SI", func(v int) {
		f.zero(low)
		f.zero(high)
		for p := terms - 1; p >= 0; p-- {
			f.op("VMOVUPS %d(SI), V%d", amxStep*p+64*v, termLow)
			f.op("VPANDD V%d, V%d, V%d", mask, termLow, termHigh)
			f.op("VPSLLD $16, V%d, V%d", termLow, termLow)
			f.op("VADDPS V%d, V%d, V%d", termLow, low, low)
			f.op("VADDPS V%d, V%d, V%d", termHigh, high, high)
		}
		f.op("VMOVUPS V%d, %d(DI)", low, 64*v)
		f.op("VMOVUPS V%d, %d(DI)", high, halfStep+64*v)
	}, func() {})
}

// splitWords splits two rows, of n > 0 elements, that are 16 apart in a step of a panel: into one
// row of words of panels, ldd bytes apart, as splitPanel does.
func (f *file) splitWords() {
	f.begin("splitWords", "splits rows a and b of n > 0 elements into a row of words of panels, ldd bytes apart.",
		asm.Args("panel ptr, ldd int, a ptr, b ptr, n int"), "DI", "DX", "SI", "R10", "BX")
	const words = 10 // of each half
	x, t := [2][2]int{{low, high}, {4, 5}}, [2][2]int{{termLow, termHigh}, {6, 7}}
	f.beginSplit()
	f.op("KXNORW K1, K1, K1")
	f.op("KXNORW K2, K2, K2")
	f.Label("step")
	f.op("CMPQ BX, $32")
	f.op("JGE whole")
	f.op("MOVQ BX, CX")
	f.op("MOVQ $1, AX")
	f.op("SHLQ CX, AX")
	f.op("DECQ AX")
	f.op("KMOVW AX, K1")
	f.op("SHRQ $16, AX")
	f.op("KMOVW AX, K2")
	f.Label("whole")
	for r, from := range [...]string{"SI", "R10"} {
		for half := range 2 {
			f.op("VMOVUPS.Z %d(%s), K%d, V%d", 64*half, from, 1+half, x[r][half])
		}
	}
	for p := range terms {
		for half := range 2 {
			for r := range 2 {
				x, t := x[r][half], t[r][half]
				if p == terms-1 {
					t = x
				} else {
					f.op("VPADDD V%d, V%d, V%d", tie, x, t)
					f.op("VPANDD V%d, V%d, V%d", mask, t, t)
					f.op("VSUBPS V%d, V%d, V%d", t, x, x)
				}
				if r == 0 {
					f.op("VPSRLD $16, V%d, V%d", t, words+half)
				} else {
					f.op("VMOVDQU16 V%d, K3, V%d", t, words+half)
				}
			}
			f.op("VMOVUPS V%d, %d(DI)", words+half, amxStep*p+64*half)
		}
	}
	for _, from := range [...]string{"SI", "R10"} {
		f.op("ADDQ $128, %s", from)
	}
	f.op("ADDQ DX, DI")
	f.op("SUBQ $32, BX")
	f.op("JG step")
	f.end()
}
