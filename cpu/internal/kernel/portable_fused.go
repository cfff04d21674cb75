//go:build !386 && !wasm && (!amd64 || amd64.v3)

package kernel

import "unsafe"

// microRows is the height of what is computed in registers at a time. With its two columns
// there are eight sums where compilers make one instruction of a multiplication and its
// addition, and six where they need a register between them, and there are few.
const microRows = 4

// productsTall are those of four rows and two columns.
func productsTall(n int, a operandA, b unsafe.Pointer, s *[8]float64) {
	p0, p1 := a.p, unsafe.Add(a.p, a.row)
	p2, p3 := unsafe.Add(p1, a.row), unsafe.Add(p1, 2*a.row)
	i, j := 0, 0
	for n > 0 {
		end := j + 4*portableCols*min(n, portableChain)
		y0, y1 := *(*float32)(unsafe.Add(b, j)), *(*float32)(unsafe.Add(b, j+4))
		x0, x1, x2, x3 := *(*float32)(unsafe.Add(p0, i)), *(*float32)(unsafe.Add(p1, i)), *(*float32)(unsafe.Add(p2, i)), *(*float32)(unsafe.Add(p3, i))
		s00, s10, s20, s30 := x0*y0, x1*y0, x2*y0, x3*y0
		s01, s11, s21, s31 := x0*y1, x1*y1, x2*y1, x3*y1
		for i, j = i+a.step, j+4*portableCols; j < end; i, j = i+a.step, j+4*portableCols {
			y0, y1 = *(*float32)(unsafe.Add(b, j)), *(*float32)(unsafe.Add(b, j+4))
			x := *(*float32)(unsafe.Add(p0, i))
			s00 += x * y0
			s01 += x * y1
			x = *(*float32)(unsafe.Add(p1, i))
			s10 += x * y0
			s11 += x * y1
			x = *(*float32)(unsafe.Add(p2, i))
			s20 += x * y0
			s21 += x * y1
			x = *(*float32)(unsafe.Add(p3, i))
			s30 += x * y0
			s31 += x * y1
		}
		s[0] += float64(s00)
		s[1] += float64(s01)
		s[2] += float64(s10)
		s[3] += float64(s11)
		s[4] += float64(s20)
		s[5] += float64(s21)
		s[6] += float64(s30)
		s[7] += float64(s31)
		n -= portableChain
	}
}

// int8ProductsTall are those of four rows and two pairs of columns.
func int8ProductsTall(n int, a operandA, b unsafe.Pointer, s *[8]float64) {
	p0, p1, float := a.p, unsafe.Add(a.p, a.row), &floatOfUint8
	p2, p3 := unsafe.Add(p1, a.row), unsafe.Add(p1, 2*a.row)
	var s00, s01, s10, s11, s20, s21, s30, s31 float64
	for i, j := 0, 0; i < n; i, j = i+1, j+8*int8Pairs {
		y0, y1 := *(*float64)(unsafe.Add(b, j)), *(*float64)(unsafe.Add(b, j+8))
		x := float[*(*uint8)(unsafe.Add(p0, i))]
		s00 += x * y0
		s01 += x * y1
		x = float[*(*uint8)(unsafe.Add(p1, i))]
		s10 += x * y0
		s11 += x * y1
		x = float[*(*uint8)(unsafe.Add(p2, i))]
		s20 += x * y0
		s21 += x * y1
		x = float[*(*uint8)(unsafe.Add(p3, i))]
		s30 += x * y0
		s31 += x * y1
	}
	*s = [8]float64{s00, s01, s10, s11, s20, s21, s30, s31}
}

// leafTall is portableLeaf for four rows and two columns. Addresses go from step to step, since
// an index would cost a fifth of the speed, and none goes beyond the operands. Unrolled it would
// be slower: loads would come early, and wait for what is in their registers.
func leafTall(k int, a, b, c unsafe.Pointer) {
	x, y := (*[4]float64)(a), (*[2]float64)(b)
	s00, s10, s20, s30 := x[0]*y[0], x[1]*y[0], x[2]*y[0], x[3]*y[0]
	s01, s11, s21, s31 := x[0]*y[1], x[1]*y[1], x[2]*y[1], x[3]*y[1]
	for k--; k > 0; k-- {
		a, b = unsafe.Add(a, 8*microRows), unsafe.Add(b, 8*portableCols)
		x, y := (*[4]float64)(a), (*[2]float64)(b)
		s00 += x[0] * y[0]
		s01 += x[0] * y[1]
		s10 += x[1] * y[0]
		s11 += x[1] * y[1]
		s20 += x[2] * y[0]
		s21 += x[2] * y[1]
		s30 += x[3] * y[0]
		s31 += x[3] * y[1]
	}
	const row = 8 * portableCols
	*(*[2]float64)(c) = [2]float64{s00, s01}
	*(*[2]float64)(unsafe.Add(c, row)) = [2]float64{s10, s11}
	*(*[2]float64)(unsafe.Add(c, 2*row)) = [2]float64{s20, s21}
	*(*[2]float64)(unsafe.Add(c, 3*row)) = [2]float64{s30, s31}
}

