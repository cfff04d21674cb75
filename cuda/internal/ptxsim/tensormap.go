package ptxsim

import (
	"encoding/binary"
	"fmt"
)

// Swizzle is how the copy engine permutes 16-byte chunks in shared memory, so that a column of chunks
// is in different banks.
type Swizzle uint32

// The modes, by the bytes of a row of a box.
const (
	NoSwizzle Swizzle = iota
	Swizzle32
	Swizzle64
	Swizzle128
)

// place returns where the byte at an offset from a multiple of 1024 bytes lies.
func (s Swizzle) place(at int) int {
	return at ^ at>>7&(1<<s-1)<<4
}

// TensorMap says what of a tensor in global memory the copy engine moves: boxes of up to three
// dimensions, the first of them contiguous. A driver encodes one; its 128 bytes are opaque, and here
// they are of our own layout.
type TensorMap struct {
	Base    uint64
	Dims    [3]int    // elements; those that are not there are 0
	Strides [2]uint64 // bytes, of the second and third dimension
	Box     [3]int
	Size    int // bytes of an element
	Swizzle Swizzle
}

// Encode returns the parameter of a kernel.
func (t TensorMap) Encode() []byte {
	b := make([]byte, 0, 128)
	for _, v := range []uint64{
		t.Base, uint64(t.Dims[0]), uint64(t.Dims[1]), uint64(t.Dims[2]), t.Strides[0], t.Strides[1],
		uint64(t.Box[0]), uint64(t.Box[1]), uint64(t.Box[2]), uint64(t.Size), uint64(t.Swizzle),
	} {
		b = binary.LittleEndian.AppendUint64(b, v)
	}
	return append(b, make([]byte, 128-len(b))...)
}

// decodeMap is the opposite of Encode, for a copy of so many dimensions.
func decodeMap(b []byte, rank int) TensorMap {
	v := func(i int) int { return int(binary.LittleEndian.Uint64(b[8*i:])) }
	t := TensorMap{
		Base: uint64(v(0)), Dims: [3]int{v(1), v(2), v(3)}, Strides: [2]uint64{uint64(v(4)), uint64(v(5))},
		Box: [3]int{v(6), v(7), v(8)}, Size: v(9), Swizzle: Swizzle(v(10)),
	}
	has := 1
	for has < 3 && t.Dims[has] > 0 {
		has++
	}
	switch row := t.Box[0] * t.Size; {
	case has != rank:
		fail("a copy of %d dimensions by a map of %d", rank, has)
	case t.Size != 1 && t.Size != 2 && t.Size != 4, t.Swizzle > Swizzle128:
		fail("%+v is not a tensor map", t)
	case row%16 != 0, t.Swizzle != NoSwizzle && row > 16<<t.Swizzle:
		fail("rows of %d bytes in a box: want a multiple of 16, and at most what is swizzled", row)
	case t.Base%16 != 0, t.Strides[0]%16 != 0, t.Strides[1]%16 != 0:
		fail("addresses and strides of %+v: want multiples of 16", t)
	}
	for i := rank; i < 3; i++ {
		t.Dims[i], t.Box[i] = 1, 1
	}
	return t
}

// bytes of a box.
func (t *TensorMap) bytes() int { return t.Box[0] * t.Box[1] * t.Box[2] * t.Size }

// each calls f for each element of the box at x: its offset in the box, and its address, 0 where it is
// outside of the tensor.
func (t *TensorMap) each(x [3]int, f func(offset int, address uint64)) {
	offset := 0
	for k := range t.Box[2] {
		for j := range t.Box[1] {
			for i := range t.Box[0] {
				at := [3]int{x[0] + i, x[1] + j, x[2] + k}
				address := t.Base + uint64(at[0]*t.Size) + uint64(at[1])*t.Strides[0] + uint64(at[2])*t.Strides[1]
				for d, n := range t.Dims {
					if at[d] < 0 || at[d] >= n {
						address = 0
					}
				}
				f(offset, address)
				offset += t.Size
			}
		}
	}
}

func (s Swizzle) String() string { return fmt.Sprintf("Swizzle%d", 16<<s) }
