package kernel

// Constants of libjpeg's accurate integer transform (jidctint.c): 13-bit fixed point,
// Loeffler, Ligtenberg and Moschytz's 12-multiplication algorithm.
const (
	constBits = 13
	passBits  = 2

	fix0298631336 = 2446
	fix0390180644 = 3196
	fix0541196100 = 4433
	fix0765366865 = 6270
	fix0899976223 = 7373
	fix1175875602 = 9633
	fix1501321110 = 12299
	fix1847759065 = 15137
	fix1961570560 = 16069
	fix2053119869 = 16819
	fix2562915447 = 20995
	fix3072711026 = 25172
)

func inverseDCT(dst []uint8, stride int, coeffs *[64]int16, quant *[64]uint16) {
	var work [64]int32
	below := int16(0)
	for _, v := range coeffs[8:] {
		below |= v
	}
	if below == 0 {
		// Only here, libjpeg-turbo's vector code does not saturate between the passes.
		for i := range work {
			work[i] = wrap(int32(coeffs[i%8]) * int32(quant[i%8]) << passBits)
		}
	} else {
		for i := range work {
			work[i] = wrap(int32(coeffs[i]) * int32(quant[i]))
		}
		for i := range 8 {
			column((*[57]int32)(work[i:]))
		}
	}
	for y := range 8 {
		row((*[8]int32)(work[8*y:]), (*[8]uint8)(dst[y*stride:]))
	}
}

// column transforms 8 values with stride 8. The results are scaled by 2^passBits.
func column(v *[57]int32) {
	if v[8]|v[16]|v[24]|v[32]|v[40]|v[48]|v[56] == 0 {
		dc := saturate(v[0] << passBits)
		for i := 0; i < 57; i += 8 {
			v[i] = dc
		}
		return
	}
	even, odd := butterfly(v[0], v[8], v[16], v[24], v[32], v[40], v[48], v[56])
	for i := range 4 {
		v[8*i] = saturate(descale(even[i]+odd[i], constBits-passBits))
		v[8*(7-i)] = saturate(descale(even[i]-odd[i], constBits-passBits))
	}
}

// row transforms 8 values and clamps them to samples around 128.
func row(v *[8]int32, dst *[8]uint8) {
	const shift = constBits + passBits + 3
	if v[1]|v[2]|v[3]|v[4]|v[5]|v[6]|v[7] == 0 {
		dc := clamp(descale(v[0], passBits+3) + 128)
		for i := range dst {
			dst[i] = dc
		}
		return
	}
	even, odd := butterfly(v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7])
	for i := range 4 {
		dst[i] = clamp(descale(even[i]+odd[i], shift) + 128)
		dst[7-i] = clamp(descale(even[i]-odd[i], shift) + 128)
	}
}

// butterfly is the one-dimensional transform. Output i is even[i]+odd[i], and output 7-i is their
// difference. Both are scaled by 2^constBits.
func butterfly(x0, x1, x2, x3, x4, x5, x6, x7 int32) (even, odd [4]int32) {
	z1 := (x2 + x6) * fix0541196100
	t2 := z1 - x6*fix1847759065
	t3 := z1 + x2*fix0765366865
	t0 := wrap(x0+x4) << constBits
	t1 := wrap(x0-x4) << constBits
	even = [4]int32{t0 + t3, t1 + t2, t1 - t2, t0 - t3}

	z3, z4 := wrap(x7+x3), wrap(x5+x1)
	z5 := (z3 + z4) * fix1175875602
	z1 = -(x7 + x1) * fix0899976223
	z2 := -(x5 + x3) * fix2562915447
	z3 = z5 - z3*fix1961570560
	z4 = z5 - z4*fix0390180644
	odd = [4]int32{
		x1*fix1501321110 + z1 + z4,
		x3*fix3072711026 + z2 + z3,
		x5*fix2053119869 + z2 + z4,
		x7*fix0298631336 + z1 + z3,
	}
	return even, odd
}

// wrap and saturate keep 16 bits, as libjpeg-turbo's vector code does. Coefficients of real images
// fit. Those of damaged or hostile images overflow as in Pillow.
func wrap(v int32) int32 { return int32(int16(v)) }

func saturate(v int32) int32 { return min(max(v, -1<<15), 1<<15-1) }

func descale(v int32, shift uint) int32 { return (v + 1<<(shift-1)) >> shift }

func clamp(v int32) uint8 { return uint8(min(max(v, 0), 255)) }
