package tiff

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"math/bits"

	"golang.org/x/image/ccitt"
	"golang.org/x/image/tiff/lzw"
)

// Values of the compression field.
const (
	compressNone       = 1
	compressGroup3     = 3
	compressGroup4     = 4
	compressLZW        = 5
	compressJPEG       = 7
	compressDeflate    = 8
	compressPackBits   = 32773
	compressOldDeflate = 32946
)

// unpack decompresses a segment to s.h rows of rowBytes(s.w).
func (l *layout) unpack(s segment) ([]byte, error) {
	packed := s.data
	if l.reversed {
		packed = make([]byte, len(s.data))
		for i, b := range s.data {
			packed[i] = bits.Reverse8(b)
		}
	}
	size := l.rowBytes(s.w) * s.h
	raw, err := l.inflate(packed, s, size)
	if err != nil {
		return nil, err
	}
	if len(raw) < size {
		return nil, fmt.Errorf("%w: %d bytes, want %d", errTruncated, len(raw), size)
	}
	if l.predictor == 2 && l.predicts() {
		raw = bytes.Clone(raw)
		l.undoDifferences(raw, s)
	}
	return raw, nil
}

// predicts reports whether the predictor field applies to the compression.
func (l *layout) predicts() bool {
	return l.compression == compressLZW || l.compression == compressDeflate || l.compression == compressOldDeflate
}

func (l *layout) inflate(packed []byte, s segment, size int) ([]byte, error) {
	in := bytes.NewReader(packed)
	switch l.compression {
	case compressNone:
		return packed, nil
	case compressPackBits:
		return unpackBits(packed, size)
	case compressLZW:
		if len(packed) > 1 && packed[0] == 0 && packed[1]&1 == 1 {
			return nil, lacks(doRecompress, "LZW compression in the bit order used before TIFF 6")
		}
		r := lzw.NewReader(in, lzw.MSB, 8)
		defer r.Close()
		return readUpTo(r, size)
	case compressDeflate, compressOldDeflate:
		return inflateZlib(in, size)
	case compressGroup3, compressGroup4:
		return l.inflateFax(in, s, size)
	}
	return nil, lacks(doRecompress, "%s", l.compressionName())
}

// inflateZlib reads to the end of the stream, to check its checksum.
func inflateZlib(in io.Reader, size int) ([]byte, error) {
	r, err := zlib.NewReader(in)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	raw, err := readUpTo(r, size)
	if err != nil {
		return nil, err
	}
	if n, err := r.Read(make([]byte, 1)); n == 0 && err != nil && err != io.EOF {
		return nil, fmt.Errorf("damaged data: %w", err)
	}
	return raw, nil
}

// inflateFax returns 1 for black, like libtiff, for every photometric interpretation.
func (l *layout) inflateFax(in io.Reader, s segment, size int) ([]byte, error) {
	if l.bits != 1 || l.samples != 1 {
		return nil, fmt.Errorf("CCITT compression of %d samples of %d bits: want one bit", l.samples, l.bits)
	}
	format := ccitt.SubFormat(ccitt.Group4)
	if l.compression == compressGroup3 {
		format = ccitt.Group3
	}
	raw, err := readUpTo(ccitt.NewReader(in, ccitt.MSB, format, s.w, s.h, &ccitt.Options{Invert: true}), size)
	const fillBits = 4 // a flag of T4Options: lines end at bytes
	if err != nil && l.compression == compressGroup3 && l.t4Options&fillBits != 0 {
		return nil, lacks(doRecompress, "CCITT group 3 fax compression (3) and fill bits")
	}
	return raw, err
}

// readUpTo reads size bytes. Its buffer grows with the data, so that a short file cannot use much
// memory.
func readUpTo(r io.Reader, size int) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(r, int64(size)))
	if err != nil && len(raw) == size {
		err = nil
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = errTruncated
	}
	return raw, err
}

// unpackBits decompresses PackBits. A length byte n means: copy n+1 bytes, or, if negative, repeat
// one byte 1-n times. -128 is skipped.
func unpackBits(packed []byte, size int) ([]byte, error) {
	var raw []byte
	for len(raw) < size && len(packed) > 0 {
		n := int(int8(packed[0]))
		packed = packed[1:]
		switch {
		case n >= 0:
			if n+1 > len(packed) {
				return nil, errTruncated
			}
			raw = append(raw, packed[:n+1]...)
			packed = packed[n+1:]
		case n != -128:
			if len(packed) == 0 {
				return nil, errTruncated
			}
			raw = append(raw, bytes.Repeat(packed[:1], 1-n)...)
			packed = packed[1:]
		}
	}
	return raw, nil
}

// undoDifferences adds to each sample the sample of the pixel to its left.
func (l *layout) undoDifferences(raw []byte, s segment) {
	n := l.perSegment()
	for y := range s.h {
		row := raw[y*l.rowBytes(s.w):][:l.rowBytes(s.w)]
		if l.bits == 8 {
			for i := n; i < len(row); i++ {
				row[i] += row[i-n]
			}
			continue
		}
		for i := 2 * n; i+1 < len(row); i += 2 {
			l.order.PutUint16(row[i:], l.order.Uint16(row[i:])+l.order.Uint16(row[i-2*n:]))
		}
	}
}
