#include "textflag.h"

// FILL defines 32 bytes of one 64-bit pattern.
#define FILL(name, v) \
	DATA name<>+0(SB)/8, $v  \
	DATA name<>+8(SB)/8, $v  \
	DATA name<>+16(SB)/8, $v \
	DATA name<>+24(SB)/8, $v \
	GLOBL name<>(SB), RODATA|NOPTR, $32

FILL(center, 0x0080008000800080)
FILL(ones, 0x0001000100010001)
// 1.772 - 2
FILL(blue, 0xc5a2c5a2c5a2c5a2)
// 1.402 - 1
FILL(red, 0x66e966e966e966e9)
// -0.344, 1 - 0.714
FILL(green, 0x492ea7e6492ea7e6)
FILL(half16, 0x0000800000008000)
FILL(lumaBlue, 0xc5a20101c5a20101)
FILL(lumaRed, 0x66e9010166e90101)
FILL(luma, 0x0000010100000101)

// INTERLEAVE stores 32 pixels at DI, whose red is in Y0, green in Y1, blue in Y2. R8 points to
// the masks for blocks 0 to 2 of 16 bytes: red, green, blue, 32 bytes each.
#define BLOCK(k) \
	VPSHUFB (96*k)(R8), Y0, Y3      \
	VPSHUFB (96*k+32)(R8), Y1, Y4   \
	VPSHUFB (96*k+64)(R8), Y2, Y5   \
	VPOR    Y4, Y3, Y3              \
	VPOR    Y5, Y3, Y3              \
	VMOVDQU X3, (16*k)(DI)          \
	VEXTRACTI128 $1, Y3, (16*k+48)(DI)

#define INTERLEAVE BLOCK(0) BLOCK(1) BLOCK(2)

// JPEGHALF converts 16 pixels: luma in Y3, Cb in Y4, Cr in Y5, 16 bits each. Red is left in Y6, green in Y7,
// blue in Y8. A fraction is rounded by halves of a floor: (floor(2ab) + 1) >> 1.
#define JPEGHALF \
	VPSUBW Y14, Y4, Y4           \
	VPSUBW Y14, Y5, Y5           \
	VPADDW Y4, Y4, Y6            \
	VPADDW Y5, Y5, Y7            \
	VPMULHW blue<>(SB), Y6, Y8   \
	VPMULHW red<>(SB), Y7, Y9    \
	VPADDW Y13, Y8, Y8           \
	VPADDW Y13, Y9, Y9           \
	VPSRAW $1, Y8, Y8            \
	VPSRAW $1, Y9, Y9            \
	VPADDW Y6, Y8, Y8            \
	VPADDW Y5, Y9, Y6            \
	VPADDW Y3, Y8, Y8            \
	VPADDW Y3, Y6, Y6            \
	VPUNPCKLWD Y5, Y4, Y7        \
	VPUNPCKHWD Y5, Y4, Y9        \
	VPMADDWD Y12, Y7, Y7         \
	VPMADDWD Y12, Y9, Y9         \
	VPADDD Y11, Y7, Y7           \
	VPADDD Y11, Y9, Y9           \
	VPSRAD $16, Y7, Y7           \
	VPSRAD $16, Y9, Y9           \
	VPACKSSDW Y9, Y7, Y7         \
	VPSUBW Y5, Y3, Y3            \
	VPADDW Y3, Y7, Y7

// GOHALF is JPEGHALF with Go's rounding, in which luma counts 65793/65536.
#define GOHALF \
	VPSUBW Y14, Y4, Y4           \
	VPSUBW Y14, Y5, Y5           \
	VPUNPCKLWD Y4, Y3, Y6        \
	VPUNPCKHWD Y4, Y3, Y7        \
	VPMADDWD lumaBlue<>(SB), Y6, Y8 \
	VPMADDWD lumaBlue<>(SB), Y7, Y9 \
	VPSRAD $16, Y8, Y8           \
	VPSRAD $16, Y9, Y9           \
	VPACKSSDW Y9, Y8, Y8         \
	VPADDW Y4, Y8, Y8            \
	VPADDW Y4, Y8, Y8            \
	VPADDW Y3, Y8, Y8            \
	VPMADDWD luma<>(SB), Y6, Y6  \
	VPMADDWD luma<>(SB), Y7, Y7  \
	VPUNPCKLWD Y5, Y4, Y9        \
	VPMADDWD Y12, Y9, Y9         \
	VPADDD Y9, Y6, Y6            \
	VPUNPCKHWD Y5, Y4, Y9        \
	VPMADDWD Y12, Y9, Y9         \
	VPADDD Y9, Y7, Y7            \
	VPSRAD $16, Y6, Y6           \
	VPSRAD $16, Y7, Y7           \
	VPACKSSDW Y7, Y6, Y7         \
	VPADDW Y3, Y7, Y7            \
	VPSUBW Y5, Y7, Y7            \
	VPUNPCKLWD Y5, Y3, Y6        \
	VPUNPCKHWD Y5, Y3, Y9        \
	VPMADDWD lumaRed<>(SB), Y6, Y6 \
	VPMADDWD lumaRed<>(SB), Y9, Y9 \
	VPSRAD $16, Y6, Y6           \
	VPSRAD $16, Y9, Y9           \
	VPACKSSDW Y9, Y6, Y6         \
	VPADDW Y5, Y6, Y6            \
	VPADDW Y3, Y6, Y6

