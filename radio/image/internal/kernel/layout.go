package kernel

func gray(dst, src []uint8) {
	dst = dst[:3*len(src)]
	for x, v := range src {
		d := dst[3*x : 3*x+3 : 3*x+3]
		d[0], d[1], d[2] = v, v, v
	}
}

func drop(dst, src []uint8) uint8 {
	n := len(dst) / 3
	src = src[:4*n]
	all := uint8(255)
	for x := range n {
		s, d := src[4*x:4*x+4:4*x+4], dst[3*x:3*x+3:3*x+3]
		d[0], d[1], d[2] = s[0], s[1], s[2]
		all &= s[3]
	}
	return all
}
