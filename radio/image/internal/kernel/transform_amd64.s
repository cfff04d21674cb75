#include "textflag.h"

// FILL defines 32 bytes of one 64-bit pattern.
#define FILL(name, v) \
	DATA name<>+0(SB)/8, $v  \
	DATA name<>+8(SB)/8, $v  \
	DATA name<>+16(SB)/8, $v \
	DATA name<>+24(SB)/8, $v \
	GLOBL name<>(SB), RODATA|NOPTR, $32

// Pairs of 16-bit factors, of 13-bit fixed point, for the sums of two products that the transforms are made of.

// x2*(0.541+0.765) + x6*0.541
FILL(even2, 0x115129cf115129cf)
// x2*0.541 + x6*(0.541-1.848)
FILL(even6, 0xd6301151d6301151)
// z3*(1.176-1.962) + z4*1.176
FILL(odd37, 0x25a1e6dc25a1e6dc)
// z3*1.176 + z4*(1.176-0.390)
FILL(odd15, 0x192525a1192525a1)
// x7*(0.299-0.900) - x1*0.900
FILL(odd7, 0xe333ecc1e333ecc1)
// -x7*0.900 + x1*(1.501-0.900)
FILL(odd1, 0x133ee333133ee333)
// x5*(2.053-2.563) - x3*2.563
FILL(odd5, 0xadfdefb0adfdefb0)
// -x5*2.563 + x3*(3.073-2.563)
FILL(odd3, 0x1051adfd1051adfd)
FILL(round11, 0x0000040000000400)
FILL(round18, 0x0002000000020000)
FILL(flip, 0x8080808080808080)
// The transform to 4 x 4: x2*1.848 - x6*0.765
FILL(even26, 0xe7823b21e7823b21)
// -x7*0.211 + x5*1.452
FILL(inner75, 0x2e75f93e2e75f93e)
// -x3*2.173 + x1*1.062
FILL(inner31, 0x21f9ba7921f9ba79)
// -x7*0.510 - x5*0.601
FILL(outer75, 0xecc2efb0ecc2efb0)
// x3*0.900 + x1*2.563
FILL(outer31, 0x52031ccd52031ccd)
FILL(round12, 0x0000080000000800)
FILL(round19, 0x0004000000040000)

