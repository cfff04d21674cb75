package png

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"cradio/radio/image/internal/raster"
)

// Signature starts every PNG file.
const Signature = "\x89PNG\r\n\x1a\n"

// file is the content of the chunks.
type file struct {
	data      []byte
	maxPixels int64

	w, h         int
	depth, kind  byte
	interlaced   bool
	palette      []byte // the PLTE chunk
	transparency []byte // the tRNS chunk, or nil
	pixels       int    // position of the first IDAT chunk

	sequence int64 // of the last fcTL or fdAT chunk
	frames   int64 // from acTL
	partial  bool  // an fcTL chunk has a frame smaller than the image
	text     int   // characters of text so far
	unpacked int   // bytes decompressed from text chunks so far
	meta     meta
}

// noSequence means that there was no chunk of an animation yet.
const noSequence = -1

// chunk is one of the file's chunks. The end of the file may truncate its data.
type chunk struct {
	id   string
	at   int // position of its length field
	n    uint32
	data []byte
}

// chunkAt reads a chunk's header. ok is false if there is no chunk.
func chunkAt(data []byte, at int) (c chunk, ok bool) {
	if at+8 > len(data) {
		return chunk{}, false
	}
	c = chunk{id: string(data[at+4 : at+8]), at: at, n: binary.BigEndian.Uint32(data[at:])}
	for _, b := range []byte(c.id) {
		if !(b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b == '_' || b >= 'a' && b <= 'z') {
			return c, false
		}
	}
	c.data = data[at+8:]
	if uint64(c.n) < uint64(len(c.data)) {
		c.data = c.data[:c.n]
	}
	return c, true
}

func (c chunk) cut() bool { return uint64(len(c.data)) < uint64(c.n) }

// end returns the position of the next chunk.
func (c chunk) end() int { return c.at + 12 + len(c.data) }

// String names the chunk in messages.
func (c chunk) String() string { return fmt.Sprintf("chunk %s at byte %d", c.id, c.at) }

// open reads the chunks before the pixels. Like Pillow, it checks all their checksums, also those
// of ancillary chunks.
func (f *file) open() error {
	for at := min(len(f.data), len(Signature)); ; {
		c, ok := chunkAt(f.data, at)
		switch {
		case !ok && at+8 > len(f.data) && f.depth == 0:
			return fmt.Errorf("no IHDR chunk: the file is truncated or is not a PNG")
		case !ok && at+8 > len(f.data):
			return fmt.Errorf("%w before its IDAT chunk, at byte %d", errTruncated, at)
		case !ok:
			return fmt.Errorf("damaged data: no chunk at byte %d, where one should start", at)
		case c.id == "IDAT":
			f.pixels = at
			return f.ready()
		case c.id == "IEND":
			return fmt.Errorf("%v comes before any IDAT: the file has no pixels", c)
		case c.cut():
			return fmt.Errorf("%w within %v: want %d bytes, found %d", errTruncated, c, c.n, len(c.data))
		}
		if err := f.take(c, true); err != nil {
			return err
		}
		sum := f.data[at+8+len(c.data):]
		if len(sum) < 4 {
			return fmt.Errorf("%w within the checksum of %v", errTruncated, c)
		}
		if want := crc32.ChecksumIEEE(f.data[at+4 : at+8+len(c.data)]); want != binary.BigEndian.Uint32(sum) {
			return fmt.Errorf("damaged data: the checksum of %v is wrong (%08x, want %08x)", c, binary.BigEndian.Uint32(sum), want)
		}
		at = c.end()
	}
}

// ready checks that the chunks that the pixels need are present.
func (f *file) ready() error {
	switch {
	case f.depth == 0:
		return fmt.Errorf("no IHDR chunk before the IDAT chunk at byte %d", f.pixels)
	case f.partial:
		return &raster.Unsupported{What: "an animated PNG whose first frame is smaller than the image (fcTL)",
			Do: "extract its first frame: ffmpeg -i IN.png -frames:v 1 OUT.png"}
	}
	return nil
}

// rest reads the chunks after the pixels, up to the last chunk, the end of the file, or bytes that
// are not a chunk. It does not check checksums.
func (f *file) rest() error {
	first, _ := chunkAt(f.data, f.pixels)
	for at := first.end(); ; {
		c, ok := chunkAt(f.data, at)
		if !ok || c.id == "IEND" || c.id == "fcTL" && f.animated() {
			return nil
		}
		if c.id != "IDAT" {
			if c.cut() {
				return fmt.Errorf("%w within %v: want %d bytes, found %d", errTruncated, c, c.n, len(c.data))
			}
			if err := f.take(c, false); err != nil {
				return err
			}
		}
		at = c.end()
	}
}

