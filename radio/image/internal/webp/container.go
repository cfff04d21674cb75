package webp

import (
	"encoding/binary"
	"errors"
	"fmt"
)

var errTruncated = errors.New("the file is truncated")

// chunk is one RIFF chunk, without its padding byte.
type chunk struct {
	id   string
	data []byte
}

// chunks splits a sequence of RIFF chunks. What follows the last whole one is an error.
func chunks(data []byte) ([]chunk, error) {
	var list []chunk
	for len(data) >= 8 {
		n := uint64(binary.LittleEndian.Uint32(data[4:]))
		if n > uint64(len(data)-8) {
			return list, fmt.Errorf("%w: chunk %q claims %d bytes, %d are left", errTruncated, data[:4], n, len(data)-8)
		}
		list = append(list, chunk{string(data[:4]), data[8 : 8+n]})
		data = data[min(uint64(len(data)), 8+n+n&1):]
	}
	return list, nil
}

// riff is the chunks of a WebP file. Bytes beyond the size that the file gives itself are ignored.
func riff(data []byte) ([]chunk, error) {
	if len(data) < 12 || string(data[:4]) != "RIFF" || string(data[8:12]) != "WEBP" {
		return nil, errors.New("not a RIFF WEBP file")
	}
	size := uint64(binary.LittleEndian.Uint32(data[4:]))
	if size < 4 {
		return nil, fmt.Errorf("the file claims %d bytes", size)
	}
	if size > uint64(len(data)-8) {
		return nil, fmt.Errorf("%w: it claims %d bytes and has %d", errTruncated, size+8, len(data))
	}
	return chunks(data[12 : 8+size])
}

// header is the VP8X chunk: the canvas of a file with alpha, animation or metadata.
type header struct {
	w, h             int
	alpha, animation bool
}

func readHeader(data []byte) (header, error) {
	if len(data) < 10 {
		return header{}, fmt.Errorf("VP8X chunk of %d bytes: want 10", len(data))
	}
	return header{
		w: 1 + uint24(data[4:]), h: 1 + uint24(data[7:]),
		alpha: data[0]&0x10 != 0, animation: data[0]&0x02 != 0,
	}, nil
}

func uint24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }

// Meta finds the file's EXIF and XMP blocks, nil where there are none.
func Meta(data []byte) (exif, xmp []byte) {
	list, _ := riff(data)
	for _, c := range list {
		switch {
		case c.id == "EXIF" && exif == nil:
			exif = c.data
		case c.id == "XMP " && xmp == nil:
			xmp = c.data
		}
	}
	return exif, xmp
}
