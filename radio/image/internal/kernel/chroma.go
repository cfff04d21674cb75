package kernel

func sums(dst []uint16, near, far []uint8) {
	dst, far = dst[:len(near)], far[:len(near)]
	for x, v := range near {
		dst[x] = 3*uint16(v) + uint16(far[x])
	}
}

func widen(dst []uint16, src []uint8) {
	dst = dst[:len(src)]
	for x, v := range src {
		dst[x] = uint16(v)
	}
}

func spread(dst []uint8, sums []uint16, even, odd uint16, shift int) {
	n := len(sums) - 2
	left, mid, right, dst := sums[:n], sums[1:][:n], sums[2:][:n], dst[:2*n]
	for x, v := range mid {
		d := dst[2*x : 2*x+2 : 2*x+2]
		d[0] = uint8((3*v + left[x] + even) >> (shift & 15))
		d[1] = uint8((3*v + right[x] + odd) >> (shift & 15))
	}
}

func double(dst, src []uint8) {
	for x := range dst {
		dst[x] = src[x/2]
	}
}
