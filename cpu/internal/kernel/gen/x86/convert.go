package x86

import "cradio/cpu/internal/kernel/gen/asm"

// Kernels that convert rows of activations. Each takes a multiple of 16 elements.

const perRound = 16 // elements at a time

// convert is a loop over n elements from SI to DI, of the given sizes in bytes:
// body converts perRound of them.
func (f *file) convert(from, to int, body func()) {
	f.op("TESTQ CX, CX")
	f.op("JZ done")
	f.Label("loop")
	body()
	f.op("ADDQ $%d, SI", from*perRound)
	f.op("ADDQ $%d, DI", to*perRound)
	f.op("SUBQ $%d, CX", perRound)
	f.op("JG loop")
	f.Label("done")
	f.end()
}

// registers is how many registers perRound float32 fill.
func (f *file) registers() int { return perRound / f.lanes }

// round makes bfloat16 of float32.
func (f *file) round() {
	f.begin("round", "rounds n float32 to bfloat16.", asm.Args("dst ptr, src ptr, n int"), "DI", "SI", "CX")
	f.keep(16)
	f.convert(4, 2, func() {
		if f.bf16 {
			f.op("VMOVUPS (SI), V0")
			f.vcvtneps2bf16(0, 0)
			f.op("VMOVUPS Y0, (DI)")
			return
		}
		for v := range f.registers() {
			f.op("VMOVUPS %d(SI), V%d", v*f.bytes(), 4*v)
			f.toBFloat16(4*v, 4*v+1, 4*v+2, 4*v+3)
		}
		if f.reg == 'Z' {
			f.op("VPMOVDW V2, (DI)")
			return
		}
		f.op("VPACKUSDW V6, V2, V2")
		f.op("VPERMQ $0xd8, V2, V2")
		f.op("VMOVUPS V2, (DI)")
	})
}

// toBFloat16 rounds V<x> to the lower halves of the lanes of V<y>, without an
// instruction for it. V<top> and V<nan>, or K2, are clobbered.
func (f *file) toBFloat16(x, top, y, nan int) {
	f.op("VPSRLD $16, V%d, V%d", x, top)
	f.and(f.bits("last", 1), top, y)
	f.op("VPADDD V%d, V%d, V%d", x, y, y)
	f.op("VPADDD %s, V%d, V%d", f.bits("half", 0x7fff), y, y)
	f.op("VPSRLD $16, V%d, V%d", y, y)
	quiet := f.bits("quiet", 0x40)
	if f.reg == 'Z' {
		f.op("VCMPPS $3, V%d, V%d, K2", x, x)
		f.op("VPORD %s, V%d, K2, V%d", quiet, top, y)
		return
	}
	f.op("VCMPPS $3, V%d, V%d, V%d", x, x, nan)
	f.op("VPOR %s, V%d, V%d", quiet, top, top)
	f.op("VBLENDVPS V%d, V%d, V%d, V%d", nan, top, y, y)
}

// storeBFloat16 rounds V<x> and stores it. V<t>, V<t+1> and V<t+2> are clobbered.
func (f *file) storeBFloat16(x, t int, mem string) {
	switch {
	case f.bf16:
		f.vcvtneps2bf16(x, x)
		f.op("VMOVUPS Y%d, %s", x, mem)
	case f.reg == 'Z':
		f.toBFloat16(x, t, t+1, t+2)
		f.op("VPMOVDW V%d, %s", t+1, mem)
	default:
		f.toBFloat16(x, t, t+1, t+2)
		f.op("VPACKUSDW V%d, V%d, V%d", t+1, t+1, t+1)
		f.op("VPERMQ $8, V%d, V%d", t+1, t+1)
		f.op("VMOVUPS X%d, %s", t+1, mem)
	}
}

// toInt16 makes int16 of uint8, and of int8, for products of int16.
func (f *file) toInt16() {
	f.extend("uint8ToInt16", "uint8", "VPMOVZXBW")
	f.extend("int8ToInt16", "int8", "VPMOVSXBW")
}

