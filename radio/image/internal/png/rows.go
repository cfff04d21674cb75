package png

import "cradio/radio/image/internal/raster"

// pass is one of the reduced images of an interlaced file: every dx-th pixel from x, of every dy-th
// row from y.
type pass struct{ x, y, dx, dy int }

var whole = []pass{{0, 0, 1, 1}}

// adam7 is the only interlacing of PNG (section 8.2 of the specification).
var adam7 = []pass{{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}}

// decode decompresses the pixels. It accepts damage after the last row if Pillow does: Pillow must
// have all rows before it reads the damaged block.
func (f *file) decode(out *raster.RGB) error {
	from, err := f.unpack(out, 0)
	if err == nil || from.blocks < 2 {
		return err
	}
	if _, again := f.unpack(out, from.blocks-1); again == nil {
		return nil
	}
	return err
}

// unpack reads the pixels from the first limit blocks of data. 0 means all blocks.
func (f *file) unpack(out *raster.RGB, limit int) (*source, error) {
	from := &source{data: f.data, at: f.pixels, limit: limit}
	u, err := newUnpacker(from)
	if err != nil {
		return from, err
	}
	defer u.inflate.Close()
	passes := whole
	if f.interlaced {
		passes = adam7
	}
	set := f.setter(out)
	bits := f.bitsPerPixel()
	for _, p := range passes {
		w, h := ceilDiv(f.w-p.x, p.dx), ceilDiv(f.h-p.y, p.dy)
		if w <= 0 || h <= 0 {
			continue
		}
		size := (w*bits + 7) / 8
		row, above := make([]byte, 1+size), make([]byte, 1+size)
		for i := range h {
			if err := u.row(row); err != nil {
				return from, err
			}
			if err := unfilter(row[0], row[1:], above[1:], (bits+7)/8); err != nil {
				return from, err
			}
			set(row[1:], w, (p.y+i*p.dy)*f.w+p.x, p.dx)
			row, above = above, row
		}
	}
	return from, u.tail()
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }
