package jpeg

import (
	"errors"
	"fmt"
)

const lookBits = 9

// huffman decodes one table's codes: up to lookBits bits by look-up, longer ones by comparing
// with the last code of each length (T.81 F.2.2.3).
type huffman struct {
	look    [1 << lookBits]uint16 // length<<8 | symbol, 0 where the code is longer
	symbols []byte
	maxCode [17]int32 // last code of each length, -1 for none
	offset  [17]int32 // symbol index of a code of that length, less the code
}

func newHuffman(counts, symbols []byte) (*huffman, error) {
	h := &huffman{symbols: append([]byte(nil), symbols...)}
	code, index := int32(0), int32(0)
	for length := 1; length <= 16; length++ {
		n := int32(counts[length-1])
		h.offset[length] = index - code
		for i := int32(0); i < n && length <= lookBits; i++ {
			first := (code + i) << (lookBits - length)
			if first+1<<(lookBits-length) > 1<<lookBits {
				break // more codes than bits: refused below
			}
			for j := range int32(1) << (lookBits - length) {
				h.look[first+j] = uint16(length)<<8 | uint16(symbols[index+i])
			}
		}
		code += n
		index += n
		if code > 1<<length {
			return nil, fmt.Errorf("the Huffman table has more codes of %d bits than there are", length)
		}
		h.maxCode[length] = -1
		if n > 0 {
			h.maxCode[length] = code - 1
		}
		code <<= 1
	}
	return h, nil
}

// bitReader reads a scan's entropy-coded bytes, removing stuffed zeros, up to the next marker.
// Past the end it delivers zeros and sets short.
type bitReader struct {
	data  []byte
	pos   int
	acc   uint64 // unread bits, at the top
	n     int
	short bool
}

// fill holds at least 16 bits, unless the data ends.
func (b *bitReader) fill() {
	for b.n <= 48 && b.pos < len(b.data) {
		v := b.data[b.pos]
		if v == 0xFF {
			if b.pos+1 >= len(b.data) || b.data[b.pos+1] != 0 {
				return // a marker
			}
			b.pos++
		}
		b.pos++
		b.acc |= uint64(v) << (56 - b.n)
		b.n += 8
	}
}

func (b *bitReader) skip(n int) {
	b.acc <<= n
	b.n -= n
	if b.n < 0 {
		b.short, b.n = true, 0
	}
}

// bits reads n <= 16 bits, most significant first.
func (b *bitReader) bits(n int) int32 {
	if b.n < n {
		b.fill()
	}
	v := int32(b.acc >> 32 >> (32 - n))
	b.skip(n)
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

var errCode = errors.New("damaged data: a code that the Huffman table does not have")

func (b *bitReader) symbol(h *huffman) (byte, error) {
	if b.n < 16 {
		b.fill()
	}
	if e := h.look[b.acc>>(64-lookBits)]; e != 0 {
		b.skip(int(e >> 8))
		return byte(e), nil
	}
	for length := lookBits + 1; length <= 16; length++ {
		code := int32(b.acc >> (64 - length))
		if code <= h.maxCode[length] {
			b.skip(length)
			return h.symbols[code+h.offset[length]], nil
		}
	}
	if b.n < 16 {
		b.short = true
	}
	return 0, errCode
}
