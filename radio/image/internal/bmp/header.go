package bmp

import (
	"encoding/binary"
	"errors"
	"fmt"
)

var errTruncated = errors.New("the file is truncated")

// Supported compressions.
const (
	plain     = 0
	rle8      = 1
	rle4      = 2
	bitfields = 3
)

// header is the file and information headers, with the palette.
type header struct {
	w, h        int
	topDown     bool
	bits        int
	compression uint32
	masks       [4]uint32 // red, green, blue, alpha: bitfields only
	palette     *[256][3]uint8
	pixels      int // offset of the pixels in the file
}

func readHeader(data []byte) (*header, error) {
	if len(data) < 18 {
		return nil, errTruncated
	}
	size := int64(binary.LittleEndian.Uint32(data[14:]))
	switch size {
	case 12, 40, 52, 56, 64, 108, 124:
	default:
		return nil, fmt.Errorf("information header of %d bytes: want 12, 40, 52, 56, 64, 108 or 124", size)
	}
	if int64(len(data)) < 14+size {
		return nil, errTruncated
	}
	info, rest := data[14:14+size], data[14+size:]
	h, colors := &header{}, 0
	if size == 12 {
		h.w, h.h, h.bits = int(binary.LittleEndian.Uint16(info[4:])), int(binary.LittleEndian.Uint16(info[6:])), int(binary.LittleEndian.Uint16(info[10:]))
	} else {
		colors = h.readInfo(info)
	}
	if h.compression == bitfields {
		var err error
		if rest, err = h.readMasks(info, rest); err != nil {
			return nil, err
		}
	}
	if colors == 0 && h.bits <= 8 {
		colors = 1 << h.bits
	}
	entry := 4
	if size == 12 {
		entry = 3
	}
	h.pixels = int(binary.LittleEndian.Uint32(data[10:]))
	if h.bits <= 8 {
		if h.pixels == 14+int(size) { // some programs write this wrong offset, without the palette
			h.pixels += entry * colors
		}
		if err := h.readPalette(rest, colors, entry); err != nil {
			return nil, err
		}
		rest = rest[entry*colors:]
	}
	if h.pixels == 0 {
		h.pixels = len(data) - len(rest)
	}
	return h, nil
}

// readInfo reads a header of 40 bytes or more and returns its number of palette entries.
func (h *header) readInfo(info []byte) (colors int) {
	word := func(at int) uint32 { return binary.LittleEndian.Uint32(info[at:]) }
	h.w = int(word(4))
	height := word(8)
	if h.topDown = height>>24 == 0xFF; h.topDown {
		height = -height
	}
	h.h = int(height)
	h.bits = int(binary.LittleEndian.Uint16(info[14:]))
	h.compression = word(16)
	return int(word(32))
}

// readMasks reads the channel masks from the header, or after it if the header is short.
func (h *header) readMasks(info, rest []byte) ([]byte, error) {
	n, from := 3, info[min(len(info), 40):]
	switch {
	case len(info) >= 56:
		n = 4
	case len(info) < 52:
		if len(rest) < 12 {
			return nil, errTruncated
		}
		from, rest = rest, rest[12:]
	}
	for i := range n {
		h.masks[i] = binary.LittleEndian.Uint32(from[4*i:])
	}
	return rest, nil
}

// readPalette reads blue, green, red entries. If they are the greys 0, 1, 2…, or black and white,
// Pillow drops the palette and reads pixels as grey levels or bits. This makes a difference for
// pixels beyond the end of a short palette.
func (h *header) readPalette(b []byte, colors, entry int) error {
	if colors < 1 || colors > 65536 {
		return fmt.Errorf("palette of %d colours: want 1 to 65536", colors)
	}
	if len(b) < colors*entry {
		return errTruncated
	}
	h.palette = new([256][3]uint8)
	gray, bilevel := true, colors <= 2
	for i := range min(colors, 256) {
		e := b[i*entry:]
		h.palette[i] = [3]uint8{e[2], e[1], e[0]}
		gray = gray && h.palette[i] == [3]uint8{uint8(i), uint8(i), uint8(i)}
		v := uint8(255 * min(i, 1))
		bilevel = bilevel && h.palette[i] == [3]uint8{v, v, v}
	}
	for i := range h.palette {
		if v := uint8(i); gray && h.bits == 8 {
			h.palette[i] = [3]uint8{v, v, v}
		}
	}
	if bilevel && h.bits == 1 {
		h.palette[1] = [3]uint8{255, 255, 255}
	}
	return nil
}
