package kernel

import "unsafe"

// Kernels of Strassen's algorithm: see gemm/strassen.go.

// portableSlice is the depth of a panel that is made of two, products at a time.
const portableSlice = 32 * portableChain

// portableGemmRowsOfTwo are the kernels by rows, of the panel b + other, or b - other. They
// have half the rows of a tile, or more, so that making the panel costs little.
func portableGemmRowsOfTwo(join func(panel, b, other []float32)) []RowsFunc {
	tiles := make([]RowsFunc, portableRows+1)
	for m := portableRows / 2; m <= portableRows; m++ {
		tiles[m] = func(k int, a unsafe.Pointer, lda int, b, c unsafe.Pointer, add int, _, other unsafe.Pointer, _ uintptr) {
			from := operandA{a, lda, 4}
			var room [portableSlice * portableCols]float32
			for k0 := 0; k0 < k; k0 += portableSlice {
				n, at := min(portableSlice, k-k0), 4*k0*portableCols
				panel := room[:n*portableCols]
				join(panel, floats(unsafe.Add(b, at), len(panel)), floats(unsafe.Add(other, at), len(panel)))
				multiplyTile(m, n, from.at(0, k0), unsafe.Pointer(&room), c, add != 0 || k0 > 0)
			}
		}
	}
	return tiles
}

// portableSum is y = a + b, of a multiple of four elements.
func portableSum(y, a, b []float32) {
	for len(y) >= 4 && len(a) >= 4 && len(b) >= 4 {
		y[0], y[1], y[2], y[3] = a[0]+b[0], a[1]+b[1], a[2]+b[2], a[3]+b[3]
		y, a, b = y[4:], a[4:], b[4:]
	}
}

// portableDifference is y = a - b, of a multiple of four elements.
func portableDifference(y, a, b []float32) {
	for len(y) >= 4 && len(a) >= 4 && len(b) >= 4 {
		y[0], y[1], y[2], y[3] = a[0]-b[0], a[1]-b[1], a[2]-b[2], a[3]-b[3]
		y, a, b = y[4:], a[4:], b[4:]
	}
}

// portableLeftOperands makes the seven left operands, ldd bytes apart, of n elements of rows
// x and y, whose halves are half bytes apart.
func portableLeftOperands(dst unsafe.Pointer, ldd int, x, y unsafe.Pointer, half, n int) {
	a11, a12 := floats(x, n), floats(unsafe.Add(x, half), n)
	a21, a22 := floats(y, n), floats(unsafe.Add(y, half), n)
	to := sevenOf(dst, ldd, n)
	for i := range n {
		p, q, r, s := a11[i], a12[i], a21[i], a22[i]
		leftOperands(&to, i, p, q, r, s)
	}
}

// portableLeftOperandsBFloat16 is that of bfloat16.
func portableLeftOperandsBFloat16(dst unsafe.Pointer, ldd int, x, y unsafe.Pointer, half, n int) {
	a11, a12 := halves(x, n), halves(unsafe.Add(x, half), n)
	a21, a22 := halves(y, n), halves(unsafe.Add(y, half), n)
	to := sevenOf(dst, ldd, n)
	for i := range n {
		leftOperands(&to, i, FromBFloat16(a11[i]), FromBFloat16(a12[i]), FromBFloat16(a21[i]), FromBFloat16(a22[i]))
	}
}

// leftOperands are elements i of the left operands, of those of the four quarters of A.
func leftOperands(to *[7][]float32, i int, a11, a12, a21, a22 float32) {
	to[0][i], to[1][i], to[2][i], to[3][i] = a11+a22, a21+a22, a11, a22
	to[4][i], to[5][i], to[6][i] = a11+a12, a21-a11, a12-a22
}

// portableJoinProducts makes four tiles of n elements of seven products, in place of the
// first four.
func portableJoinProducts(dst unsafe.Pointer, ldd, n int) {
	m := sevenOf(dst, ldd, n)
	for i := range n {
		m1, m2, m3, m4 := m[0][i], m[1][i], m[2][i], m[3][i]
		m5, m6, m7 := m[4][i], m[5][i], m[6][i]
		m[0][i], m[1][i], m[2][i], m[3][i] = m1+m4-m5+m7, m3+m5, m2+m4, m1-m2+m3+m6
	}
}

// sevenOf are seven arrays of n elements, ld bytes apart.
func sevenOf(p unsafe.Pointer, ld, n int) (to [7][]float32) {
	for i := range to {
		to[i] = floats(unsafe.Add(p, i*ld), n)
	}
	return to
}
