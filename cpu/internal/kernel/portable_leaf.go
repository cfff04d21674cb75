package kernel

import "unsafe"

// portableLeaf is Leaf of Tiles. Rows side by side are one stream of memory, which processors
// fetch ahead.
func portableLeaf(rows, k int, a, b, c unsafe.Pointer) {
	for r := 0; r < rows; r += microRows {
		from, to := unsafe.Add(a, 8*r*k), unsafe.Add(c, 8*r*portableCols)
		if rows-r < microRows {
			for j := 0; j < portableCols; j += 4 {
				leaf2x4(k, from, unsafe.Add(b, 8*j), unsafe.Add(to, 8*j))
			}
			return
		}
		for j := 0; j < portableCols; j += 2 {
			leafTall(k, from, unsafe.Add(b, 8*j), unsafe.Add(to, 8*j))
		}
	}
}

// leaf2x4 is portableLeaf for two rows and four columns.
func leaf2x4(k int, a, b, c unsafe.Pointer) {
	var s00, s01, s02, s03, s10, s11, s12, s13 float64
	for i, j := 0, 0; i < 16*k; i, j = i+16, j+8*portableCols {
		x0, x1 := *(*float64)(unsafe.Add(a, i)), *(*float64)(unsafe.Add(a, i+8))
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
	*(*[4]float64)(c) = [4]float64{s00, s01, s02, s03}
	*(*[4]float64)(unsafe.Add(c, 8*portableCols)) = [4]float64{s10, s11, s12, s13}
}
