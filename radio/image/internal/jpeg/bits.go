package jpeg

import "encoding/binary"

// bitReader reads a scan's entropy-coded bytes up to the next marker. It removes stuffed zeros.
// Past the end it returns zeros, and counts them.
type bitReader struct {
	data []byte
	pos  int
	acc  uint64 // unread bits at the top; below them, more of the same bytes, or zeros
	n    int    // unread bits
	pad  int    // number of zero bits in acc that replace missing data
	lost bool   // no code was found because data is missing
}

// short reports whether more was read than there is.
func (b *bitReader) short() bool { return b.lost || b.n < b.pad }

// unread returns the number of whole bytes in acc.
func (b *bitReader) unread() int { return max(b.n-b.pad, 0) / 8 }

// fill ensures at least 32 bits: enough for a code of 16 and a value of 15.
func (b *bitReader) fill() {
	if b.n < 32 {
		b.acc, b.n, b.pos = b.refill(b.acc, b.n, b.pos)
	}
}

// refill reads as many bytes as fit in acc, which has n < 32 unread bits.
func (b *bitReader) refill(acc uint64, n, pos int) (uint64, int, int) {
	if pos+8 <= len(b.data) {
		if v := binary.BigEndian.Uint64(b.data[pos:]); noMarker(v) {
			return acc | v>>(n&63), n | 56, pos + (63-n)>>3
		}
	}
	return b.refillSlowly(acc, n, pos)
}

// noMarker reports whether none of 8 bytes is FF.
func noMarker(v uint64) bool { return v&(^v-0x0101010101010101)&0x8080808080808080 == 0 }

func (b *bitReader) refillSlowly(acc uint64, n, pos int) (uint64, int, int) {
	for ; n <= 56; n += 8 {
		v := byte(0)
		switch {
		case pos >= len(b.data) || b.data[pos] == 0xFF && (pos+1 >= len(b.data) || b.data[pos+1] != 0):
			b.pad += 8 // the end, or a marker
		case b.data[pos] == 0xFF:
			v = 0xFF
			pos += 2
		default:
			v = b.data[pos]
			pos++
		}
		acc |= uint64(v) << (56 - n)
	}
	return acc, n, pos
}

// bits reads n <= 16 bits, most significant first.
func (b *bitReader) bits(n int) int32 {
	b.fill()
	v := int32(b.acc >> 32 >> (32 - n))
	b.acc <<= n
	b.n -= n
	return v
}

// signed reads an n-bit value in T.81's EXTEND coding.
func (b *bitReader) signed(n int) int32 {
	v := b.bits(n)
	if n > 0 && v < 1<<(n-1) {
		v += -1<<n + 1
	}
	return v
}

func (b *bitReader) symbol(h *huffman) (byte, error) {
	b.fill()
	c := h.look[b.acc>>(64-lookBits)]
	if c == 0 {
		if c = h.long(b.acc); c == 0 {
			return 0, b.noCode()
		}
	}
	b.acc <<= c.length()
	b.n -= int(c.length())
	return c.symbol(), nil
}

// noCode is the error if no code matches the next bits. The cause may be missing data.
func (b *bitReader) noCode() error {
	b.lost = b.n-b.pad < 16
	return errCode
}

// block reads the 64 coefficients of a block, in natural order. They must be zeros before. The first
// coefficient is stored as the difference to the prediction, which block updates.
func (b *bitReader) block(coeffs *[64]int16, dc, ac *huffman, prediction *int) error {
	b.fill()
	c := dc.look[b.acc>>(64-lookBits)]
	if c == 0 {
		c = dc.long(b.acc)
	}
	if c == 0 || c.pass() != 0 {
		return b.noCode()
	}
	*prediction += value(b.acc, c)
	coeffs[0] = int16(*prediction)

	// From here on, the reader's state is in registers.
	acc, n, pos := b.acc<<c.total(), b.n-int(c.total()), b.pos
	data := b.data
	var err error
	for k := uint(1); k < 64; k++ {
		if n < 32 {
			if pos+8 <= len(data) {
				if v := binary.BigEndian.Uint64(data[pos:]); noMarker(v) {
					acc |= v >> (n & 63)
					pos += (63 - n) >> 3
					n |= 56
					goto filled
				}
			}
			acc, n, pos = b.refillSlowly(acc, n, pos)
		}
	filled:
		c := ac.look[acc>>(64-lookBits)]
		if c == 0 {
			if c = ac.long(acc); c == 0 {
				b.n = n
				err = b.noCode()
				break
			}
		}
		if k += c.pass(); k > 63 {
			acc <<= c.total()
			n -= int(c.total())
			if c.size() != 0 {
				err = errRun
			}
			break
		}
		coeffs[zigzag[k]] = int16(value(acc, c)) // 0 for a run of 16 zeros, which has no value
		acc <<= c.total()
		n -= int(c.total())
	}
	b.acc, b.n, b.pos = acc, n, pos
	return err
}

// value is the number after a code at the top of acc, in T.81's EXTEND coding. It is 0 for a code
// without a number.
func value(acc uint64, c code) int {
	acc <<= c.length()
	positive := int(acc) >> 63 // all ones for a positive one
	return int(acc>>1>>(63-c.size())) + (-1<<c.size()+1)&^positive
}
