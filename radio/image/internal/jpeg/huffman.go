package jpeg

import (
	"errors"
	"fmt"
)

const lookBits = 11

// code is the result of a look-up in a Huffman table: the number of bits of the code and the value
// after it, the number of bits of the code alone, the symbol, and the number of coefficients to
// skip. No code is zero.
type code uint32

// blockEnd skips the rest of a block.
const blockEnd = 64

func newCode(length int, symbol byte, dc bool) code {
	size, pass := int(symbol&15), int(symbol>>4)
	if !dc && size == 0 && pass != 15 {
		pass = blockEnd
	}
	return code(length+size) | code(length)<<8 | code(symbol)<<16 | code(pass)<<24
}

func (c code) total() uint { return uint(c) & 63 }

func (c code) length() uint { return uint(c>>8) & 31 }

func (c code) size() uint { return uint(c>>16) & 15 }

func (c code) symbol() byte { return byte(c >> 16) }

func (c code) pass() uint { return uint(c >> 24) }

// huffman decodes one table's codes: up to lookBits bits by look-up, longer ones by comparing
// with the last code of each length (T.81 F.2.2.3).
type huffman struct {
	look    [1 << lookBits]code // zero if the code is longer
	symbols []byte
	dc      bool
	maxCode [17]int32 // last code of each length, -1 for none
	offset  [17]int32 // symbol index of a code of that length, minus the code
}

func newHuffman(counts, symbols []byte, dc bool) (*huffman, error) {
	h := &huffman{symbols: append([]byte(nil), symbols...), dc: dc}
	first, index := int32(0), int32(0)
	for length := 1; length <= 16; length++ {
		n := int32(counts[length-1])
		h.offset[length] = index - first
		for i := int32(0); i < n && length <= lookBits; i++ {
			at := (first + i) << (lookBits - length)
			if at+1<<(lookBits-length) > 1<<lookBits {
				break // more codes than bits: an error below
			}
			entry := newCode(length, symbols[index+i], dc)
			for j := range int32(1) << (lookBits - length) {
				h.look[at+j] = entry
			}
		}
		first += n
		index += n
		if first > 1<<length {
			return nil, fmt.Errorf("the Huffman table has more codes of %d bits than there are", length)
		}
		h.maxCode[length] = -1
		if n > 0 {
			h.maxCode[length] = first - 1
		}
		first <<= 1
	}
	return h, nil
}

// long finds a code at the top of acc that is longer than lookBits.
func (h *huffman) long(acc uint64) code {
	for length := lookBits + 1; length <= 16; length++ {
		c := int32(acc >> (64 - length))
		if c <= h.maxCode[length] {
			return newCode(length, h.symbols[c+h.offset[length]], h.dc)
		}
	}
	return 0
}

var errCode = errors.New("damaged data: a code that the Huffman table does not have")
