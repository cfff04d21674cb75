package jpeg

import (
	"math/bits"

	"cradio/radio/image/internal/kernel"
)

// progressiveBlock selects one of T.81's four procedures (G.1.2) for the scan.
func (s *scan) progressiveBlock() func(i, bx, by int) error {
	switch {
	case s.ss == 0 && s.ah == 0:
		return s.dcFirst
	case s.ss == 0:
		return s.dcRefine
	case s.ah == 0:
		return s.acFirst
	}
	return s.acRefine
}

// block returns the coefficients of block (bx, by).
func (c *component) block(bx, by int) *[64]int16 {
	return (*[64]int16)(c.coeffs[64*(by*c.paddedW+bx):])
}

// mask returns the bit mask of nonzero coefficients of block (bx, by), for refine.
func (c *component) mask(bx, by int) *uint64 { return &c.nonzero[by*c.paddedW+bx] }

func (s *scan) dcFirst(i, bx, by int) error {
	c := s.components[i]
	size, err := s.bits.symbol(s.dc[i])
	if err != nil {
		return err
	}
	if size > 15 {
		return errCode
	}
	c.dc += int(s.bits.signed(int(size)))
	c.block(bx, by)[0] = int16(c.dc << s.al)
	return nil
}

func (s *scan) dcRefine(i, bx, by int) error {
	if s.bits.bits(1) != 0 {
		s.components[i].block(bx, by)[0] |= 1 << s.al
	}
	return nil
}

func (s *scan) acFirst(i, bx, by int) error {
	if s.eobRun > 0 {
		s.eobRun--
		return nil
	}
	block, nonzero := s.components[i].block(bx, by), s.components[i].mask(bx, by)
	for k := s.ss; k <= s.se; k++ {
		symbol, err := s.bits.symbol(s.ac[i])
		if err != nil {
			return err
		}
		run, size := int(symbol>>4), int(symbol&15)
		if size == 0 {
			if run != 15 {
				s.eobRun = 1<<run - 1 + int(s.bits.bits(run))
				return nil
			}
			k += 15
			continue
		}
		if k += run; k > s.se {
			return errRun
		}
		v := int16(s.bits.signed(size) << s.al)
		block[zigzag[k]] = v
		if v != 0 {
			*nonzero |= 1 << k
		}
	}
	return nil
}

// acRefine adds one bit to the nonzero coefficients, and inserts new ones between them.
func (s *scan) acRefine(i, bx, by int) error {
	block, nonzero := s.components[i].block(bx, by), s.components[i].mask(bx, by)
	plus, minus := int16(1)<<s.al, int16(-1)<<s.al
	k := s.ss
	for k <= s.se && s.eobRun == 0 {
		symbol, err := s.bits.symbol(s.ac[i])
		if err != nil {
			return err
		}
		run, size := int(symbol>>4), symbol&15
		fresh := int16(0)
		switch {
		case size == 1:
			fresh = minus
			if s.bits.bits(1) != 0 {
				fresh = plus
			}
		case size != 0:
			return errCode
		case run != 15:
			s.eobRun = 1<<run + int(s.bits.bits(run))
			continue
		}
		if k = s.refine(block, *nonzero, k, run); k > s.se {
			if fresh != 0 {
				return errRun
			}
			return nil
		}
		if fresh != 0 {
			block[zigzag[k]] = fresh
			*nonzero |= 1 << k
		}
		k++
	}
	if s.eobRun > 0 {
		s.eobRun--
		s.refine(block, *nonzero, k, 64)
	}
	return nil
}

// refine skips the given number of zero coefficients, and adds a bit to each nonzero coefficient on
// its way. It returns the position of the next zero. Bit k of nonzero is set if coefficient k
// is not zero.
func (s *scan) refine(block *[64]int16, nonzero uint64, k, zeros int) int {
	b := &s.bits
	acc, n := b.acc, b.n // in registers
	plus := int16(1) << s.al
	for k <= s.se {
		run := bits.TrailingZeros64(nonzero >> k)
		if zeros < run {
			k += zeros
			break
		}
		zeros -= run
		if k += run; k > s.se {
			break
		}
		at := &block[zigzag[k&63]]
		if n < 32 {
			acc, n, b.pos = b.refill(acc, n, b.pos)
		}
		one := acc>>63 != 0
		acc <<= 1
		n--
		if one && *at&plus == 0 {
			if *at > 0 {
				*at += plus
			} else {
				*at -= plus
			}
		}
		k++
	}
	b.acc, b.n = acc, n
	return k
}

// transformAll runs the inverse transform after all scans.
func (f *frame) transformAll() {
	for i := range f.components {
		c := &f.components[i]
		kernel.Bands(c.blocksH, func(by, end int) {
			for ; by < end; by++ {
				for bx := range c.blocksW {
					c.transform(c.block(bx, by), bx, by)
				}
			}
		})
	}
}
