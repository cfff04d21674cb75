package cpu

import "cradio/cpu/internal/gemm"

// Matrix is the weight of a Linear.
type Matrix[T Float] = gemm.Matrix[T]

// Pack packs a weight that will not change. w must have rows·cols elements, or
// Linear.Check returns an error. The plain level refers to w. Other levels copy w, and
// do not need it afterwards.
func Pack[T Float](w []T, rows, cols int) *Matrix[T] { return PackFor(Default(), w, rows, cols) }

// PackFor is Pack for the kernels of a pool.
func PackFor[T Float](p *Pool, w []T, rows, cols int) *Matrix[T] {
	return gemm.Pack(p.threads, w, rows, cols)
}

// Wrap returns a Matrix that refers to w without packing it. Use it for a weight that
// may change between runs, as in training. It computes the same function as a packed
// Matrix.
func Wrap[T Float](w []T, rows, cols int) Matrix[T] { return gemm.Wrap(w, rows, cols) }

// PackedBytes returns the Bytes of a packed matrix of this size, at the level in use.
func PackedBytes[T Float](rows, cols int) int {
	return gemm.PackedBytes[T](current.Load(), rows, cols)
}

// NarrowMatrix is the weight of a NarrowLinear.
type NarrowMatrix = gemm.LowMatrix

// PackNarrow rounds a weight w (rows, cols) to BFloat16 or Int8, and packs it.
func PackNarrow(w []float32, rows, cols int, p Precision) *NarrowMatrix {
	return PackNarrowFor(Default(), w, rows, cols, p)
}

// PackNarrowFor is PackNarrow for the kernels of a pool.
func PackNarrowFor(pool *Pool, w []float32, rows, cols int, p Precision) *NarrowMatrix {
	return gemm.PackLow(pool.threads, w, rows, cols, p)
}

// PackedNarrowBytes returns the Bytes of a NarrowMatrix of this size, at the level in use.
func PackedNarrowBytes(p Precision, rows, cols int) int {
	return gemm.PackedLowBytes(current.Load(), p, rows, cols)
}

// Packed is a weight in packed form: a *Matrix or a *NarrowMatrix.
type Packed = gemm.Packed

// Section is a part of a packed weight, in the byte order of this machine.
type Section = gemm.Section

// Layout returns the name of the layout of sections at the level in use.
func Layout() string { return gemm.Layout(current.Load()) }

// Restore returns a packed weight from its sections.
func Restore(p Precision, rows, cols int, section func(name string) []byte) (Packed, error) {
	return gemm.Restore(current.Load(), p, rows, cols, section)
}
