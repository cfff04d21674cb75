package kernel

import "unsafe"

// Sums of n products in registers, of a few rows of a and a few columns of a panel. They are
// added in float32 for a chain, which keeps them short, and in float64 from chain to chain.

// products2x4 are those of two rows and four columns.
func products2x4(n int, a operandA, b unsafe.Pointer, s *[8]float64) {
	p0, p1 := a.p, unsafe.Add(a.p, a.row)
	i, j := 0, 0
	for n > 0 {
		var s00, s01, s02, s03, s10, s11, s12, s13 float32
		end := j + 4*portableCols*min(n, portableChain)
		for ; j < end; i, j = i+a.step, j+4*portableCols {
			x0, x1 := *(*float32)(unsafe.Add(p0, i)), *(*float32)(unsafe.Add(p1, i))
			y := *(*float32)(unsafe.Add(b, j))
			s00 += x0 * y
			s10 += x1 * y
			y = *(*float32)(unsafe.Add(b, j+4))
			s01 += x0 * y
			s11 += x1 * y
			y = *(*float32)(unsafe.Add(b, j+8))
			s02 += x0 * y
			s12 += x1 * y
			y = *(*float32)(unsafe.Add(b, j+12))
			s03 += x0 * y
			s13 += x1 * y
		}
		s[0] += float64(s00)
		s[1] += float64(s01)
		s[2] += float64(s02)
		s[3] += float64(s03)
		s[4] += float64(s10)
		s[5] += float64(s11)
		s[6] += float64(s12)
		s[7] += float64(s13)
		n -= portableChain
	}
}

// products1x4 are those of one row and four columns.
func products1x4(n int, a operandA, b unsafe.Pointer, s *[4]float64) {
	i, j := 0, 0
	for n > 0 {
		var s0, s1, s2, s3 float32
		end := j + 4*portableCols*min(n, portableChain)
		for ; j < end; i, j = i+a.step, j+4*portableCols {
			x := *(*float32)(unsafe.Add(a.p, i))
			s0 += x * *(*float32)(unsafe.Add(b, j))
			s1 += x * *(*float32)(unsafe.Add(b, j+4))
			s2 += x * *(*float32)(unsafe.Add(b, j+8))
			s3 += x * *(*float32)(unsafe.Add(b, j+12))
		}
		s[0] += float64(s0)
		s[1] += float64(s1)
		s[2] += float64(s2)
		s[3] += float64(s3)
		n -= portableChain
	}
}
