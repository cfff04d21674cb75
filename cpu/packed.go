package cpu

import "cradio/cpu/internal/gemm"

// Matrix is the weight of a Linear, with Rows outputs and Cols inputs: row-major
// (out, in) as in PyTorch, or packed in the layout of a level. It is never written, so any
// number of operations may share it. A packed Matrix keeps its level: it is multiplied by
// the kernels of that level whatever pool the operation runs on.
type Matrix[T Float] = gemm.Matrix[T]

// Pack packs a weight that will not change, for the kernels of a pool. w must have
// rows·cols elements, or Linear.Check returns an error. The plain level refers to w. Other
// levels copy w, and do not need it afterwards.
func Pack[T Float](p *Pool, w []T, rows, cols int) *Matrix[T] {
	return gemm.Pack(p.threads, w, rows, cols)
}

// Wrap returns a Matrix that refers to w without packing it. Use it for a weight that
// may change between runs, as in training. It computes the same function as a packed
// Matrix.
func Wrap[T Float](w []T, rows, cols int) Matrix[T] { return gemm.Wrap(w, rows, cols) }

// PackedBytes returns the Bytes of a matrix of this size that is packed for a pool.
func PackedBytes[T Float](p *Pool, rows, cols int) int {
	return gemm.PackedBytes[T](p.table(), rows, cols)
}

// LowPrecisionMatrix is the weight of a LowPrecisionLinear, with Rows outputs and Cols
// inputs, rounded to BFloat16 or Int8 and packed in the layout of a level. Like a Matrix it
// is never written, and keeps its level.
type LowPrecisionMatrix = gemm.LowMatrix

// PackLowPrecision rounds a weight w (rows, cols) to BFloat16 or Int8, and packs it for the
// kernels of a pool. Int8 has a scale for each row of w. w is copied, and not needed
// afterwards. It must have rows·cols elements, or LowPrecisionLinear.Check returns an error.
func PackLowPrecision(p *Pool, w []float32, rows, cols int, f Form) *LowPrecisionMatrix {
	return gemm.PackLow(p.threads, w, rows, cols, f)
}

// PackedLowPrecisionBytes returns the Bytes of a matrix of this size that is packed for a
// pool.
func PackedLowPrecisionBytes(p *Pool, f Form, rows, cols int) int {
	return gemm.PackedLowBytes(p.table(), f, rows, cols)
}

// Packed is a weight in packed form: a *Matrix or a *LowPrecisionMatrix. It tells its
// Form and size, its memory (Bytes), and that memory as Sections, of which there are none
// if its level does not pack weights. Sections can be saved, and restored at a level with
// the same Layout.
type Packed = gemm.Packed

// Section is a piece of a packed weight: its Name, which is unique within the weight, and
// its Data, read-only and in the byte order of this machine.
type Section = gemm.Section

// Layout returns the name of the layout of sections at the pool's level, such as
// "avx512-v1".
func (p *Pool) Layout() string { return gemm.Layout(p.table()) }

// Restore returns a packed weight, a *Matrix[float32] or a *LowPrecisionMatrix, from the
// sections of one that was packed for a pool with the same Layout. It does not copy the
// sections: their memory, such as a mapped file, must stay valid. The numbers in them are
// not checked.
func Restore(p *Pool, f Form, rows, cols int, section func(name string) []byte) (Packed, error) {
	return gemm.Restore(p.table(), f, rows, cols, section)
}
