package jpeg

import (
	"fmt"

	"cradio/radio/image/internal/raster"
)

// scan is one SOS segment and its position in the coefficients.
type scan struct {
	d          *decoder
	bits       bitReader
	components []*component
	dc, ac     []*huffman // for each of components
	ss, se     int        // spectral selection, zigzag
	ah, al     int        // successive approximation
	eobRun     int        // progressive: remaining blocks of zeros
	batch      batch      // sequential
	rows       *pipeline  // paints while the scan is decoded, or nil
}

func (d *decoder) readScan(s []byte) error {
	f := d.frame
	if f == nil {
		return fmt.Errorf("a scan before the frame header")
	}
	if d.scans++; d.scans > maxScans {
		return fmt.Errorf("more than %d scans", maxScans)
	}
	if len(s) < 1 || s[0] < 1 || s[0] > 4 || len(s) != 4+2*int(s[0]) {
		return fmt.Errorf("scan header of %d bytes does not match its components", len(s))
	}
	if !f.progressive {
		d.useStandard()
	}
	n := int(s[0])
	sc := &scan{d: d, ss: int(s[1+2*n]), se: int(s[2+2*n]), ah: int(s[3+2*n] >> 4), al: int(s[3+2*n] & 15)}
	for i := range n {
		c, err := f.component(s[1+2*i])
		if err != nil {
			return err
		}
		for _, other := range sc.components {
			if other == c {
				return fmt.Errorf("component %d twice in one scan", c.id)
			}
		}
		dc, ac := s[2+2*i]>>4, s[2+2*i]&15
		if dc > 3 || ac > 3 {
			return fmt.Errorf("scan uses Huffman tables %d and %d: want 0 to 3", dc, ac)
		}
		if c.quant == nil {
			if c.quant = d.quant[c.tq]; c.quant == nil {
				return fmt.Errorf("quantisation table %d is missing", c.tq)
			}
		}
		sc.components = append(sc.components, c)
		sc.dc, sc.ac = append(sc.dc, d.dc[dc]), append(sc.ac, d.ac[ac])
	}
	if err := sc.check(f.progressive); err != nil {
		return err
	}
	sc.bits = bitReader{data: d.data, pos: d.pos}
	err := d.startScan(sc)
	if err != nil {
		return err
	}
	err = sc.decode()
	d.pos = sc.bits.pos
	d.scanEnd = d.pos - sc.bits.unread()
	if sc.bits.short() && d.atEnd() {
		return fmt.Errorf("%w: the data ends within a scan", errTruncated)
	}
	if err == nil && sc.bits.short() {
		err = fmt.Errorf("damaged data: a scan ends early, at byte %d", d.pos)
	}
	return err
}

// atEnd reports whether no marker follows.
func (d *decoder) atEnd() bool {
	at := d.pos
	_, err := d.nextMarker()
	d.pos = at
	return err != nil
}

func (f *frame) component(id byte) (*component, error) {
	for i := range f.components {
		if f.components[i].id == id {
			return &f.components[i], nil
		}
	}
	return nil, fmt.Errorf("a scan uses component %d, which the frame does not have", id)
}

// check returns an error for parameters outside T.81 table B.3, and for missing Huffman tables.
func (s *scan) check(progressive bool) error {
	needDC, needAC := true, true
	if progressive {
		bad := s.ss > s.se || s.se > 63 || s.ss == 0 && s.se != 0 || s.ss > 0 && len(s.components) > 1 ||
			s.al > 13 || s.ah != 0 && s.ah != s.al+1
		if bad {
			return fmt.Errorf("scan of coefficients %d to %d, bits %d to %d, for %d components is malformed", s.ss, s.se, s.ah, s.al, len(s.components))
		}
		needDC, needAC = s.ss == 0 && s.ah == 0, s.ss > 0
	} else if s.ss != 0 || s.se != 63 || s.ah != 0 || s.al != 0 {
		return fmt.Errorf("scan of coefficients %d to %d, bits %d to %d, in a sequential image: want 0 to 63, 0 to 0", s.ss, s.se, s.ah, s.al)
	}
	blocks := 0
	for i, c := range s.components {
		if needDC && s.dc[i] == nil || needAC && s.ac[i] == nil {
			return fmt.Errorf("a Huffman table of component %d is missing", c.id)
		}
		blocks += c.h * c.v
		if !progressive && c.finished {
			return fmt.Errorf("component %d has two scans", c.id)
		}
		if progressive {
			if err := s.checkBits(c); err != nil {
				return err
			}
		}
	}
	if len(s.components) > 1 && blocks > 10 {
		return fmt.Errorf("%d blocks in an MCU: want at most 10", blocks)
	}
	return nil
}

