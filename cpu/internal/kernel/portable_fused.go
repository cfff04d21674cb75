//go:build !386 && !wasm && (!amd64 || amd64.v3)

package kernel

import "unsafe"

// microRows is the height of what is computed in registers at a time. With its two columns
// there are eight sums where compilers make one instruction of a multiplication and its
// addition, and six where they need a register between them, and there are few.
const microRows = 4

func productsTall(n int, a operandA, b unsafe.Pointer, s *[8]float64) { products4x2(n, a, b, s) }

func int8ProductsTall(n int, a operandA, b unsafe.Pointer, s *[8]float64) {
	int8Products4x2(n, a, b, s)
}
