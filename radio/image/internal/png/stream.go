package png

import (
	"compress/flate"
	"errors"
	"fmt"
	"hash"
	"hash/adler32"
	"io"
)

// blockSize is the largest block of pixel data that Pillow decompresses at a time. A block does not
// span chunks.
const blockSize = 1 << 16

// source returns the bytes of successive IDAT chunks, block by block.
type source struct {
	data   []byte
	at     int    // position of the next chunk
	block  []byte // unread
	more   []byte // rest of this chunk, after the block
	blocks int    // number of blocks started
	limit  int    // number of blocks to read; 0 means all
}

// next starts the next block, and skips empty chunks. Any other chunk between two IDAT chunks ends
// the pixel data.
func (s *source) next() error {
	if s.limit > 0 && s.blocks == s.limit {
		return io.EOF
	}
	for len(s.more) == 0 {
		c, ok := chunkAt(s.data, s.at)
		if !ok || c.id != "IDAT" {
			return io.EOF
		}
		s.more, s.at = c.data, c.end()
	}
	n := min(blockSize, len(s.more))
	s.block, s.more = s.more[:n], s.more[n:]
	s.blocks++
	return nil
}

func (s *source) ReadByte() (byte, error) {
	if len(s.block) == 0 {
		if err := s.next(); err != nil {
			return 0, err
		}
	}
	b := s.block[0]
	s.block = s.block[1:]
	return b, nil
}

func (s *source) Read(p []byte) (int, error) {
	if len(s.block) == 0 && len(p) > 0 {
		if err := s.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, s.block)
	s.block = s.block[n:]
	return n, nil
}

// unpacker is the zlib stream in the IDAT chunks.
type unpacker struct {
	from     *source
	inflate  io.ReadCloser
	sum      hash.Hash32
	consumed int64
}

// newUnpacker reads the stream's two header bytes (RFC 1950).
func newUnpacker(from *source) (*unpacker, error) {
	method, err := from.ReadByte()
	if err != nil {
		return nil, errTruncated
	}
	flags, err := from.ReadByte()
	if err != nil {
		return nil, errTruncated
	}
	const deflate, dictionary = 8, 1 << 5
	if method&15 != deflate || method>>4 > 7 || (uint(method)<<8|uint(flags))%31 != 0 || flags&dictionary != 0 {
		return nil, fmt.Errorf("damaged data: the IDAT chunks begin with bytes %02x %02x, want a zlib stream", method, flags)
	}
	return &unpacker{from: from, inflate: flate.NewReader(from), sum: adler32.New()}, nil
}

// row fills p.
func (u *unpacker) row(p []byte) error {
	n, err := io.ReadFull(u.inflate, p)
	u.consumed += int64(n)
	u.sum.Write(p[:n])
	var corrupt flate.CorruptInputError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &corrupt):
		return fmt.Errorf("damaged data: the IDAT chunks cannot be decompressed beyond byte %d of the pixels (%w)", u.consumed, err)
	}
	return fmt.Errorf("%w: its IDAT chunks hold %d bytes of pixels", errTruncated, u.consumed)
}

// tail checks the data after the last row. Like Pillow, it accepts extra data and a missing end. A
// wrong checksum at the end, or invalid data, is an error.
func (u *unpacker) tail() error {
	n, err := u.inflate.Read(make([]byte, 1))
	var corrupt flate.CorruptInputError
	switch {
	case n > 0:
		return nil
	case errors.As(err, &corrupt):
		return fmt.Errorf("damaged data: the IDAT chunks cannot be decompressed after the last row (%w)", err)
	case err != io.EOF:
		return nil
	}
	sum := uint32(0)
	for range 4 {
		b, err := u.from.ReadByte()
		if err != nil {
			return nil
		}
		sum = sum<<8 | uint32(b)
	}
	if sum != u.sum.Sum32() {
		return fmt.Errorf("damaged data: the checksum at the end of the IDAT chunks' zlib stream is wrong (%08x, want %08x)", sum, u.sum.Sum32())
	}
	return nil
}