// leafTallBeside is leafTall that computes k differences to = p - q.
func leafTallBeside(k int, a, b, c, to, p, q unsafe.Pointer) {
	*(*float64)(to) = *(*float64)(p) - *(*float64)(q)
	x, y := (*[4]float64)(a), (*[2]float64)(b)
	s00, s10, s20, s30 := x[0]*y[0], x[1]*y[0], x[2]*y[0], x[3]*y[0]
	s01, s11, s21, s31 := x[0]*y[1], x[1]*y[1], x[2]*y[1], x[3]*y[1]
	for i, end := 8, 8*k; i < end; i += 8 {
		*(*float64)(unsafe.Add(to, i)) = *(*float64)(unsafe.Add(p, i)) - *(*float64)(unsafe.Add(q, i))
		a, b = unsafe.Add(a, 8*microRows), unsafe.Add(b, 8*portableCols)
		x, y := (*[4]float64)(a), (*[2]float64)(b)
		s00 += x[0] * y[0]
		s01 += x[0] * y[1]
		s10 += x[1] * y[0]
		s11 += x[1] * y[1]
		s20 += x[2] * y[0]
		s21 += x[2] * y[1]
		s30 += x[3] * y[0]
		s31 += x[3] * y[1]
	}
	const row = 8 * portableCols
	*(*[2]float64)(c) = [2]float64{s00, s01}
	*(*[2]float64)(unsafe.Add(c, row)) = [2]float64{s10, s11}
	*(*[2]float64)(unsafe.Add(c, 2*row)) = [2]float64{s20, s21}
	*(*[2]float64)(unsafe.Add(c, 3*row)) = [2]float64{s30, s31}
}

// leafTallWiden is leafTall that computes k elements to = p, of float32.
func leafTallWiden(k int, a, b, c, to, p unsafe.Pointer) {
	*(*float64)(to) = float64(*(*float32)(p))
	x, y := (*[4]float64)(a), (*[2]float64)(b)
	s00, s10, s20, s30 := x[0]*y[0], x[1]*y[0], x[2]*y[0], x[3]*y[0]
	s01, s11, s21, s31 := x[0]*y[1], x[1]*y[1], x[2]*y[1], x[3]*y[1]
	for i := 1; i < k; i++ {
		*(*float64)(unsafe.Add(to, 8*i)) = float64(*(*float32)(unsafe.Add(p, 4*i)))
		a, b = unsafe.Add(a, 8*microRows), unsafe.Add(b, 8*portableCols)
		x, y := (*[4]float64)(a), (*[2]float64)(b)
		s00 += x[0] * y[0]
		s01 += x[0] * y[1]
		s10 += x[1] * y[0]
		s11 += x[1] * y[1]
		s20 += x[2] * y[0]
		s21 += x[2] * y[1]
		s30 += x[3] * y[0]
		s31 += x[3] * y[1]
	}
	const row = 8 * portableCols
	*(*[2]float64)(c) = [2]float64{s00, s01}
	*(*[2]float64)(unsafe.Add(c, row)) = [2]float64{s10, s11}
	*(*[2]float64)(unsafe.Add(c, 2*row)) = [2]float64{s20, s21}
	*(*[2]float64)(unsafe.Add(c, 3*row)) = [2]float64{s30, s31}
}

// leafTallWidened is leafTallBeside for p and q of float32.
func leafTallWidened(k int, a, b, c, to, p, q unsafe.Pointer) {
	*(*float64)(to) = float64(*(*float32)(p)) - float64(*(*float32)(q))
	x, y := (*[4]float64)(a), (*[2]float64)(b)
	s00, s10, s20, s30 := x[0]*y[0], x[1]*y[0], x[2]*y[0], x[3]*y[0]
	s01, s11, s21, s31 := x[0]*y[1], x[1]*y[1], x[2]*y[1], x[3]*y[1]
	for i := 1; i < k; i++ {
		*(*float64)(unsafe.Add(to, 8*i)) = float64(*(*float32)(unsafe.Add(p, 4*i))) - float64(*(*float32)(unsafe.Add(q, 4*i)))
		a, b = unsafe.Add(a, 8*microRows), unsafe.Add(b, 8*portableCols)
		x, y := (*[4]float64)(a), (*[2]float64)(b)
		s00 += x[0] * y[0]
		s01 += x[0] * y[1]
		s10 += x[1] * y[0]
		s11 += x[1] * y[1]
		s20 += x[2] * y[0]
		s21 += x[2] * y[1]
		s30 += x[3] * y[0]
		s31 += x[3] * y[1]
	}
	const row = 8 * portableCols
	*(*[2]float64)(c) = [2]float64{s00, s01}
	*(*[2]float64)(unsafe.Add(c, row)) = [2]float64{s10, s11}
	*(*[2]float64)(unsafe.Add(c, 2*row)) = [2]float64{s20, s21}
	*(*[2]float64)(unsafe.Add(c, 3*row)) = [2]float64{s30, s31}
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
