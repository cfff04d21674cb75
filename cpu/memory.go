package cpu

import (
	"os"
	"unsafe"
)

// cacheLine is the alignment, in bytes, of what kernels read and write most.
const cacheLine = 64

// manyPages is the size, in bytes, from which memory should lie on large pages. With
// weights there B at 224 px takes 4 % less time.
const manyPages = 4 << 20

// aligned is n zeros that begin a cache line, on large pages if they are many and the
// system has such.
func aligned(n int) []float32 {
	x := make([]float32, n+cacheLine/4)
	if 4*n >= manyPages {
		largePages(bytesOf(x[toNext(x, os.Getpagesize()):]))
	}
	return x[toNext(x, cacheLine):][:n:n]
}

// toNext is how many elements of x come before the next multiple of a power of 2, in
// bytes.
func toNext(x []float32, multiple int) int {
	return int(-uintptr(unsafe.Pointer(unsafe.SliceData(x)))&uintptr(multiple-1)) / 4
}
