//go:build amd64 || arm64

package kernel

import "unsafe"

// eps32 is a layer norm whose kernel takes ε as a float32.
func eps32(norm func(y, x, weight, bias unsafe.Pointer, n int, eps float32)) func(y, x, weight, bias unsafe.Pointer, n int, eps float64) {
	return func(y, x, weight, bias unsafe.Pointer, n int, eps float64) { norm(y, x, weight, bias, n, float32(eps)) }
}

// moments32 are moments whose kernel takes ε as a float32.
func moments32(moments func(stats, x unsafe.Pointer, n int, eps float32)) func(stats, x unsafe.Pointer, n int, eps float64) {
	return func(stats, x unsafe.Pointer, n int, eps float64) { moments(stats, x, n, float32(eps)) }
}