// animated reports whether Pillow finds more than one frame.
func (f *file) animated() bool {
	n := f.frames
	if n > 0 && f.sequence == noSequence {
		n++ // the default image is not a frame
	}
	return n > 1
}

// shortest holds the minimum sizes of chunks in Pillow, bytes.
var shortest = map[string]int{"IHDR": 13, "gAMA": 4, "cHRM": 32, "sRGB": 1, "pHYs": 9, "acTL": 8, "fcTL": 26, "fdAT": 4}

// take stores the content of a chunk. Palette, size and frames count only before the pixels.
func (f *file) take(c chunk, before bool) error {
	if want := shortest[c.id]; len(c.data) < want {
		return fmt.Errorf("%v has %d bytes: want at least %d", c, len(c.data), want)
	}
	switch c.id {
	case "IHDR":
		return f.takeHeader(c, before)
	case "PLTE":
		if before && f.kind == typePalette {
			if len(c.data)/3 > maxColors {
				return fmt.Errorf("%v holds %d colours: want at most %d", c, len(c.data)/3, maxColors)
			}
			f.palette = c.data
		}
	case "tRNS":
		return f.takeTransparency(c)
	case "acTL":
		if n := binary.BigEndian.Uint32(c.data); before {
			switch {
			case f.frames > 0:
				f.frames = 0
			case n <= 1<<31:
				f.frames = int64(n)
			}
		}
	case "fcTL", "fdAT":
		return f.takeFrame(c, before)
	default:
		return f.takeText(c)
	}
	return nil
}

func (f *file) takeHeader(c chunk, before bool) error {
	b := c.data
	if b[11] != 0 {
		return fmt.Errorf("%v has filter method %d: want 0", c, b[11])
	}
	if !before {
		return nil
	}
	depths := map[byte]string{typeGray: "\x01\x02\x04\x08\x10", typeRGB: "\x08\x10", typePalette: "\x01\x02\x04\x08", typeGrayAlpha: "\x08\x10", typeRGBA: "\x08\x10"}[b[9]]
	known := false
	for _, depth := range []byte(depths) {
		known = known || depth == b[8]
	}
	if !known {
		return fmt.Errorf("%v has colour type %d with %d bits a sample, which PNG does not have", c, b[9], b[8])
	}
	w, h := binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])
	f.w, f.h, f.depth, f.kind, f.interlaced = int(w), int(h), b[8], b[9], b[12] != 0
	if err := raster.Check(f.w, f.h, f.maxPixels); err != nil {
		return err
	}
	return f.plausible()
}

// maxColors is the limit of a palette.
const maxColors = 256

// takeTransparency reads tRNS. It is an error if a colour is too short, or if there are more values
// than colours in a palette.
func (f *file) takeTransparency(c chunk) error {
	want := map[byte]int{typeGray: 2, typeRGB: 6}[f.kind]
	if len(c.data) < want {
		return fmt.Errorf("%v has %d bytes: want %d", c, len(c.data), want)
	}
	if f.kind == typePalette && len(c.data) > maxColors {
		return fmt.Errorf("%v has %d bytes: want at most %d", c, len(c.data), maxColors)
	}
	f.transparency = c.data
	return nil
}

// takeFrame checks that the sequence numbers of an animation are in order, and its frames within the
// image.
func (f *file) takeFrame(c chunk, before bool) error {
	if before && c.id == "fdAT" {
		return fmt.Errorf("%v comes before any IDAT: want the default image first", c)
	}
	number := int64(binary.BigEndian.Uint32(c.data))
	if number != f.sequence+1 || f.sequence == noSequence && c.id == "fdAT" {
		return fmt.Errorf("%v has number %d in the animation: want %d", c, number, f.sequence+1)
	}
	f.sequence = number
	if c.id == "fdAT" {
		return nil
	}
	at := func(i int) uint64 { return uint64(binary.BigEndian.Uint32(c.data[i:])) }
	w, h, x, y := at(4), at(8), at(12), at(16)
	if x+w > uint64(f.w) || y+h > uint64(f.h) {
		return fmt.Errorf("%v: a frame of %d x %d pixels (width x height) at (%d, %d) is outside the image of %d x %d", c, w, h, x, y, f.w, f.h)
	}
	f.partial = f.partial || before && (w != uint64(f.w) || h != uint64(f.h))
	return nil
}
