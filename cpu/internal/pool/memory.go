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
// which find what they need next in a few hundred KiB of it.
const DeepArenaSize = 9 << 16

// manyPages is the size, in bytes, from which memory should lie on large pages. With
// weights there B at 224 px takes 4 % less time.
const manyPages = 4 << 20

// Aligned returns n zeros that begin a cache line, on large pages if they are many and
// the system has such pages.
func Aligned(n int) []float32 {
	x := make([]float32, n+CacheLine/4)
	if 4*n >= manyPages {
		largePages(BytesOf(x[toNext(x, os.Getpagesize()):]))
	}
	return x[toNext(x, CacheLine):][:n:n]
}

// arenaFor is a worker's memory for a table's kernels.
func arenaFor(k *kernel.Table) []float32 {
	if k != nil && k.Float32.Leaf != nil {
		return Aligned(DeepArenaSize)
	}
	if k == nil || k.AMX == nil {
		return Aligned(ArenaSize)
	}
	x := make([]float32, 2*TileArenaSize) // the system only gives what is written
	x = x[toNext(x, 4*TileArenaSize):][:TileArenaSize:TileArenaSize]
	largePages(BytesOf(x))
	return x
}

// toNext is how many elements of x come before the next multiple of a power of 2, in
// bytes.
func toNext(x []float32, multiple int) int {
	return int(-uintptr(unsafe.Pointer(unsafe.SliceData(x)))&uintptr(multiple-1)) / 4
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
