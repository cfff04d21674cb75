package gif

import "fmt"

// reader walks a GIF file's blocks up to its first frame.
type reader struct {
	data             []byte
	screenW, screenH int
	palette          []byte // global, nil for none
}

func (r *reader) take(n int) ([]byte, error) {
	if n > len(r.data) {
		return nil, errTruncated
	}
	b := r.data[:n]
	r.data = r.data[n:]
	return b, nil
}

func uint16le(b []byte) int { return int(b[0]) | int(b[1])<<8 }

func (r *reader) firstFrame() (*frame, error) {
	b, err := r.take(13)
	if err != nil {
		return nil, err
	}
	r.screenW, r.screenH = uint16le(b[6:]), uint16le(b[8:])
	if r.palette, err = r.readPalette(b[10]); err != nil {
		return nil, err
	}
	f := &frame{transparent: -1, palette: r.palette}
	for {
		b, err := r.take(1)
		if err != nil {
			return nil, err
		}
		switch b[0] {
		case '!':
			if err := r.extension(f); err != nil {
				return nil, err
			}
		case ',':
			return f, r.descriptor(f)
		case ';':
			return nil, fmt.Errorf("no frame before the end of the file")
		}
	}
}

// readPalette reads the colour table, if flags have one. It returns nil if each index maps to the
// grey of its own value: in Pillow such an image is greyscale.
func (r *reader) readPalette(flags byte) ([]byte, error) {
	if flags&0x80 == 0 {
		return nil, nil
	}
	p, err := r.take(3 << (flags&7 + 1))
	if err != nil {
		return nil, err
	}
	for i, v := range p {
		if int(v) != i/3 {
			return p, nil
		}
	}
	return nil, nil
}

func (r *reader) extension(f *frame) error {
	label, err := r.take(1)
	if err != nil {
		return err
	}
	const graphicControl = 0xF9
	for first := true; ; first = false {
		block, err := r.block()
		if err != nil || len(block) == 0 {
			return err
		}
		if label[0] == graphicControl && first && len(block) >= 4 && block[0]&1 != 0 {
			f.transparent = int(block[3])
		}
	}
}

func (r *reader) descriptor(f *frame) error {
	b, err := r.take(9)
	if err != nil {
		return err
	}
	f.x, f.y, f.w, f.h = uint16le(b), uint16le(b[2:]), uint16le(b[4:]), uint16le(b[6:])
	f.interlaced = b[8]&0x40 != 0
	if b[8]&0x80 != 0 {
		if f.palette, err = r.readPalette(b[8]); err != nil {
			return err
		}
	}
	if b, err = r.take(1); err != nil {
		return err
	}
	f.codeBits = int(b[0])
	return nil
}

// block reads one sub-block. It is empty at the end of a sequence.
func (r *reader) block() ([]byte, error) {
	n, err := r.take(1)
	if err != nil {
		return nil, err
	}
	return r.take(int(n[0]))
}

// blocks joins sub-blocks up to an empty one, or to the end of the file.
func (r *reader) blocks() ([]byte, error) {
	var all []byte
	for len(r.data) > 0 {
		b, err := r.block()
		if err != nil {
			return all, nil // all pixels may be present; decode counts them
		}
		if len(b) == 0 {
			break
		}
		all = append(all, b...)
	}
	return all, nil
}
