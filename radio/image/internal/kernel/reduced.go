package kernel

// Constants of libjpeg's transforms to fewer samples (jidctred.c), 13-bit fixed point.
const (
	fix0211164243 = 1730
	fix0509795579 = 4176
	fix0601344887 = 4926
	fix0720959822 = 5906
	fix0850430095 = 6967
	fix1061594337 = 8697
	fix1272758580 = 10426
	fix1451774981 = 11893
	fix2172734803 = 17799
	fix3624509785 = 29692
)

// Reduced is InverseDCT to size x size samples. size is 8, 4, 2 or 1: the image at size/8 of its
// full size.
func Reduced(size int) func(dst []uint8, stride int, coeffs *[64]int16, quant *[64]uint16) {
	switch size {
	case 4:
		return Best.InverseDCT4
	case 2:
		return inverseDCT2
	case 1:
		return inverseDCT1
	}
	return Best.InverseDCT
}

// inverseDCT4 does not use the fifth row and column, since the result does not depend on them.
func inverseDCT4(dst []uint8, stride int, coeffs *[64]int16, quant *[64]uint16) {
	var work [4][8]int32
	below := int16(0)
	for y := 8; y < 64; y += 8 {
		if y != 32 {
			for _, v := range coeffs[y : y+8] {
				below |= v
			}
		}
	}
	for x := range 8 {
		if x == 4 {
			continue
		}
		if below == 0 { // libjpeg-turbo's vector code does not saturate here
			for y := range work {
				work[y][x] = wrap(int32(coeffs[x]) * int32(quant[x]) << passBits)
			}
			continue
		}
		v := func(y int) int32 { return wrap(int32(coeffs[8*y+x]) * int32(quant[8*y+x])) }
		out := reduce4(v(0), v(1), v(2), v(3), v(5), v(6), v(7))
		for y := range work {
			work[y][x] = saturate(descale(out[y], constBits-passBits+1))
		}
	}
	for y := range work {
		w := &work[y]
		out := reduce4(w[0], w[1], w[2], w[3], w[5], w[6], w[7])
		row := (*[4]uint8)(dst[y*stride:])
		for x := range row {
			row[x] = clamp(descale(out[x], constBits+passBits+3+1) + 128)
		}
	}
}

// reduce4 computes four values from seven, scaled by 2^(constBits+1).
func reduce4(x0, x1, x2, x3, x5, x6, x7 int32) [4]int32 {
	dc := x0 << (constBits + 1)
	t := x2*fix1847759065 - x6*fix0765366865
	outer, inner := dc+t, dc-t
	a := -x7*fix0211164243 + x5*fix1451774981 - x3*fix2172734803 + x1*fix1061594337
	b := -x7*fix0509795579 - x5*fix0601344887 + x3*fix0899976223 + x1*fix2562915447
	return [4]int32{outer + b, inner + a, inner - a, outer - b}
}

// inverseDCT2 uses the first coefficient and the odd ones.
func inverseDCT2(dst []uint8, stride int, coeffs *[64]int16, quant *[64]uint16) {
	var work [2][8]int32
	value := func(i int) int32 { return wrap(int32(coeffs[i]) * int32(quant[i])) }
	for _, x := range [...]int{0, 1, 3, 5, 7} {
		top, bottom := reduce2(value(x), value(8+x), value(24+x), value(40+x), value(56+x))
		work[0][x] = saturate(descale(top, constBits-passBits+2))
		work[1][x] = saturate(descale(bottom, constBits-passBits+2))
	}
	for y := range work {
		w := &work[y]
		left, right := reduce2(w[0], w[1], w[3], w[5], w[7])
		row := (*[2]uint8)(dst[y*stride:])
		row[0] = clamp(descale(left, constBits+passBits+3+2) + 128)
		row[1] = clamp(descale(right, constBits+passBits+3+2) + 128)
	}
}

// reduce2 computes two values from five, scaled by 2^(constBits+2).
func reduce2(x0, x1, x3, x5, x7 int32) (first, second int32) {
	dc := x0 << (constBits + 2)
	t := -x7*fix0720959822 + x5*fix0850430095 - x3*fix1272758580 + x1*fix3624509785
	return dc + t, dc - t
}

func inverseDCT1(dst []uint8, _ int, coeffs *[64]int16, quant *[64]uint16) {
	// In libjpeg-turbo, only this transform is C code: on overflow it keeps 10 bits.
	v := descale(int32(coeffs[0])*int32(int16(quant[0])), 3) << 22 >> 22
	dst[0] = clamp(v + 128)
}
