#include "textflag.h"

// func sumsAVX2(dst *uint16, near, far *uint8, n int)
// n is a multiple of 16.
TEXT ·sumsAVX2(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ near+8(FP), SI
	MOVQ far+16(FP), DX
	MOVQ n+24(FP), CX
	XORQ AX, AX

loop:
	VPMOVZXBW (SI)(AX*1), Y0
	VPMOVZXBW (DX)(AX*1), Y1
	VPADDW Y0, Y1, Y1
	VPADDW Y0, Y0, Y0
	VPADDW Y0, Y1, Y1
	VMOVDQU Y1, (DI)(AX*2)
	ADDQ $16, AX
	CMPQ AX, CX
	JLT loop
	VZEROUPPER
	RET

// func widenAVX2(dst *uint16, src *uint8, n int)
// n is a multiple of 16.
TEXT ·widenAVX2(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ n+16(FP), CX
	XORQ AX, AX

loop:
	VPMOVZXBW (SI)(AX*1), Y0
	VMOVDQU Y0, (DI)(AX*2)
	ADDQ $16, AX
	CMPQ AX, CX
	JLT loop
	VZEROUPPER
	RET

// func doubleAVX2(dst, src *uint8, n int)
// n is a multiple of 16, samples of src.
TEXT ·doubleAVX2(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ n+16(FP), CX
	XORQ AX, AX

loop:
	VPMOVZXBW (SI)(AX*1), Y0
	VPSLLW $8, Y0, Y1
	VPOR Y0, Y1, Y1
	VMOVDQU Y1, (DI)(AX*2)
	ADDQ $16, AX
	CMPQ AX, CX
	JLT loop
	VZEROUPPER
	RET

// func spreadAVX2(dst *uint8, sums *uint16, n, even, odd, shift int)
// n is a multiple of 16; sums is the left neighbour of the first.
TEXT ·spreadAVX2(SB), NOSPLIT, $0-48
	MOVQ dst+0(FP), DI
	MOVQ sums+8(FP), SI
	MOVQ n+16(FP), CX
	MOVQ even+24(FP), R8
	MOVQ odd+32(FP), R9
	VMOVD R8, X4
	VMOVD R9, X5
	VPBROADCASTW X4, Y4
	VPBROADCASTW X5, Y5
	VMOVQ shift+40(FP), X6
	XORQ AX, AX

loop:
	VMOVDQU 2(SI)(AX*2), Y0
	VPADDW Y0, Y0, Y1
	VPADDW Y0, Y1, Y0
	VPADDW (SI)(AX*2), Y0, Y1
	VPADDW 4(SI)(AX*2), Y0, Y2
	VPADDW Y4, Y1, Y1
	VPADDW Y5, Y2, Y2
	VPSRLW X6, Y1, Y1
	VPSRLW X6, Y2, Y2
	VPSLLW $8, Y2, Y2
	VPOR Y2, Y1, Y1
	VMOVDQU Y1, (DI)(AX*2)
	ADDQ $16, AX
	CMPQ AX, CX
	JLT loop
	VZEROUPPER
	RET