func (f *file) extend(name, from, instruction string) {
	f.begin(name, "makes int16 of n "+from+", whole registers of them.", asm.Args("dst ptr, src ptr, n int"), "DI", "SI", "CX")
	f.op("SUBQ $%d, CX", unrolled*2*f.lanes)
	f.op("JL few")
	f.Label("several")
	for v := range unrolled {
		f.op("%s %d(SI), V%d", instruction, v*f.bytes()/2, v)
		f.op("VMOVUPS V%d, %d(DI)", v, v*f.bytes())
	}
	f.op("ADDQ $%d, SI", unrolled*f.bytes()/2)
	f.op("ADDQ $%d, DI", unrolled*f.bytes())
	f.op("SUBQ $%d, CX", unrolled*2*f.lanes)
	f.op("JGE several")
	f.Label("few")
	f.op("ADDQ $%d, CX", unrolled*2*f.lanes)
	f.op("JLE done")
	f.Label("loop")
	f.op("%s (SI), V0", instruction)
	f.op("VMOVUPS V0, (DI)")
	f.op("ADDQ $%d, SI", f.bytes()/2)
	f.op("ADDQ $%d, DI", f.bytes())
	f.op("SUBQ $%d, CX", 2*f.lanes)
	f.op("JG loop")
	f.Label("done")
	f.end()
}

// dequantise makes float32 of uint8.
func (f *file) dequantise() {
	f.begin("dequantise", "makes float32 of n uint8: scale times each, plus offset.", asm.Args("dst ptr, src ptr, n int, scale float32, offset float32"), "DI", "SI", "CX")
	f.op("VBROADCASTSS scale+24(FP), V4")
	f.op("VBROADCASTSS offset+28(FP), V5")
	f.convert(1, 4, func() {
		for v := range f.registers() {
			f.op("VPMOVZXBD %d(SI), V%d", v*f.bytes()/4, v)
			f.op("VCVTDQ2PS V%d, V%d", v, v)
			f.op("VMULPS V4, V%d, V%d", v, v)
			f.op("VADDPS V5, V%d, V%d", v, v)
			f.op("VMOVUPS V%d, %d(DI)", v, v*f.bytes())
		}
	})
}

// quantise makes whole numbers of float32: of 0 … 255, and with AVX-512 their
// lowest bytes whatever they are.
func (f *file) quantise() {
	f.begin("quantise", "makes uint8 of n float32: each less offset, times inverse, rounded. NaN makes 0.", asm.Args("dst ptr, src ptr, n int, offset float32, inverse float32"), "DI", "SI", "CX")
	f.op("VBROADCASTSS offset+24(FP), V4")
	f.op("VBROADCASTSS inverse+28(FP), V5")
	f.convert(4, 1, func() {
		for v := range f.registers() {
			f.op("VMOVUPS %d(SI), V%d", v*f.bytes(), v)
			f.op("VSUBPS V4, V%d, V%d", v, v)
			f.op("VMULPS V5, V%d, V%d", v, v)
			f.op("VCVTPS2DQ V%d, V%d", v, v)
		}
		if f.reg == 'Z' {
			f.op("VPMOVDB V0, (DI)")
			return
		}
		f.op("VPACKSSDW V1, V0, V0")
		f.op("VPERMQ $0xd8, V0, V0")
		f.op("VEXTRACTI128 $1, Y0, X1")
		f.op("VPACKUSWB X1, X0, X0")
		f.op("VMOVUPS X0, (DI)")
	})
}

// extent finds the least and the largest of n > 0 elements; the latter becomes
// NaN where an element is NaN or infinite.
func (f *file) extent() {
	f.begin("extent", "finds the least and the largest of n > 0 float32; the latter is NaN if any is not finite.", asm.Args("bounds ptr, src ptr, n int"), "DI", "SI", "CX")
	const least, largest, nothing, zero, x, tmp = 0, 1, 2, 3, 4, 6
	f.op("VMOVUPS (SI), V%d", least)
	f.op("VMOVUPS V%d, V%d", least, largest)
	f.zero(nothing)
	f.zero(zero)
	f.Label("loop")
	for v := range f.registers() {
		f.op("VMOVUPS %d(SI), V%d", v*f.bytes(), x+v)
		f.op("VMINPS V%d, V%d, V%d", x+v, least, least)
		f.op("VMAXPS V%d, V%d, V%d", x+v, largest, largest)
		f.op("VMULPS V%d, V%d, V%d", x+v, zero, x+v)
		f.or(x+v, nothing)
	}
	f.op("ADDQ $%d, SI", 4*perRound)
	f.op("SUBQ $%d, CX", perRound)
	f.op("JG loop")
	f.reduce("VMINPS", least, tmp)
	f.reduce("VMAXPS", largest, tmp)
	f.reduce("VADDPS", nothing, tmp) // of zeros, or NaN
	f.op("VADDSS X%d, X%d, X%d", nothing, largest, largest)
	f.op("VMOVSS X%d, (DI)", least)
	f.op("VMOVSS X%d, 4(DI)", largest)
	f.end()
}