// COLORS converts 32 pixels at a time by HALF: CX pixels of luma at SI, Cb at DX and Cr at BX, to DI.
#define COLORS(HALF) \
	LEAQ ·interleave(SB), R8     \
	VMOVDQU center<>(SB), Y14    \
	VMOVDQU ones<>(SB), Y13      \
	VMOVDQU green<>(SB), Y12     \
	VMOVDQU half16<>(SB), Y11    \
	XORQ AX, AX                  \
loop:                            \
	VPXOR Y15, Y15, Y15          \
	VMOVDQU (SI)(AX*1), Y0       \
	VMOVDQU (DX)(AX*1), Y1       \
	VMOVDQU (BX)(AX*1), Y2       \
	VPUNPCKLBW Y15, Y0, Y3       \
	VPUNPCKLBW Y15, Y1, Y4       \
	VPUNPCKLBW Y15, Y2, Y5       \
	HALF                         \
	VPUNPCKHBW Y15, Y0, Y3       \
	VPUNPCKHBW Y15, Y1, Y4       \
	VPUNPCKHBW Y15, Y2, Y5       \
	VMOVDQA Y6, Y0               \
	VMOVDQA Y7, Y1               \
	VMOVDQA Y8, Y2               \
	HALF                         \
	VPACKUSWB Y6, Y0, Y0         \
	VPACKUSWB Y7, Y1, Y1         \
	VPACKUSWB Y8, Y2, Y2         \
	INTERLEAVE                   \
	ADDQ $96, DI                 \
	ADDQ $32, AX                 \
	CMPQ AX, CX                  \
	JLT loop                     \
	VZEROUPPER                   \
	RET

// func jpegColorsAVX2(dst, y, cb, cr *uint8, n int)
// n is a multiple of 32.
TEXT ·jpegColorsAVX2(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DI
	MOVQ y+8(FP), SI
	MOVQ cb+16(FP), DX
	MOVQ cr+24(FP), BX
	MOVQ n+32(FP), CX
	COLORS(JPEGHALF)

// func goColorsAVX2(dst, y, cb, cr *uint8, n int)
// n is a multiple of 32.
TEXT ·goColorsAVX2(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DI
	MOVQ y+8(FP), SI
	MOVQ cb+16(FP), DX
	MOVQ cr+24(FP), BX
	MOVQ n+32(FP), CX
	COLORS(GOHALF)

// func grayAVX2(dst, src *uint8, n int)
// n is a multiple of 32.
TEXT ·grayAVX2(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ n+16(FP), CX
	LEAQ ·repeat(SB), R8
	VMOVDQU (R8), Y4
	VMOVDQU 32(R8), Y5
	VMOVDQU 64(R8), Y6
	XORQ AX, AX

loop:
	VMOVDQU (SI)(AX*1), Y0
	VPSHUFB Y4, Y0, Y1
	VPSHUFB Y5, Y0, Y2
	VPSHUFB Y6, Y0, Y3
	VMOVDQU X1, (DI)
	VMOVDQU X2, 16(DI)
	VMOVDQU X3, 32(DI)
	VEXTRACTI128 $1, Y1, 48(DI)
	VEXTRACTI128 $1, Y2, 64(DI)
	VEXTRACTI128 $1, Y3, 80(DI)
	ADDQ $96, DI
	ADDQ $32, AX
	CMPQ AX, CX
	JLT loop
	VZEROUPPER
	RET

// func dropAVX2(dst, src *uint8, n int) uint32
// n is a multiple of 8. It writes 8 bytes more than it should, which the next pixels overwrite.
TEXT ·dropAVX2(SB), NOSPLIT, $0-28
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ n+16(FP), CX
	LEAQ ·narrow(SB), R8
	VMOVDQU (R8), Y4
	VMOVDQU 32(R8), Y5
	VPCMPEQB Y3, Y3, Y3
	XORQ AX, AX

loop:
	VMOVDQU (SI)(AX*4), Y0
	VPAND Y0, Y3, Y3
	VPSHUFB Y4, Y0, Y0
	VPERMD Y0, Y5, Y0
	VMOVDQU Y0, (DI)
	ADDQ $24, DI
	ADDQ $8, AX
	CMPQ AX, CX
	JLT loop
	VEXTRACTI128 $1, Y3, X0
	VPAND X0, X3, X3
	VPSRLDQ $8, X3, X0
	VPAND X0, X3, X3
	VPSRLDQ $4, X3, X0
	VPAND X0, X3, X3
	VMOVD X3, AX
	MOVL AX, ret+24(FP)
	VZEROUPPER
	RET
