package jpeg

import (
	"errors"
	"fmt"

	"cradio/radio/image/internal/kernel"
	"cradio/radio/image/internal/raster"
)

// frame is the content of SOF: the size of the image and its components.
type frame struct {
	w, h        int
	size        int // samples across a block in the result: 8, or fewer at a reduced size
	outW, outH  int // of the result
	progressive bool
	components  []component
	hMax, vMax  int // largest sampling factors
	mcuW, mcuH  int // MCUs across and down in an interleaved scan
}

// component is one colour plane, in blocks of 8 x 8 samples.
type component struct {
	id       byte
	h, v     int // sampling factors
	tq       int
	size     int // samples across a block: the frame's, or more if this avoids upsampling of chroma
	inverse  func(dst []uint8, stride int, coeffs *[64]int16, quant *[64]uint16)
	quant    *[64]uint16 // natural order, latched at the component's first scan
	blocksW  int         // blocks within the image, across and down
	blocksH  int
	paddedW  int     // blocks across, up to whole MCUs
	w, hgt   int     // samples within the image
	samples  []uint8 // rows, the last ringRows of them
	ringRows int
	stride   int      // samples per row: size * paddedW
	coeffs   []int16  // progressive only: natural order, 64 per block
	nonzero  []uint64 // progressive only: for each block, a bit for each zigzag coefficient except the first
	bits     [64]int  // progressive only: point transform of each zigzag coefficient, -1 unseen
	dc       int      // DC predictor
	finished bool     // sequential only
}

func (d *decoder) readFrame(s []byte, progressive bool) error {
	if d.frame != nil {
		return errors.New("two frame headers: want one")
	}
	if len(s) < 6 || len(s) != 6+3*int(s[5]) {
		return fmt.Errorf("frame header of %d bytes does not match its components", len(s))
	}
	if s[0] != 8 {
		return &raster.Unsupported{What: fmt.Sprintf("a %d-bit JPEG", s[0]), Do: doConvert}
	}
	f := &frame{h: int(s[1])<<8 | int(s[2]), w: int(s[3])<<8 | int(s[4]), progressive: progressive}
	if err := raster.Check(f.w, f.h, d.maxPixels); err != nil {
		return err
	}
	switch n := int(s[5]); n {
	case 1, 3, 4:
		f.components = make([]component, n)
	default:
		return fmt.Errorf("%d colour components: want 1, 3 or 4", n)
	}
	for i := range f.components {
		c := &f.components[i]
		c.id, c.h, c.v, c.tq = s[6+3*i], int(s[7+3*i]>>4), int(s[7+3*i]&15), int(s[8+3*i])
		if c.h < 1 || c.h > 4 || c.v < 1 || c.v > 4 || c.tq > 3 {
			return fmt.Errorf("component %d: sampling %d x %d, quantisation table %d: want 1 to 4 and 0 to 3", i, c.h, c.v, c.tq)
		}
		f.hMax, f.vMax = max(f.hMax, c.h), max(f.vMax, c.v)
	}
	f.size = 8 / d.draft.reduction(f.w, f.h)
	f.outW, f.outH = ceilDiv(f.w*f.size, 8), ceilDiv(f.h*f.size, 8)
	f.mcuW, f.mcuH = ceilDiv(f.w, 8*f.hMax), ceilDiv(f.h, 8*f.vMax)
	return d.allocate(f)
}

// allocate allocates the planes. It first checks that the file is long enough to fill them: each
// block takes at least one bit.
func (d *decoder) allocate(f *frame) error {
	blocks := 0
	for i := range f.components {
		c := &f.components[i]
		if f.hMax%c.h != 0 || f.vMax%c.v != 0 {
			return &raster.Unsupported{What: fmt.Sprintf("a JPEG whose component %d has sampling %d x %d within %d x %d (want whole ratios)", i, c.h, c.v, f.hMax, f.vMax), Do: doConvert}
		}
		c.blocksW, c.blocksH = ceilDiv(f.w*c.h, 8*f.hMax), ceilDiv(f.h*c.v, 8*f.vMax)
		c.size = f.blockSize(c)
		c.inverse = kernel.Reduced(c.size)
		c.w, c.hgt = ceilDiv(f.w*c.h*c.size, 8*f.hMax), ceilDiv(f.h*c.v*c.size, 8*f.vMax)
		c.paddedW = f.mcuW * c.h
		c.stride = c.size * c.paddedW
		blocks += c.blocksW * c.blocksH
	}
	if blocks/8 > len(d.data) {
		return fmt.Errorf("%w: %d bytes cannot hold %d x %d pixels (width x height)", errTruncated, len(d.data), f.w, f.h)
	}
	for i := range f.components {
		c := &f.components[i]
		if f.progressive {
			blocks := c.paddedW * f.mcuH * c.v
			c.coeffs, c.nonzero = make([]int16, 64*blocks), make([]uint64, blocks)
			for k := range c.bits {
				c.bits[k] = -1
			}
		}
	}
	d.frame = f
	return nil
}

// planes allocates the samples: for each component a number of block rows, all of them or those of a
// ring.
func (f *frame) planes(blockRows func(c *component) int) {
	for i := range f.components {
		c := &f.components[i]
		c.ringRows = c.size * blockRows(c)
		c.samples = make([]uint8, c.stride*c.ringRows)
	}
}

// wholePlanes allocates all block rows.
func (f *frame) wholePlanes() { f.planes(func(c *component) int { return f.mcuH * c.v }) }

// offset returns the start of row y of the component.
func (c *component) offset(y int) int { return y % c.ringRows * c.stride }

// complete returns an error if scans are missing. A progressive component needs all bits of its DC
// and of the nine lowest frequencies. Without them, libjpeg would smooth the image.
func (c *component) complete(progressive bool) error {
	if !progressive {
		if !c.finished {
			return fmt.Errorf("%w: no scan holds it", errTruncated)
		}
		return nil
	}
	for k := range 10 {
		if c.bits[k] != 0 {
			return fmt.Errorf("%w: the scans of this progressive image stop before coefficient %d is complete: download or copy it again", errTruncated, k)
		}
	}
	return nil
}

func (d *decoder) readQuant(s []byte) error {
	for len(s) > 0 {
		id, wide := int(s[0]&15), int(s[0]>>4)
		n := 1 + 64<<wide
		if id > 3 || wide > 1 || len(s) < n {
			return fmt.Errorf("quantisation table %d with precision %d in %d bytes is malformed", id, wide, len(s))
		}
		table := new([64]uint16)
		for i := range table {
			if wide == 0 {
				table[zigzag[i]] = uint16(s[1+i])
			} else {
				table[zigzag[i]] = uint16(s[1+2*i])<<8 | uint16(s[2+2*i])
			}
		}
		d.quant[id] = table
		s = s[n:]
	}
	return nil
}

func (d *decoder) readHuffman(s []byte) error {
	for len(s) > 0 {
		if len(s) < 17 {
			return fmt.Errorf("a Huffman table of %d bytes: want at least 17", len(s))
		}
		class, id := s[0]>>4, int(s[0]&15)
		n := 0
		for _, count := range s[1:17] {
			n += int(count)
		}
		if class > 1 || id > 3 || n > 256 || len(s) < 17+n {
			return fmt.Errorf("the Huffman table %d of class %d with %d codes is malformed", id, class, n)
		}
		table, err := newHuffman(s[1:17], s[17:17+n], class == 0)
		if err != nil {
			return err
		}
		if class == 0 {
			d.dc[id] = table
		} else {
			d.ac[id] = table
		}
		s = s[17+n:]
	}
	return nil
}

func (d *decoder) readRestart(s []byte) error {
	if len(s) != 2 {
		return fmt.Errorf("restart interval of %d bytes: want 2", len(s))
	}
	d.restart = int(s[0])<<8 | int(s[1])
	return nil
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }
