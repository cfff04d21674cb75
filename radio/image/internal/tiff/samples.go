package tiff

// readSamples copies a segment's samples into values (h, w, used), as bytes. As in Pillow, samples of
// up to 8 bits are unchanged, 16-bit grey saturates, and other 16-bit samples keep their high
// byte. Extra samples beyond the used ones are skipped.
func (l *layout) readSamples(values []uint8, used int, raw []byte, s segment) {
	n, stride := l.perSegment(), l.rowBytes(s.w)
	sample := l.sampler()
	for y := range min(s.h, l.h-s.y) {
		row := raw[y*stride:][:stride]
		out := values[((s.y+y)*l.w+s.x)*used:]
		for x := range min(s.w, l.w-s.x) {
			if l.planar {
				if s.plane < used {
					out[x*used+s.plane] = sample(row, x)
				}
				continue
			}
			for c := range used {
				out[x*used+c] = sample(row, x*n+c)
			}
		}
	}
}

// sampler reads sample i of a row.
func (l *layout) sampler() func(row []byte, i int) uint8 {
	switch {
	case l.bits == 8:
		return func(row []byte, i int) uint8 { return row[i] }
	case l.bits < 8:
		return func(row []byte, i int) uint8 {
			at := i * l.bits
			return row[at/8] >> (8 - l.bits - at%8) & (1<<l.bits - 1)
		}
	case l.photometric == minisBlack:
		return func(row []byte, i int) uint8 { return uint8(min(l.order.Uint16(row[2*i:]), 255)) }
	}
	return func(row []byte, i int) uint8 { return uint8(l.order.Uint16(row[2*i:]) >> 8) }
}
