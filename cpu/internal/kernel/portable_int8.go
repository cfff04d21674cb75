package kernel

import "unsafe"

// A word of A has four uint8, one of B four int8. A float64 has room for two sums of their
// products, twoColumns apart:
//
//	a·(b0·2²⁶ + b1) = a·b0·2²⁶ + a·b1
//
// Each sum of 1024 products or fewer stays below 2²⁵, so that they are exact, with fused
// multiply-add or without, and can be told apart.

const (
	twoColumns = 26                        // bits
	int8Slice  = 128                       // words of B that are made such numbers at a time
	int8Pairs  = portableCols / 2          // for an element of each column
	int8Room   = 4 * int8Slice * int8Pairs // float64
)

// floatOfUint8 are float64 by their uint8.
var floatOfUint8 = func() (t [256]float64) {
	for i := range t {
		t[i] = float64(i)
	}
	return t
}()

// pairInt8 makes 4·n rows of float64 of n rows of words of a panel: element by element, each
// of two columns.
func pairInt8(pairs []float64, words [][4]int8) {
	for len(words) >= portableCols && len(pairs) >= 4*int8Pairs {
		for p := range int8Pairs {
			x, y := &words[2*p], &words[2*p+1]
			pairs[p] = float64(int64(x[0])<<twoColumns + int64(y[0]))
			pairs[p+int8Pairs] = float64(int64(x[1])<<twoColumns + int64(y[1]))
			pairs[p+2*int8Pairs] = float64(int64(x[2])<<twoColumns + int64(y[2]))
			pairs[p+3*int8Pairs] = float64(int64(x[3])<<twoColumns + int64(y[3]))
		}
		words, pairs = words[portableCols:], pairs[4*int8Pairs:]
	}
}

// addPairs adds sums of two columns each to neighbours in a row of a tile.
func addPairs(to []int32, sums []float64) {
	for i, s := range sums {
		v := int64(s)
		second := v << (64 - twoColumns) >> (64 - twoColumns)
		to[2*i] += int32((v - second) >> twoColumns)
		to[2*i+1] += int32(second)
	}
}

// portableGemmRowsInt8 are the kernels by rows of words of four int8.
func portableGemmRowsInt8() []RowsFunc {
	tiles := []RowsFunc{nil}
	for m := 1; m <= portableRows; m++ {
		tiles = append(tiles, func(k int, a unsafe.Pointer, lda int, b, c unsafe.Pointer, add int, _, _ unsafe.Pointer, _ uintptr) {
			sums := unsafe.Slice((*int32)(c), m*portableCols)
			if add == 0 {
				clear(sums)
			}
			words := unsafe.Slice((*[4]int8)(b), k*portableCols)
			var pairs [int8Room]float64
			for k0 := 0; k0 < k; k0 += int8Slice {
				n := min(int8Slice, k-k0)
				pairInt8(pairs[:], words[k0*portableCols:][:n*portableCols])
				multiplyTileInt8(m, 4*n, unsafe.Add(a, 4*k0), lda, &pairs, sums)
			}
		})
	}
	return tiles
}

// multiplyTileInt8 adds to sums the products of n columns of a, m rows of it, and the pairs of
// columns of a panel: see multiplyTile.
func multiplyTileInt8(m, n int, a unsafe.Pointer, lda int, pairs *[int8Room]float64, sums []int32) {
	for r := 0; r < m; {
		from, to := operandA{unsafe.Add(a, r*lda), lda, 1}, sums[r*portableCols:]
		switch left := m - r; {
		case left >= microRows && left != microRows+1:
			r += microRows
			for p := 0; p < int8Pairs; p += 2 {
				var s [2 * microRows]float64
				int8ProductsTall(n, from, unsafe.Pointer(&pairs[p]), &s)
				for i := range microRows {
					addPairs(to[i*portableCols+2*p:], s[2*i:2*i+2])
				}
			}
		case left >= 2:
			r += 2
			var s [8]float64
			int8Products2x4(n, from, unsafe.Pointer(pairs), &s)
			addPairs(to, s[:4])
			addPairs(to[portableCols:], s[4:])
		default:
			r++
			var s [4]float64
			int8Products1x4(n, from, unsafe.Pointer(pairs), &s)
			addPairs(to, s[:])
		}
	}
}

// int8Products2x4 are those of two rows and four pairs of columns.
func int8Products2x4(n int, a operandA, b unsafe.Pointer, s *[8]float64) {
	p0, p1, float := a.p, unsafe.Add(a.p, a.row), &floatOfUint8
	var s00, s01, s02, s03, s10, s11, s12, s13 float64
	for i, j := 0, 0; i < n; i, j = i+1, j+8*int8Pairs {
		x0, x1 := float[*(*uint8)(unsafe.Add(p0, i))], float[*(*uint8)(unsafe.Add(p1, i))]
		y := *(*float64)(unsafe.Add(b, j))
		s00 += x0 * y
		s10 += x1 * y
		y = *(*float64)(unsafe.Add(b, j+8))
		s01 += x0 * y
		s11 += x1 * y
		y = *(*float64)(unsafe.Add(b, j+16))
		s02 += x0 * y
		s12 += x1 * y
		y = *(*float64)(unsafe.Add(b, j+24))
		s03 += x0 * y
		s13 += x1 * y
	}
	*s = [8]float64{s00, s01, s02, s03, s10, s11, s12, s13}
}

// int8Products1x4 are those of one row and four pairs of columns.
func int8Products1x4(n int, a operandA, b unsafe.Pointer, s *[4]float64) {
	var s0, s1, s2, s3 float64
	for i, j := 0, 0; i < n; i, j = i+1, j+8*int8Pairs {
		x := floatOfUint8[*(*uint8)(unsafe.Add(a.p, i))]
		s0 += x * *(*float64)(unsafe.Add(b, j))
		s1 += x * *(*float64)(unsafe.Add(b, j+8))
		s2 += x * *(*float64)(unsafe.Add(b, j+16))
		s3 += x * *(*float64)(unsafe.Add(b, j+24))
	}
	*s = [4]float64{s0, s1, s2, s3}
}
