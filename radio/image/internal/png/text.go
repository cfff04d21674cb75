package png

import (
	"bytes"
	"compress/zlib"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"
)

// Pillow's limits of compressed text and of all text, bytes.
const (
	maxUnpacked = 1 << 20
	maxText     = 64 * maxUnpacked
)

// Names of the texts that hold metadata: ImageMagick's EXIF in hexadecimal, and XMP.
const (
	keyRawProfile = "Raw profile type exif"
	keyXMP        = "XML:com.adobe.xmp"
	keyExif       = "exif"
)

// meta is the metadata with the orientation. Of two chunks of one kind, it holds the last.
type meta struct {
	exif       []byte
	rawProfile []byte
	xmp        []byte // from any kind of text chunk
	xmpBytes   []byte // from an iTXt chunk that is not UTF-8
}

// Meta returns the EXIF and XMP blocks, before or after the pixels, or nil if there are none. It does
// not check checksums.
func Meta(data []byte) (exif, xmp []byte) {
	f := &file{data: data, maxPixels: math.MaxInt64, sequence: noSequence}
	before := true
	for at := min(len(data), len(Signature)); ; {
		c, ok := chunkAt(data, at)
		if !ok || c.cut() && c.id != "IDAT" || c.id == "IEND" || !before && c.id == "fcTL" && f.animated() {
			break
		}
		if c.id == "IDAT" {
			before = false
		} else if err := f.take(c, before); err != nil {
			break // Decode returns the error
		}
		at = c.end()
	}
	m := &f.meta
	if exif = m.exif; exif == nil {
		exif = m.profile()
	}
	if xmp = m.xmp; len(xmp) == 0 {
		xmp = m.xmpBytes
	}
	return exif, xmp
}

// profile decodes a block of ImageMagick: an empty line, a name, a size, and hexadecimal digits.
func (m *meta) profile() []byte {
	lines := strings.SplitN(string(m.rawProfile), "\n", 4)
	if len(lines) < 4 {
		return nil
	}
	digits := strings.Join(strings.Fields(lines[3]), "")
	raw, err := hex.DecodeString(digits)
	if err != nil {
		return nil
	}
	return raw
}

// takeText stores texts that hold metadata. Like Pillow, it returns an error for unknown compression
// methods, and for too much text.
func (f *file) takeText(c chunk) error {
	switch c.id {
	case "eXIf":
		f.meta.exif = c.data
	case "tEXt":
		key, value, _ := bytes.Cut(c.data, []byte{0})
		if string(key) == keyExif {
			f.meta.exif = value
		}
		return f.keep(c, key, value, len(value))
	case "zTXt":
		key, value, _ := bytes.Cut(c.data, []byte{0})
		text, err := f.unpackText(c, value)
		if err != nil {
			return err
		}
		return f.keep(c, key, text, len(text))
	case "iTXt":
		return f.takeInternational(c)
	case "iCCP":
		_, value, ok := bytes.Cut(c.data, []byte{0})
		if !ok || len(value) == 0 {
			return fmt.Errorf("%v has no name and compression method", c)
		}
		_, err := f.unpackText(c, value)
		return err
	}
	return nil
}

// takeInternational reads keyword, flag, method, language, translated keyword and text. It ignores
// malformed chunks.
func (f *file) takeInternational(c chunk) error {
	key, value, ok := bytes.Cut(c.data, []byte{0})
	if !ok || len(value) < 2 {
		return nil
	}
	flag, method := value[0], value[1]
	parts := bytes.SplitN(value[2:], []byte{0}, 3)
	if len(parts) < 3 || flag != 0 && method != 0 {
		return nil
	}
	text := parts[2]
	if flag != 0 {
		var err error
		if text, err = f.inflateText(c, text); err != nil || text == nil {
			return err
		}
	}
	if string(key) == keyXMP {
		f.meta.xmpBytes = text
	}
	if !utf8.Valid(parts[0]) || !utf8.Valid(parts[1]) || !utf8.Valid(text) {
		return nil
	}
	return f.keep(c, key, text, utf8.RuneCount(text))
}

// keep stores a text by its keyword, and counts its n characters.
func (f *file) keep(c chunk, key, text []byte, n int) error {
	if len(key) == 0 {
		return nil
	}
	switch string(key) {
	case keyRawProfile:
		f.meta.rawProfile = text
	case keyXMP:
		f.meta.xmp = text
	}
	if f.text += n; f.text > maxText {
		return fmt.Errorf("%v: the file has more than %d bytes of text", c, maxText)
	}
	return nil
}

// unpackText decompresses a text: a compression method, which must be 0, and zlib data.
func (f *file) unpackText(c chunk, value []byte) ([]byte, error) {
	if len(value) == 0 {
		return nil, nil
	}
	if value[0] != 0 {
		return nil, fmt.Errorf("%v has compression method %d: want 0", c, value[0])
	}
	return f.inflateText(c, value[1:])
}

// inflateText returns nil for damaged data, and the available part of truncated data.
func (f *file) inflateText(c chunk, packed []byte) ([]byte, error) {
	r, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, nil
	}
	defer r.Close()
	text, err := io.ReadAll(io.LimitReader(r, maxUnpacked+1))
	f.unpacked += len(text)
	switch {
	case f.unpacked > maxText:
		return nil, fmt.Errorf("%v: the file has more than %d bytes of decompressed text", c, maxText)
	case len(text) > maxUnpacked:
		return nil, fmt.Errorf("%v decompresses to more than %d bytes", c, maxUnpacked)
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		return nil, nil
	}
	return text, nil
}
