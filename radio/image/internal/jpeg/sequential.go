package jpeg

import "errors"

var errRun = errors.New("damaged data: a run of zeros leaves its block")

// zigzag is the natural (row by row) position of each coefficient in file order.
var zigzag = [64]uint8{
	0, 1, 8, 16, 9, 2, 3, 10,
	17, 24, 32, 25, 18, 11, 4, 5,
	12, 19, 26, 33, 40, 48, 41, 34,
	27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36,
	29, 22, 15, 23, 30, 37, 44, 51,
	58, 59, 52, 45, 38, 31, 39, 46,
	53, 60, 61, 54, 47, 55, 62, 63,
}

// sequentialBlock decodes block (bx, by) of the scan's component i, and transforms it at once:
// a sequential scan holds all of a block.
func (s *scan) sequentialBlock(i, bx, by int) error {
	c := s.components[i]
	var coeffs [64]int16
	size, err := s.bits.symbol(s.dc[i])
	if err != nil {
		return err
	}
	if size > 15 {
		return errCode
	}
	c.dc += int(s.bits.signed(int(size)))
	coeffs[0] = int16(c.dc)
	for k := 1; k < 64; k++ {
		symbol, err := s.bits.symbol(s.ac[i])
		if err != nil {
			return err
		}
		run, size := int(symbol>>4), int(symbol&15)
		if size == 0 {
			if run != 15 {
				break // end of block
			}
			k += 15
			continue
		}
		if k += run; k > 63 {
			return errRun
		}
		coeffs[zigzag[k]] = int16(s.bits.signed(size))
	}
	c.transform(&coeffs, bx, by)
	return nil
}

// transform writes a block's samples to the component's plane.
func (c *component) transform(coeffs *[64]int16, bx, by int) {
	idct(coeffs, c.quant, c.samples[8*by*c.stride+8*bx:], c.stride)
}
