package pnm

import (
	"fmt"

	"cradio/radio/image/internal/raster"
)

// blockSize is the amount of a plain file that Pillow reads at a time. Pillow checks whole blocks.
const blockSize = 1 << 20

// plainBits reads bits. 1 is black. Spaces between bits are optional.
func (h header) plainBits(out *raster.RGB, data []byte) error {
	i, n := 0, h.w*h.h
	for at := 0; at < len(data); at++ {
		switch b := data[at]; {
		case i == n && at%blockSize == 0:
			return nil
		case b == '#':
			at = len(data) - len(afterLine(data[at:])) - 1
		case isSpace(b):
		case b != '0' && b != '1':
			return fmt.Errorf("damaged data: %q among the bits, want 0 and 1", b)
		case i < n:
			v := 255 * ('1' - b)
			out.Set(i, v, v, v)
			i++
		}
	}
	if i < n {
		return fmt.Errorf("%w: %d bits, want %d", errTruncated, i, n)
	}
	return nil
}

// plainNumbers reads decimal numbers with spaces between them. It removes comments, as in the
// header.
func (h header) plainNumbers(out *raster.RGB, data []byte) error {
	scale, n := h.scale(), h.channels()
	next := func() (uint8, error) {
		var token []byte
		for len(data) > 0 {
			b := data[0]
			data = data[1:]
			switch {
			case b == '#':
				data = afterLine(data)
				continue
			case !isSpace(b):
				if token = append(token, b); len(token) > maxDigits {
					return 0, fmt.Errorf("damaged data: %q… among the numbers", token)
				}
				continue
			case len(token) == 0:
				continue
			}
			break
		}
		if len(token) == 0 {
			return 0, errTruncated
		}
		v, err := parseNumber(token)
		if err != nil {
			return 0, fmt.Errorf("damaged data: %w", err)
		}
		if v > h.max {
			return 0, fmt.Errorf("damaged data: %d is above the maximum of %d", v, h.max)
		}
		return scale[v], nil
	}
	var v [3]uint8
	for i := range h.w * h.h {
		for c := range n {
			var err error
			if v[c], err = next(); err != nil {
				return fmt.Errorf("pixel %d of %d: %w", i, h.w*h.h, err)
			}
		}
		if n == 1 {
			v[1], v[2] = v[0], v[0]
		}
		out.Set(i, v[0], v[1], v[2])
	}
	return nil
}
