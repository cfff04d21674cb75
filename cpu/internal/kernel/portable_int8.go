package kernel

import "unsafe"

// A word of A has four uint8, one of B four int8. A 64-bit multiplication has the products
// of two of each, added up, in its upper half:
//
//	(a0 + a1·2³²)·(b1 + b0·2³²) = a0·b1 + (a0·b0 + a1·b1)·2³²   modulo 2⁶⁴
//
// The lower half has sums of a0·b1, which stay within 32 bits up to 65536 elements; where
// they are negative, they have borrowed from the upper half.

// pairsOfA are two such factors of a word of A, pairsOfB of one of B.
func pairsOfA(w uint32) (p, q uint64) {
	v := uint64(w)
	return v&0xff | v<<24&0xff00000000, v>>16&0xff | v<<8&0xff00000000
}

func pairsOfB(w uint32) (p, q uint64) {
	v := int64(w)
	return uint64(int64(int8(v>>8)) + int64(int8(v))<<32), uint64(v<<32>>56 + int64(int8(v>>16))<<32)
}

// upper is the sum in the upper half.
func upper(v uint64) int32 { return int32((int64(v) - int64(int32(v))) >> 32) }

func wordAt(p unsafe.Pointer, o int) uint32 { return *(*uint32)(unsafe.Add(p, o)) }

// portableGemmRowsInt8 are the kernels by rows of words of four int8.
func portableGemmRowsInt8() []RowsFunc {
	tiles := []RowsFunc{nil}
	for m := 1; m <= portableRows; m++ {
		tiles = append(tiles, func(k int, a unsafe.Pointer, lda int, b, c unsafe.Pointer, add int, _, _ unsafe.Pointer, _ uintptr) {
			sums := unsafe.Slice((*int32)(c), m*portableCols)
			if add == 0 {
				clear(sums)
			}
			for r := 0; r < m; r += 2 {
				x := unsafe.Add(a, r*lda)
				second := unsafe.Add(a, min(r+1, m-1)*lda) // the last row alone goes twice
				for j := 0; j < portableCols; j += 2 {
					s := int8Products2x2(k, x, second, unsafe.Add(b, 4*j))
					to := sums[r*portableCols+j:]
					to[0] += s[0]
					to[1] += s[1]
					if r+1 < m {
						to[portableCols] += s[2]
						to[portableCols+1] += s[3]
					}
				}
			}
		})
	}
	return tiles
}

// int8Products2x2 are the sums of products of n words, of two rows and two columns of a
// panel.
func int8Products2x2(n int, a0, a1, b unsafe.Pointer) [4]int32 {
	var s00, s01, s10, s11 uint64
	for i, j := 0, 0; i < 4*n; i, j = i+4, j+4*portableCols {
		p0, q0 := pairsOfB(wordAt(b, j))
		p1, q1 := pairsOfB(wordAt(b, j+4))
		x, y := pairsOfA(wordAt(a0, i))
		s00 += x*p0 + y*q0
		s01 += x*p1 + y*q1
		x, y = pairsOfA(wordAt(a1, i))
		s10 += x*p0 + y*q0
		s11 += x*p1 + y*q1
	}
	return [4]int32{upper(s00), upper(s01), upper(s10), upper(s11)}
}
