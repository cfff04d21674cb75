package kernel

import (
	"runtime"
	"unsafe"
)

const (
	portableRows  = 24 // of the tallest tile
	portableChain = 16 // products that are added in registers
	portableGroup = 8 * portableChain
	portableCols  = 2 * portableLanes
)

// microRows is the height of what is computed in registers at a time: with its two columns
// eight sums where a multiplication and its addition are one instruction, and six where they
// need a register between them, and there are few.
func microRows() int {
	switch runtime.GOARCH {
	case "amd64", "386", "wasm":
		return 3
	}
	return 4
}

// operandA is a matrix of which row r, column k is row·r + step·k bytes after p.
type operandA struct {
	p         unsafe.Pointer
	row, step int
}

func (a operandA) at(r, k int) operandA {
	a.p = unsafe.Add(a.p, r*a.row+k*a.step)
	return a
}

// tileGroup adds to c, or sets it to, the products of n columns of a, m rows of it, and the
// panel b. Sums of chains are added up for a group before c takes them: without fused
// multiply-adds there are more roundings than in the assembly of other levels.
func tileGroup(m, n int, a operandA, b unsafe.Pointer, c unsafe.Pointer, add bool) {
	for r := 0; r < m; {
		here := min(microRows(), m-r)
		if m-r == microRows()+1 {
			here = 2 // no row alone
		}
		for j := 0; j < portableCols; j += 2 {
			var s [8]float32
			from, panel := a.at(r, 0), unsafe.Add(b, 4*j)
			switch here {
			case 4:
				products4x2(n, from, panel, &s)
			case 3:
				products3x2(n, from, panel, &s)
			case 2:
				products2x2(n, from, panel, &s)
			default:
				products1x2(n, from, panel, &s)
			}
			for i := range here {
				to := (*[2]float32)(unsafe.Add(c, 4*((r+i)*portableCols+j)))
				if add {
					to[0] += s[2*i]
					to[1] += s[2*i+1]
				} else {
					to[0], to[1] = s[2*i], s[2*i+1]
				}
			}
		}
		r += here
	}
}

// products4x2 are sums of n products, in chains: of four rows of a, and two columns of a panel.
// Those below are of fewer rows.
func products4x2(n int, a operandA, b unsafe.Pointer, s *[8]float32) {
	p0, p1 := a.p, unsafe.Add(a.p, a.row)
	p2, p3 := unsafe.Add(p1, a.row), unsafe.Add(p1, 2*a.row)
	i, j := 0, 0
	for n > 0 {
		var s00, s01, s10, s11, s20, s21, s30, s31 float32
		end := j + 4*portableCols*min(n, portableChain)
		for j < end {
			y0, y1 := floatAt(b, j), floatAt(b, j+4)
			x := floatAt(p0, i)
			s00 += x * y0
			s01 += x * y1
			x = floatAt(p1, i)
			s10 += x * y0
			s11 += x * y1
			x = floatAt(p2, i)
			s20 += x * y0
			s21 += x * y1
			x = floatAt(p3, i)
			s30 += x * y0
			s31 += x * y1
			i, j = i+a.step, j+4*portableCols
		}
		s[0] += s00
		s[1] += s01
		s[2] += s10
		s[3] += s11
		s[4] += s20
		s[5] += s21
		s[6] += s30
		s[7] += s31
		n -= portableChain
	}
}

func products3x2(n int, a operandA, b unsafe.Pointer, s *[8]float32) {
	p0, p1 := a.p, unsafe.Add(a.p, a.row)
	p2 := unsafe.Add(p1, a.row)
	i, j := 0, 0
	for n > 0 {
		var s00, s01, s10, s11, s20, s21 float32
		end := j + 4*portableCols*min(n, portableChain)
		for j < end {
			y0, y1 := floatAt(b, j), floatAt(b, j+4)
			x := floatAt(p0, i)
			s00 += x * y0
			s01 += x * y1
			x = floatAt(p1, i)
			s10 += x * y0
			s11 += x * y1
			x = floatAt(p2, i)
			s20 += x * y0
			s21 += x * y1
			i, j = i+a.step, j+4*portableCols
		}
		s[0] += s00
		s[1] += s01
		s[2] += s10
		s[3] += s11
		s[4] += s20
		s[5] += s21
		n -= portableChain
	}
}

func products2x2(n int, a operandA, b unsafe.Pointer, s *[8]float32) {
	p0, p1 := a.p, unsafe.Add(a.p, a.row)
	i, j := 0, 0
	for n > 0 {
		var s00, s01, s10, s11 float32
		end := j + 4*portableCols*min(n, portableChain)
		for j < end {
			y0, y1 := floatAt(b, j), floatAt(b, j+4)
			x := floatAt(p0, i)
			s00 += x * y0
			s01 += x * y1
			x = floatAt(p1, i)
			s10 += x * y0
			s11 += x * y1
			i, j = i+a.step, j+4*portableCols
		}
		s[0] += s00
		s[1] += s01
		s[2] += s10
		s[3] += s11
		n -= portableChain
	}
}

func products1x2(n int, a operandA, b unsafe.Pointer, s *[8]float32) {
	p0 := a.p
	i, j := 0, 0
	for n > 0 {
		var s00, s01 float32
		end := j + 4*portableCols*min(n, portableChain)
		for j < end {
			y0, y1 := floatAt(b, j), floatAt(b, j+4)
			x := floatAt(p0, i)
			s00 += x * y0
			s01 += x * y1
			i, j = i+a.step, j+4*portableCols
		}
		s[0] += s00
		s[1] += s01
		n -= portableChain
	}
}

// portableGemmRows are the kernels by rows: see gen/x86/gemm.go.
func portableGemmRows() []RowsFunc {
	tiles := []RowsFunc{nil}
	for m := 1; m <= portableRows; m++ {
		tiles = append(tiles, func(k int, a unsafe.Pointer, lda int, b, c unsafe.Pointer, add int, _, top unsafe.Pointer, _ uintptr) {
			from := operandA{a, lda, 4}
			for k0 := 0; k0 < k; k0 += portableGroup {
				tileGroup(m, min(portableGroup, k-k0), from.at(0, k0), unsafe.Add(b, 4*k0*portableCols), c, add != 0 || k0 > 0)
			}
			sums := floats(c, m*portableCols)
			if k == 0 && add == 0 {
				clear(sums)
			}
			if top != nil {
				largest(floats(top, portableCols), sums)
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
			sums := floats(c, m*portableCols)
			if alpha != nil {
				factors := floats(alpha, portableCols)
				for i := range sums {
					sums[i] *= factors[i%portableCols]
				}
			} else if k == 0 {
				clear(sums)
			}
			from := operandA{a, 4, lda}
			for k0 := 0; k0 < k; k0 += portableGroup {
				tileGroup(m, min(portableGroup, k-k0), from.at(0, k0), unsafe.Add(b, 4*k0*portableCols), c, alpha != nil || k0 > 0)
			}
		})
	}
	return tiles
}
