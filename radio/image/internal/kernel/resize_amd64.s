#include "textflag.h"

// FILL defines 32 bytes of one 64-bit pattern.
#define FILL(name, v) \
	DATA name<>+0(SB)/8, $v  \
	DATA name<>+8(SB)/8, $v  \
	DATA name<>+16(SB)/8, $v \
	DATA name<>+24(SB)/8, $v \
	GLOBL name<>(SB), RODATA|NOPTR, $32

FILL(half22, 0x0020000000200000)

// func acrossAVX2(dst, src *uint8, start *int, weights *packedTaps, groups, n int)
// n is the number of pixels. It reads 16 bytes for each group of four taps.
TEXT ·acrossAVX2(SB), NOSPLIT, $0-48
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ start+16(FP), DX
	MOVQ weights+24(FP), BX
	MOVQ groups+32(FP), R9
	MOVQ n+40(FP), CX
	LEAQ ·pairs(SB), R8
	VMOVDQU (R8), Y8
	VMOVDQU 32(R8), Y9
	VMOVDQU 64(R8), Y10
	VMOVDQU half22<>(SB), Y11

pixel:
	MOVQ (DX), AX
	LEAQ (AX)(AX*2), AX
	ADDQ SI, AX
	MOVQ R9, R10
	VPXOR Y0, Y0, Y0
	VPXOR Y1, Y1, Y1

taps:
	VBROADCASTI128 (AX), Y2
	VBROADCASTI128 (BX), Y3
	VPSHUFB Y8, Y2, Y2
	VPSHUFB Y9, Y3, Y4
	VPSHUFB Y10, Y3, Y5
	VPMADDWD Y4, Y2, Y4
	VPMADDWD Y5, Y2, Y5
	VPADDD Y4, Y0, Y0
	VPADDD Y5, Y1, Y1
	ADDQ $12, AX
	ADDQ $16, BX
	DECQ R10
	JNZ taps
	VPSLLD $15, Y1, Y1
	VPADDD Y1, Y0, Y0
	VEXTRACTI128 $1, Y0, X1
	VPADDD X1, X0, X0
	VPADDD X11, X0, X0
	VPSRAD $22, X0, X0
	VPACKSSDW X0, X0, X0
	VPACKUSWB X0, X0, X0
	VMOVD X0, AX
	MOVW AX, (DI)
	SHRL $16, AX
	MOVB AX, 2(DI)
	ADDQ $3, DI
	ADDQ $8, DX
	DECQ CX
	JNZ pixel
	VZEROUPPER
	RET

#define DOWN(at, sum) \
	VPMOVZXBD at(R10)(AX*1), Y6 \
	VPMULLD Y4, Y6, Y6          \
	VPADDD Y6, sum, sum

// func downAVX2(dst *uint8, rows *unsafe.Pointer, weights *int32, taps, n int)
// n is a multiple of 32.
TEXT ·downAVX2(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DI
	MOVQ rows+8(FP), SI
	MOVQ weights+16(FP), DX
	MOVQ taps+24(FP), R9
	MOVQ n+32(FP), CX
	VMOVDQU half22<>(SB), Y11
	XORQ AX, AX

columns:
	VMOVDQA Y11, Y0
	VMOVDQA Y11, Y1
	VMOVDQA Y11, Y2
	VMOVDQA Y11, Y3
	XORQ BX, BX

taps:
	MOVQ (SI)(BX*8), R10
	VPBROADCASTD (DX)(BX*4), Y4
	DOWN(0, Y0)
	DOWN(8, Y1)
	DOWN(16, Y2)
	DOWN(24, Y3)
	INCQ BX
	CMPQ BX, R9
	JLT taps
	VPSRAD $22, Y0, Y0
	VPSRAD $22, Y1, Y1
	VPSRAD $22, Y2, Y2
	VPSRAD $22, Y3, Y3
	VPACKSSDW Y1, Y0, Y0
	VPACKSSDW Y3, Y2, Y2
	VPERMQ $0xD8, Y0, Y0
	VPERMQ $0xD8, Y2, Y2
	VPACKUSWB Y2, Y0, Y0
	VPERMQ $0xD8, Y0, Y0
	VMOVDQU Y0, (DI)(AX*1)
	ADDQ $32, AX
	CMPQ AX, CX
	JLT columns
	VZEROUPPER
	RET
