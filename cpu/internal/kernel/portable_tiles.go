package kernel

import "unsafe"

const (
	portableRows  = 36 // of the tallest tile
	portableChain = 12 // products that are added in float32
	portableCols  = 2 * portableLanes
)

// operandA is a matrix of which row r, column k is row·r + step·k bytes after p.
type operandA struct {
	p         unsafe.Pointer
	row, step int
}

func (a operandA) at(r, k int) operandA {
	a.p = unsafe.Add(a.p, r*a.row+k*a.step)
	return a
}

// multiplyTile adds to c, or sets it to, the products of n columns of a, m rows of it, and the
// panel b. What is left of rows goes two by two: a row alone has too few sums to keep the
// processor busy.
func multiplyTile(m, n int, a operandA, b, c unsafe.Pointer, add bool) {
	for r := 0; r < m; {
		from, to := a.at(r, 0), unsafe.Add(c, 4*r*portableCols)
		switch left := m - r; {
		case left >= microRows && left != microRows+1:
			r += microRows
			for j := 0; j < portableCols; j += 2 {
				var s [2 * microRows]float64
				productsTall(n, from, unsafe.Add(b, 4*j), &s)
				for i := range microRows {
					finishSums(unsafe.Add(to, 4*(i*portableCols+j)), s[2*i:2*i+2], add)
				}
			}
		case left >= 2:
			r += 2
			for j := 0; j < portableCols; j += 4 {
				var s [8]float64
				products2x4(n, from, unsafe.Add(b, 4*j), &s)
				finishSums(unsafe.Add(to, 4*j), s[:4], add)
				finishSums(unsafe.Add(to, 4*(portableCols+j)), s[4:], add)
			}
		default:
			r++
			for j := 0; j < portableCols; j += 4 {
				var s [4]float64
				products1x4(n, from, unsafe.Add(b, 4*j), &s)
				finishSums(unsafe.Add(to, 4*j), s[:], add)
			}
		}
	}
}

// finishSums adds sums to neighbours in a row of a tile, or writes them there.
func finishSums(to unsafe.Pointer, sums []float64, add bool) {
	row := floats(to, len(sums))
	for i, s := range sums {
		if add {
			row[i] += float32(s)
		} else {
			row[i] = float32(s)
		}
	}
}

// portableGemmRows are the kernels by rows: see gen/x86/gemm.go.
func portableGemmRows() []RowsFunc {
	tiles := []RowsFunc{nil}
	for m := 1; m <= portableRows; m++ {
		tiles = append(tiles, func(k int, a unsafe.Pointer, lda int, b, c unsafe.Pointer, add int, _, top unsafe.Pointer, _ uintptr) {
			multiplyTile(m, k, operandA{a, lda, 4}, b, c, add != 0)
			if top != nil {
				largest(floats(top, portableCols), floats(c, m*portableCols))
			}
		})
	}
	return tiles
}

// largest raises the tops of columns to the largest of rows of sums.
func largest(tops, sums []float32) {
	for j := range tops {
		for i := j; i < len(sums); i += len(tops) {
			tops[j] = max(tops[j], sums[i])
		}
	}
}

// portableGemmCols are the kernels by columns: c = c·alpha + aᵀ·b, or aᵀ·b without alpha.
func portableGemmCols() []ColsFunc {
	tiles := []ColsFunc{nil}
	for m := 1; m <= portableRows; m++ {
		tiles = append(tiles, func(k int, a unsafe.Pointer, lda int, b, c, alpha unsafe.Pointer) {
			if alpha != nil {
				sums, factors := floats(c, m*portableCols), floats(alpha, portableCols)
				for i := range sums {
					sums[i] *= factors[i%portableCols]
				}
			}
			multiplyTile(m, k, operandA{a, 4, lda}, b, c, alpha != nil)
		})
	}
	return tiles
}