// PASS is the one-dimensional transform of 8 rows Y0 … Y7 of 16-bit values, each with columns 0-3
// in the low quarter and 4-7 in the third, and the transposition of the result: rows 0 and 4
// in Y8, 1 and 5 in Y9, 2 and 6 in Y10, 3 and 7 in Y11.
#define PASS(round, shift) \
	VPUNPCKLWD Y6, Y2, Y8          \
	VPMADDWD   even2<>(SB), Y8, Y9 \
	VPMADDWD   even6<>(SB), Y8, Y8 \
	VPADDW     Y4, Y0, Y10         \
	VPSUBW     Y4, Y0, Y11         \
	VPXOR      Y12, Y12, Y12       \
	VPUNPCKLWD Y10, Y12, Y10       \
	VPUNPCKLWD Y11, Y12, Y11       \
	VPSRAD     $3, Y10, Y10        \
	VPSRAD     $3, Y11, Y11        \
	VPADDD     round<>(SB), Y10, Y10 \
	VPADDD     round<>(SB), Y11, Y11 \
	VPADDD     Y9, Y10, Y12        \
	VPSUBD     Y9, Y10, Y13        \
	VPADDD     Y8, Y11, Y14        \
	VPSUBD     Y8, Y11, Y15        \
	VPADDW     Y3, Y7, Y0          \
	VPADDW     Y1, Y5, Y2          \
	VPUNPCKLWD Y2, Y0, Y0          \
	VPMADDWD   odd37<>(SB), Y0, Y4 \
	VPMADDWD   odd15<>(SB), Y0, Y6 \
	VPUNPCKLWD Y1, Y7, Y8          \
	VPMADDWD   odd7<>(SB), Y8, Y9  \
	VPMADDWD   odd1<>(SB), Y8, Y8  \
	VPADDD     Y4, Y9, Y9          \
	VPADDD     Y6, Y8, Y8          \
	VPUNPCKLWD Y3, Y5, Y10         \
	VPMADDWD   odd5<>(SB), Y10, Y11 \
	VPMADDWD   odd3<>(SB), Y10, Y10 \
	VPADDD     Y6, Y11, Y11        \
	VPADDD     Y4, Y10, Y10        \
	VPADDD     Y8, Y12, Y0         \
	VPSUBD     Y8, Y12, Y7         \
	VPADDD     Y10, Y14, Y1        \
	VPSUBD     Y10, Y14, Y6        \
	VPADDD     Y11, Y15, Y2        \
	VPSUBD     Y11, Y15, Y5        \
	VPADDD     Y9, Y13, Y3         \
	VPSUBD     Y9, Y13, Y4         \
	VPSRAD     $shift, Y0, Y0      \
	VPSRAD     $shift, Y1, Y1      \
	VPSRAD     $shift, Y2, Y2      \
	VPSRAD     $shift, Y3, Y3      \
	VPSRAD     $shift, Y4, Y4      \
	VPSRAD     $shift, Y5, Y5      \
	VPSRAD     $shift, Y6, Y6      \
	VPSRAD     $shift, Y7, Y7      \
	VPACKSSDW  Y2, Y0, Y8          \
	VPACKSSDW  Y3, Y1, Y9          \
	VPACKSSDW  Y6, Y4, Y10         \
	VPACKSSDW  Y7, Y5, Y11         \
	VPUNPCKLWD Y9, Y8, Y12         \
	VPUNPCKHWD Y9, Y8, Y13         \
	VPUNPCKLWD Y11, Y10, Y14       \
	VPUNPCKHWD Y11, Y10, Y15       \
	VPUNPCKLDQ Y13, Y12, Y0        \
	VPUNPCKHDQ Y13, Y12, Y1        \
	VPUNPCKLDQ Y15, Y14, Y2        \
	VPUNPCKHDQ Y15, Y14, Y3        \
	VPUNPCKLQDQ Y2, Y0, Y8         \
	VPUNPCKHQDQ Y2, Y0, Y9         \
	VPUNPCKLQDQ Y3, Y1, Y10        \
	VPUNPCKHQDQ Y3, Y1, Y11

