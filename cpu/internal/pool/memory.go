package pool

import (
	"math/bits"
	"os"
	"unsafe"

	"cradio/cpu/internal/kernel"
)

// CacheLine is the alignment, in bytes, of what kernels read and write most.
const CacheLine = 64

// ArenaSize is the size in float32 of a worker's memory.
const ArenaSize = 1 << 18

// TileArenaSize is the same at levels with AMX: processors that have it have second-level
// caches of 2 MiB. It is that of a large page.
const TileArenaSize = 1 << 19

// DeepArenaSize is the same at levels that multiply by several steps of Strassen's algorithm,
// which find what they need next in a few hundred KiB of it. It is that of a large page.
const DeepArenaSize = 1 << 19

// manyPages is the size, in bytes, from which memory should lie on large pages. With
// weights there B at 224 px takes 4 % less time.
const manyPages = 4 << 20

// largePage is the size of a large page, in bytes.
const largePage = 2 << 20

// Aligned returns n zeros that begin a cache line, on large pages if they are many and
// the system has such pages.
func Aligned(n int) []float32 {
	x := make([]float32, n+CacheLine/4)
	if 4*n >= manyPages {
		largePages(BytesOf(x[toNext(x, os.Getpagesize()):]))
	}
	return x[toNext(x, CacheLine):][:n:n]
}

// AlignedBytes returns n zeros that begin a cache line: on large pages, of which more than half is
// used, if the system has such pages.
func AlignedBytes(n int) []byte {
	pages := (n + largePage/2 - 1) / largePage * largePage
	if pages == 0 {
		x := make([]byte, n+CacheLine)
		return x[toNext(x, CacheLine):][:n:n]
	}
	x := make([]byte, max(n, pages)+largePage) // the system only gives what is written
	x = x[toNext(x, largePage):]
	largePages(x[:pages])
	return x[:n:n]
}

// arenaFor is a worker's memory for a table's kernels.
func arenaFor(k *kernel.Table) []float32 {
	n := ArenaSize
	switch {
	case k == nil:
	case k.Float32.Leaf != nil:
		n = DeepArenaSize
	case k.AMX != nil:
		n = TileArenaSize
	}
	x := AlignedBytes(4 * n)
	return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(x))), n)
}

// toNext is how many elements of x come before the next multiple of a power of 2, in
// bytes.
func toNext[E any](x []E, multiple int) int {
	var e E
	return int(-uintptr(unsafe.Pointer(unsafe.SliceData(x)))&uintptr(multiple-1)) / int(unsafe.Sizeof(e))
}

// BytesOf is the memory of x.
func BytesOf[E any](x []E) []byte {
	var e E
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), len(x)*int(unsafe.Sizeof(e)))
}

// Scratch is memory that is cut into pieces.
type Scratch[E any] []E

// Cut takes the next n elements.
func (s *Scratch[E]) Cut(n int) []E {
	x := (*s)[:n:n]
	*s = (*s)[n:]
	return x
}

// Size multiplies sizes, and reports whether none is negative and the result is an int.
func Size(dims ...int) (int, bool) {
	p := uint64(1)
	for _, d := range dims {
		if d < 0 {
			return 0, false
		}
		hi, lo := bits.Mul64(p, uint64(d))
		if hi != 0 || lo > uint64(^uint(0)>>1) {
			return 0, false
		}
		p = lo
	}
	return int(p), true
}
