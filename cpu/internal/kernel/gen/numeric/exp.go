// Package numeric has the numbers that kernels compute with, whatever the instruction set:
// coefficients of polynomials, and which operands sums and products are made of.
package numeric

// Log2e makes exponents of 2 of those of e.
const Log2e = 1.4426950408889634

// Minimax polynomials for 2^x on [0, 1], of relative error 8e-8 and 2e-9: at most
// one rounding of float32, and nothing beside it.
var (
	Exp5 = []float64{1, 0.6931513118045998, 0.24016445015510796, 0.05579991310367403, 0.009017030322526775, 0.0018671300698397714}
	Exp6 = []float64{1, 0.6931470444433158, 0.2402293055523562, 0.0554852806180815, 0.009675451568016198, 0.0012467846436457907, 0.00021612914986056264}
)

// Exp3 is a minimax polynomial for 2^x on [0, 1], of relative error 2^-13.7: a
// fraction of what rounding to bfloat16 adds.
var Exp3 = []float64{0.9999252185627154, 0.6958335404947528, 0.226067155427483, 0.07802452264047964}

// Exp3Up is Exp3 and half the last place of a bfloat16 in [1, 2): cut off, its
// values are rounded.
var Exp3Up = []float64{Exp3[0] + 0x1p-8, Exp3[1], Exp3[2], Exp3[3]}