// func inverseDCTAVX2(dst *uint8, stride int, coeffs *[64]int16, quant *[64]uint16)
TEXT ·inverseDCTAVX2(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ stride+8(FP), R8
	MOVQ coeffs+16(FP), SI
	MOVQ quant+24(FP), DX
	LEAQ (R8)(R8*2), R9
	LEAQ (DI)(R8*4), R10
	VMOVDQU (SI), Y0
	VMOVDQU 32(SI), Y2
	VMOVDQU 64(SI), Y4
	VMOVDQU 96(SI), Y6
	VPOR Y2, Y4, Y8
	VPOR Y6, Y8, Y8
	VEXTRACTI128 $1, Y0, X10
	VPOR X10, X8, X10
	VEXTRACTI128 $1, Y8, X8
	VPOR X10, X8, X8
	VPTEST X8, X8
	JZ flat
	VPMULLW (DX), Y0, Y0
	VPMULLW 32(DX), Y2, Y2
	VPMULLW 64(DX), Y4, Y4
	VPMULLW 96(DX), Y6, Y6
	VPERMQ $0x32, Y0, Y1
	VPERMQ $0x10, Y0, Y0
	VPERMQ $0x32, Y2, Y3
	VPERMQ $0x10, Y2, Y2
	VPERMQ $0x32, Y4, Y5
	VPERMQ $0x10, Y4, Y4
	VPERMQ $0x32, Y6, Y7
	VPERMQ $0x10, Y6, Y6
	PASS(round11, 11)
	VPERMQ $0x10, Y8, Y0
	VPERMQ $0x10, Y9, Y1
	VPERMQ $0x10, Y10, Y2
	VPERMQ $0x10, Y11, Y3
	VPERMQ $0x32, Y8, Y4
	VPERMQ $0x32, Y9, Y5
	VPERMQ $0x32, Y10, Y6
	VPERMQ $0x32, Y11, Y7

rows:
	PASS(round18, 18)
	VPACKSSWB Y9, Y8, Y8
	VPACKSSWB Y11, Y10, Y10
	VPXOR flip<>(SB), Y8, Y8
	VPXOR flip<>(SB), Y10, Y10
	VEXTRACTI128 $1, Y8, X9
	VEXTRACTI128 $1, Y10, X11
	VMOVQ X8, (DI)
	VMOVHPS X8, (DI)(R8*1)
	VMOVQ X10, (DI)(R8*2)
	VMOVHPS X10, (DI)(R9*1)
	VMOVQ X9, (R10)
	VMOVHPS X9, (R10)(R8*1)
	VMOVQ X11, (R10)(R8*2)
	VMOVHPS X11, (R10)(R9*1)
	VZEROUPPER
	RET

flat: // all columns are constant
	VPSRLDQ $2, X0, X8
	VPTEST X8, X8
	JZ constant
	VPMULLW (DX), X0, X0
	VPSLLW $2, X0, X0
	VPSRLDQ $2, X0, X1
	VPSRLDQ $4, X0, X2
	VPSRLDQ $6, X0, X3
	VPSRLDQ $8, X0, X4
	VPSRLDQ $10, X0, X5
	VPSRLDQ $12, X0, X6
	VPSRLDQ $14, X0, X7
	VPBROADCASTW X0, Y0
	VPBROADCASTW X1, Y1
	VPBROADCASTW X2, Y2
	VPBROADCASTW X3, Y3
	VPBROADCASTW X4, Y4
	VPBROADCASTW X5, Y5
	VPBROADCASTW X6, Y6
	VPBROADCASTW X7, Y7
	JMP rows

constant:
	MOVWLSX (SI), AX
	MOVWLSX (DX), BX
	IMULL BX, AX
	SHLL $2, AX
	MOVWLSX AX, AX
	ADDL $16, AX
	SARL $5, AX
	VMOVD AX, X0
	VPACKSSDW X0, X0, X0
	VPACKSSWB X0, X0, X0
	VPBROADCASTB X0, X0
	VPXOR flip<>(SB), X0, X0
	VMOVQ X0, AX
	MOVQ AX, (DI)
	MOVQ AX, (DI)(R8*1)
	MOVQ AX, (DI)(R8*2)
	MOVQ AX, (DI)(R9*1)
	MOVQ AX, (R10)
	MOVQ AX, (R10)(R8*1)
	MOVQ AX, (R10)(R8*2)
	MOVQ AX, (R10)(R9*1)
	VZEROUPPER
	RET

// REDUCE makes 4 values of 7: R0 holds x0 above zeros, 16 bits each, R1 the pairs (x2, x6), R2 (x7, x5), R3 (x3, x1).
// The results, scaled, are in R4 to R7.
#define REDUCE(round, shift, R0, R1, R2, R3, R4, R5, R6, R7) \
	VPSRAD   $2, R0, R0             \
	VPADDD   round<>(SB), R0, R0    \
	VPMADDWD even26<>(SB), R1, R1   \
	VPMADDWD inner75<>(SB), R2, R4  \
	VPMADDWD inner31<>(SB), R3, R5  \
	VPMADDWD outer75<>(SB), R2, R2  \
	VPMADDWD outer31<>(SB), R3, R3  \
	VPADDD   R5, R4, R5             \
	VPADDD   R3, R2, R3             \
	VPADDD   R1, R0, R2             \
	VPSUBD   R1, R0, R0             \
	VPADDD   R3, R2, R4             \
	VPSUBD   R3, R2, R7             \
	VPSUBD   R5, R0, R6             \
	VPADDD   R5, R0, R5             \
	VPSRAD   $shift, R4, R4         \
	VPSRAD   $shift, R5, R5         \
	VPSRAD   $shift, R6, R6         \
	VPSRAD   $shift, R7, R7

// func inverseDCT4AVX2(dst *uint8, stride int, coeffs *[64]int16, quant *[64]uint16)
TEXT ·inverseDCT4AVX2(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ stride+8(FP), R8
	MOVQ coeffs+16(FP), SI
	MOVQ quant+24(FP), DX
	LEAQ (R8)(R8*2), R9
	VPXOR X15, X15, X15
	VMOVDQU (SI), Y0
	VMOVDQU 32(SI), Y2
	VMOVDQU 64(SI), Y4
	VMOVDQU 96(SI), Y6
	VPOR Y2, Y6, Y8
	VPOR Y0, Y4, Y9
	VEXTRACTI128 $1, Y9, X9
	VEXTRACTI128 $1, Y8, X10
	VPOR X8, X9, X9
	VPOR X10, X9, X9
	VPTEST X9, X9
	JZ flat
	VPMULLW (DX), Y0, Y0
	VPMULLW 32(DX), Y2, Y2
	VPMULLW 64(DX), Y4, Y4
	VPMULLW 96(DX), Y6, Y6
	VPERMQ $0x32, Y0, Y1
	VPERMQ $0x10, Y0, Y0
	VPERMQ $0x32, Y2, Y3
	VPERMQ $0x10, Y2, Y2
	VPERMQ $0x32, Y4, Y5
	VPERMQ $0x32, Y6, Y7
	VPERMQ $0x10, Y6, Y6
	VPUNPCKLWD Y0, Y15, Y0
	VPUNPCKLWD Y6, Y2, Y8
	VPUNPCKLWD Y5, Y7, Y9
	VPUNPCKLWD Y1, Y3, Y10
	REDUCE(round12, 12, Y0, Y8, Y9, Y10, Y4, Y5, Y6, Y7)
	VPACKSSDW Y6, Y4, Y4
	VPACKSSDW Y7, Y5, Y5
	VPUNPCKLWD Y5, Y4, Y6
	VPUNPCKHWD Y5, Y4, Y7
	VPUNPCKLDQ Y7, Y6, Y0
	VPUNPCKHDQ Y7, Y6, Y2
	VEXTRACTI128 $1, Y0, X1
	VEXTRACTI128 $1, Y2, X3

rows: // columns 0 and 1 are in X0, 2 and 3 in X2, 4 and 5 in X1, 6 and 7 in X3
	VPUNPCKLWD X0, X15, X11
	VPUNPCKLWD X3, X2, X8
	VPUNPCKHWD X1, X3, X9
	VPUNPCKHWD X0, X2, X10
	REDUCE(round19, 19, X11, X8, X9, X10, X4, X5, X6, X7)
	VPACKSSDW X6, X4, X4
	VPACKSSDW X7, X5, X5
	VPUNPCKLWD X5, X4, X6
	VPUNPCKHWD X5, X4, X7
	VPUNPCKLDQ X7, X6, X0
	VPUNPCKHDQ X7, X6, X2
	VPACKSSWB X2, X0, X0
	VPXOR flip<>(SB), X0, X0
	VMOVD X0, (DI)
	VPEXTRD $1, X0, (DI)(R8*1)
	VPEXTRD $2, X0, (DI)(R8*2)
	VPEXTRD $3, X0, (DI)(R9*1)
	VZEROUPPER
	RET

flat:
	VPMULLW (DX), X0, X0
	VPSLLW $2, X0, X0
	VPUNPCKHWD X0, X0, X1
	VPUNPCKLWD X0, X0, X2
	VPSHUFD $0x50, X2, X0
	VPSHUFD $0xFA, X2, X2
	VPSHUFD $0xFA, X1, X3
	VPSHUFD $0x50, X1, X1
	JMP rows
