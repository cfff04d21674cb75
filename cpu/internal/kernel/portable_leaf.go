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

// leaf2x4 is portableLeaf for two rows and four columns: see leafTall.
func leaf2x4(k int, a, b, c unsafe.Pointer) {
	x, y := (*[2]float64)(a), (*[4]float64)(b)
	s00, s01, s02, s03 := x[0]*y[0], x[0]*y[1], x[0]*y[2], x[0]*y[3]
	s10, s11, s12, s13 := x[1]*y[0], x[1]*y[1], x[1]*y[2], x[1]*y[3]
	for k--; k > 0; k-- {
		a, b = unsafe.Add(a, 16), unsafe.Add(b, 8*portableCols)
		x, y := (*[2]float64)(a), (*[4]float64)(b)
		s00 += x[0] * y[0]
		s10 += x[1] * y[0]
		s01 += x[0] * y[1]
		s11 += x[1] * y[1]
		s02 += x[0] * y[2]
		s12 += x[1] * y[2]
		s03 += x[0] * y[3]
		s13 += x[1] * y[3]
	}
	*(*[4]float64)(c) = [4]float64{s00, s01, s02, s03}
	*(*[4]float64)(unsafe.Add(c, 8*portableCols)) = [4]float64{s10, s11, s12, s13}
}
