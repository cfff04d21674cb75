// Package ifd reads the image file directory of TIFF files and EXIF blocks.
package ifd

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"cradio/radio/image/internal/raster"
)

// Directory is the first image file directory of a TIFF file or EXIF block.
type Directory struct {
	Order   binary.ByteOrder
	Cut     bool // the directory is truncated: it lacks entries
	data    []byte
	entries map[uint16][]byte // 12 bytes each
}

// Read reads the header and the first directory. Like Pillow, it accepts a truncated directory, and
// uses the first of two entries for a field.
func Read(data []byte) (*Directory, error) {
	if len(data) < 8 {
		return nil, errors.New("truncated header")
	}
	d := &Directory{data: data}
	switch string(data[:4]) {
	case "II*\x00":
		d.Order = binary.LittleEndian
	case "MM\x00*":
		d.Order = binary.BigEndian
	case "II+\x00", "MM\x00+":
		return nil, &raster.Unsupported{What: "a BigTIFF (64-bit offsets)",
			Do: "convert it: gdal_translate -co BIGTIFF=NO IN.tif OUT.tif, or magick IN.tif OUT.png"}
	default:
		return nil, fmt.Errorf("header %q: want II*\\0 or MM\\0*", data[:4])
	}
	at := uint64(d.Order.Uint32(data[4:]))
	if at+2 > uint64(len(data)) {
		return nil, errors.New("truncated: the directory starts beyond the end")
	}
	n, most := uint64(d.Order.Uint16(data[at:])), (uint64(len(data))-at-2)/12
	if d.Cut = n > most; d.Cut {
		n = most
	}
	d.entries = make(map[uint16][]byte, n)
	for i := range n {
		e := data[at+2+12*i:][:12]
		if tag := d.Order.Uint16(e); !d.Has(tag) {
			d.entries[tag] = e
		}
	}
	return d, nil
}

// Has reports whether the directory has the field.
func (d *Directory) Has(tag uint16) bool { return d.entries[tag] != nil }

// sizes are the sizes of the field types. They are 0 for types that are not integers.
var sizes = map[uint16]uint64{1: 1, 3: 2, 4: 4, 6: 1, 7: 1, 8: 2, 9: 4}

// Bytes returns a field's bytes in the file's byte order, and its type. They are nil if the
// field is absent.
func (d *Directory) Bytes(tag uint16) (raw []byte, kind uint16, err error) {
	e := d.entries[tag]
	if e == nil {
		return nil, 0, nil
	}
	kind = d.Order.Uint16(e[2:])
	size := sizes[kind]
	if size == 0 {
		return nil, kind, fmt.Errorf("field %d has type %d: want whole numbers", tag, kind)
	}
	n := size * uint64(d.Order.Uint32(e[4:]))
	if n <= 4 {
		return e[8 : 8+n], kind, nil
	}
	at := uint64(d.Order.Uint32(e[8:]))
	if at+n > uint64(len(d.data)) {
		return nil, kind, fmt.Errorf("truncated: field %d lies beyond the end", tag)
	}
	return d.data[at : at+n], kind, nil
}

// Uints returns a field's values, or nil if it is absent. Signed types are read as unsigned.
func (d *Directory) Uints(tag uint16) ([]int, error) {
	raw, kind, err := d.Bytes(tag)
	if err != nil || raw == nil {
		return nil, err
	}
	size := int(sizes[kind])
	values := make([]int, len(raw)/size)
	for i := range values {
		switch b := raw[i*size:]; size {
		case 1:
			values[i] = int(b[0])
		case 2:
			values[i] = int(d.Order.Uint16(b))
		default:
			values[i] = int(d.Order.Uint32(b))
		}
	}
	return values, nil
}

// Uint returns a field's first value, or missing if the field is absent or empty.
func (d *Directory) Uint(tag uint16, missing int) (int, error) {
	values, err := d.Uints(tag)
	if err != nil || len(values) == 0 {
		return missing, err
	}
	return values[0], nil
}

// Text returns a text field, without the zero at its end. It is empty if the field is absent, has
// another type, or is beyond the end.
func (d *Directory) Text(tag uint16) string {
	const ascii = 2
	e := d.entries[tag]
	if e == nil || d.Order.Uint16(e[2:]) != ascii {
		return ""
	}
	n, raw := uint64(d.Order.Uint32(e[4:])), e[8:12]
	if n > 4 {
		raw = d.data[min(uint64(d.Order.Uint32(e[8:])), uint64(len(d.data))):]
	}
	if n > uint64(len(raw)) {
		return ""
	}
	text, _, _ := bytes.Cut(raw[:n], []byte{0})
	return string(text)
}

// Orientation is the EXIF field of the orientation.
const Orientation = 0x0112