// checkBits checks the order of a progressive component's scans: the first scan of a coefficient has
// its top bits, and each later scan adds one bit.
func (s *scan) checkBits(c *component) error {
	for k := s.ss; k <= s.se; k++ {
		if s.ah == 0 && c.bits[k] != -1 || s.ah != 0 && c.bits[k] != s.ah {
			return fmt.Errorf("scans of coefficient %d are out of order", k)
		}
		c.bits[k] = s.al
	}
	return nil
}

// startScan prepares the destination of a scan's blocks.
func (d *decoder) startScan(s *scan) error {
	f := d.frame
	if d.convert == nil {
		d.convert = d.converter()
	}
	if f.progressive || f.components[0].samples != nil {
		return nil
	}
	if len(s.components) < len(f.components) {
		f.wholePlanes()
		return nil
	}
	out, err := raster.New(f.outW, f.outH, d.maxPixels)
	if err != nil {
		return err
	}
	d.out = out
	s.rows = newPipeline(d, out, len(s.components) == 1)
	return nil
}

// decode visits the scan's blocks, MCU by MCU.
func (s *scan) decode() error {
	f := s.d.frame
	block := s.sequentialBlock
	if f.progressive {
		block = s.progressiveBlock()
	}
	mcuW, mcuH := f.mcuW, f.mcuH
	single := len(s.components) == 1 // not interleaved: an MCU is one block, and there are no padding blocks
	if single {
		mcuW, mcuH = s.components[0].blocksW, s.components[0].blocksH
	}
	if s.rows != nil {
		defer s.rows.stop()
	}
	s.startInterval()
	left := s.d.restart // MCUs until the next restart marker
	intervals := 0
	for my := range mcuH {
		if s.rows != nil {
			s.rows.begin(my)
		}
		for mx := range mcuW {
			if left == 0 && s.d.restart > 0 {
				if err := s.nextInterval(intervals); err != nil {
					return err
				}
				left = s.d.restart
				intervals++
			}
			left--
			for i, c := range s.components {
				h, v := c.h, c.v
				if single {
					h, v = 1, 1
				}
				for by := range v {
					for bx := range h {
						if err := block(i, mx*h+bx, my*v+by); err != nil {
							return err
						}
					}
				}
			}
			if s.bits.short() {
				return nil // readScan returns the error
			}
		}
		s.batch.flush()
		if s.rows != nil {
			s.rows.done(my, my == mcuH-1)
		}
	}
	for _, c := range s.components {
		c.finished = true
	}
	if s.rows != nil {
		return s.rows.wait()
	}
	return nil
}

func (s *scan) startInterval() {
	for _, c := range s.components {
		c.dc = 0
	}
	s.eobRun = 0
}

// nextInterval reads restart marker n mod 8 after the bits of the last MCU.
func (s *scan) nextInterval(n int) error {
	d := s.d
	d.pos = s.bits.pos
	marker, err := d.nextMarker()
	if err != nil {
		return err
	}
	if want := markerRST0 + byte(n%8); marker != want {
		return fmt.Errorf("damaged data: marker %02X at byte %d, want restart marker %02X", marker, d.pos-2, want)
	}
	s.bits = bitReader{data: d.data, pos: d.pos}
	s.startInterval()
	return nil
}
