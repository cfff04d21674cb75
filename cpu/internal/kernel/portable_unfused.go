//go:build 386 || wasm || (amd64 && !amd64.v3)

package kernel

import "unsafe"

// microRows: see portable_fused.go.
const microRows = 3

// productsTall are those of three rows and two columns.
func productsTall(n int, a operandA, b unsafe.Pointer, s *[6]float64) {
	p0, p1, p2 := a.p, unsafe.Add(a.p, a.row), unsafe.Add(a.p, 2*a.row)
	i, j := 0, 0
	for n > 0 {
		end := j + 4*portableCols*min(n, portableChain)
		y0, y1 := *(*float32)(unsafe.Add(b, j)), *(*float32)(unsafe.Add(b, j+4))
		x0, x1, x2 := *(*float32)(unsafe.Add(p0, i)), *(*float32)(unsafe.Add(p1, i)), *(*float32)(unsafe.Add(p2, i))
		s00, s10, s20 := x0*y0, x1*y0, x2*y0
		s01, s11, s21 := x0*y1, x1*y1, x2*y1
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
		}
		s[0] += float64(s00)
		s[1] += float64(s01)
		s[2] += float64(s10)
		s[3] += float64(s11)
		s[4] += float64(s20)
		s[5] += float64(s21)
		n -= portableChain
	}
}

// int8ProductsTall are the sums of n products of three rows and two pairs of columns.
func int8ProductsTall(n int, a operandA, b unsafe.Pointer, s *[6]float64) {
	p0, p1, p2, float := a.p, unsafe.Add(a.p, a.row), unsafe.Add(a.p, 2*a.row), &floatOfUint8
	var s00, s01, s10, s11, s20, s21 float64
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
	}
	*s = [6]float64{s00, s01, s10, s11, s20, s21}
}

// leafTall is portableLeaf for three rows and two columns, and an even k.
func leafTall(k int, a, b, c unsafe.Pointer) {
	var s00, s01, s10, s11, s20, s21 float64
	for i := 0; i < k; i += 2 {
		x, y := (*[6]float64)(unsafe.Add(a, 8*microRows*i)), (*[portableCols + 2]float64)(unsafe.Add(b, 8*portableCols*i))
		s00 += x[0] * y[0]
		s01 += x[0] * y[1]
		s10 += x[1] * y[0]
		s11 += x[1] * y[1]
		s20 += x[2] * y[0]
		s21 += x[2] * y[1]
		s00 += x[3] * y[portableCols]
		s01 += x[3] * y[portableCols+1]
		s10 += x[4] * y[portableCols]
		s11 += x[4] * y[portableCols+1]
		s20 += x[5] * y[portableCols]
		s21 += x[5] * y[portableCols+1]
	}
	const row = 8 * portableCols
	*(*[2]float64)(c) = [2]float64{s00, s01}
	*(*[2]float64)(unsafe.Add(c, row)) = [2]float64{s10, s11}
	*(*[2]float64)(unsafe.Add(c, 2*row)) = [2]float64{s20, s21}
}

// leafTallBeside is leafTall that computes k differences to = p - q.
func leafTallBeside(k int, a, b, c, to, p, q unsafe.Pointer) {
	var s00, s01, s10, s11, s20, s21 float64
	for i := 0; i < k; i += 2 {
		*(*float64)(unsafe.Add(to, 8*i)) = *(*float64)(unsafe.Add(p, 8*i)) - *(*float64)(unsafe.Add(q, 8*i))
		*(*float64)(unsafe.Add(to, 8*i+8)) = *(*float64)(unsafe.Add(p, 8*i+8)) - *(*float64)(unsafe.Add(q, 8*i+8))
		x, y := (*[6]float64)(unsafe.Add(a, 8*microRows*i)), (*[portableCols + 2]float64)(unsafe.Add(b, 8*portableCols*i))
		s00 += x[0] * y[0]
		s01 += x[0] * y[1]
		s10 += x[1] * y[0]
		s11 += x[1] * y[1]
		s20 += x[2] * y[0]
		s21 += x[2] * y[1]
		s00 += x[3] * y[portableCols]
		s01 += x[3] * y[portableCols+1]
		s10 += x[4] * y[portableCols]
		s11 += x[4] * y[portableCols+1]
		s20 += x[5] * y[portableCols]
		s21 += x[5] * y[portableCols+1]
	}
	const row = 8 * portableCols
	*(*[2]float64)(c) = [2]float64{s00, s01}
	*(*[2]float64)(unsafe.Add(c, row)) = [2]float64{s10, s11}
	*(*[2]float64)(unsafe.Add(c, 2*row)) = [2]float64{s20, s21}
}

// leafTallWiden is leafTall that computes k elements to = p, of float32.
func leafTallWiden(k int, a, b, c, to, p unsafe.Pointer) {
	var s00, s01, s10, s11, s20, s21 float64
	for i := 0; i < k; i += 2 {
		*(*float64)(unsafe.Add(to, 8*i)) = float64(*(*float32)(unsafe.Add(p, 4*i)))
		*(*float64)(unsafe.Add(to, 8*i+8)) = float64(*(*float32)(unsafe.Add(p, 4*i+4)))
		x, y := (*[6]float64)(unsafe.Add(a, 8*microRows*i)), (*[portableCols + 2]float64)(unsafe.Add(b, 8*portableCols*i))
		s00 += x[0] * y[0]
		s01 += x[0] * y[1]
		s10 += x[1] * y[0]
		s11 += x[1] * y[1]
		s20 += x[2] * y[0]
		s21 += x[2] * y[1]
		s00 += x[3] * y[portableCols]
		s01 += x[3] * y[portableCols+1]
		s10 += x[4] * y[portableCols]
		s11 += x[4] * y[portableCols+1]
		s20 += x[5] * y[portableCols]
		s21 += x[5] * y[portableCols+1]
	}
	const row = 8 * portableCols
	*(*[2]float64)(c) = [2]float64{s00, s01}
	*(*[2]float64)(unsafe.Add(c, row)) = [2]float64{s10, s11}
	*(*[2]float64)(unsafe.Add(c, 2*row)) = [2]float64{s20, s21}
}

// leafTallWidened is leafTallBeside for p and q of float32.
func leafTallWidened(k int, a, b, c, to, p, q unsafe.Pointer) {
	var s00, s01, s10, s11, s20, s21 float64
	for i := 0; i < k; i += 2 {
		*(*float64)(unsafe.Add(to, 8*i)) = float64(*(*float32)(unsafe.Add(p, 4*i))) - float64(*(*float32)(unsafe.Add(q, 4*i)))
		*(*float64)(unsafe.Add(to, 8*i+8)) = float64(*(*float32)(unsafe.Add(p, 4*i+4))) - float64(*(*float32)(unsafe.Add(q, 4*i+4)))
		x, y := (*[6]float64)(unsafe.Add(a, 8*microRows*i)), (*[portableCols + 2]float64)(unsafe.Add(b, 8*portableCols*i))
		s00 += x[0] * y[0]
		s01 += x[0] * y[1]
		s10 += x[1] * y[0]
		s11 += x[1] * y[1]
		s20 += x[2] * y[0]
		s21 += x[2] * y[1]
		s00 += x[3] * y[portableCols]
		s01 += x[3] * y[portableCols+1]
		s10 += x[4] * y[portableCols]
		s11 += x[4] * y[portableCols+1]
		s20 += x[5] * y[portableCols]
		s21 += x[5] * y[portableCols+1]
	}
	const row = 8 * portableCols
	*(*[2]float64)(c) = [2]float64{s00, s01}
	*(*[2]float64)(unsafe.Add(c, row)) = [2]float64{s10, s11}
	*(*[2]float64)(unsafe.Add(c, 2*row)) = [2]float64{s20, s21}
}

// leaf2x4 is portableLeaf for two rows and four columns, and an even k. That each sum is stored
// once a round has the compiler add a product at once, and not keep all of them first.
func leaf2x4(k int, a, b, c unsafe.Pointer) {
	var s00, s01, s02, s03, s10, s11, s12, s13 float64
	lower := unsafe.Add(c, 8*portableCols)
	for i := 0; i < k; i += 2 {
		x, y := (*[4]float64)(unsafe.Add(a, 16*i)), (*[portableCols + 4]float64)(unsafe.Add(b, 8*portableCols*i))
		s00 += x[0] * y[0]
		s10 += x[1] * y[0]
		s01 += x[0] * y[1]
		s11 += x[1] * y[1]
		s02 += x[0] * y[2]
		s12 += x[1] * y[2]
		s03 += x[0] * y[3]
		s13 += x[1] * y[3]
		x0, x1 := x[2], x[3]
		s00 += x0 * y[portableCols]
		*(*float64)(c) = s00
		s10 += x1 * y[portableCols]
		*(*float64)(lower) = s10
		s01 += x0 * y[portableCols+1]
		*(*float64)(unsafe.Add(c, 8)) = s01
		s11 += x1 * y[portableCols+1]
		*(*float64)(unsafe.Add(lower, 8)) = s11
		s02 += x0 * y[portableCols+2]
		*(*float64)(unsafe.Add(c, 16)) = s02
		s12 += x1 * y[portableCols+2]
		*(*float64)(unsafe.Add(lower, 16)) = s12
		s03 += x0 * y[portableCols+3]
		*(*float64)(unsafe.Add(c, 24)) = s03
		s13 += x1 * y[portableCols+3]
		*(*float64)(unsafe.Add(lower, 24)) = s13
	}
}
