//go:build 386 || wasm || (amd64 && !amd64.v3)

package kernel

import "unsafe"

// microRows: see portable_fused.go.
const microRows = 3

func productsTall(n int, a operandA, b unsafe.Pointer, s *[6]float64) { products3x2(n, a, b, s) }

func int8ProductsTall(n int, a operandA, b unsafe.Pointer, s *[6]float64) {
	int8Products3x2(n, a, b, s)
}
