package pathlist

import (
	"bytes"
	"encoding/binary"
	"errors"
	"regexp"
	"slices"
	"unicode/utf16"
)

// decodeText returns a list as UTF-8, without a byte order mark. Bytes that are not UTF-8
// are kept: file names may contain them.
func decodeText(data []byte) (string, error) {
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		return string(data[3:]), nil
	case bytes.HasPrefix(data, []byte("\xff\xfe\x00\x00")), bytes.HasPrefix(data, []byte("\x00\x00\xfe\xff")):
		return "", errors.New("is UTF-32 text; save it as UTF-8")
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		return decode16(data[2:], binary.LittleEndian)
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		return decode16(data[2:], binary.BigEndian)
	case isText16(data, binary.LittleEndian):
		return decode16(data, binary.LittleEndian)
	case isText16(data, binary.BigEndian):
		return decode16(data, binary.BigEndian)
	}
	return string(data), nil
}

func decode16(data []byte, order binary.ByteOrder) (string, error) {
	if len(data)%2 != 0 {
		return "", errors.New("is UTF-16 text with an odd number of bytes: its end is missing; save it as UTF-8")
	}
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	runes := utf16.Decode(units)
	for i, r := range runes {
		if r == '\uFFFD' && !slices.Contains(units, '\uFFFD') { // half of a surrogate pair
			return "", errors.New("is invalid UTF-16 text; save it as UTF-8")
		}
		if r == 0 {
			runes[i] = '\n' // each path is followed by NUL
		}
	}
	return string(runes), nil
}

// isText16 reports whether data without a byte order mark is UTF-16, and not UTF-8 paths
// separated by NUL. In UTF-16 no unit is NUL. Further, one unit is a newline, which such
// paths do not contain, or two of three have an upper byte of 0, as Latin letters do.
func isText16(data []byte, order binary.ByteOrder) bool {
	if len(data) < 4 || len(data)%2 != 0 || !bytes.Contains(data, []byte{0}) {
		return false
	}
	newline, latin := false, 0
	for i := 0; i < len(data); i += 2 {
		switch unit := order.Uint16(data[i:]); {
		case unit == 0:
			return false
		case unit == '\n':
			newline = true
		case unit < 0x100:
			latin++
		}
	}
	return newline || 3*latin >= len(data)
}

// signatures are the first bytes of files that are not lists.
var signatures = []struct{ begin, what string }{
	{"\xff\xd8\xff", "a JPEG image"}, {"\x89PNG\r\n", "a PNG image"}, {"GIF87a", "a GIF image"}, {"GIF89a", "a GIF image"},
	{"II*\x00", "a TIFF image"}, {"MM\x00*", "a TIFF image"}, {"II+\x00", "a TIFF image"}, {"MM\x00+", "a TIFF image"},
	{"PK\x03\x04", "a zip archive"}, {"\x1f\x8b", "a gzip archive"}, {"%PDF-", "a PDF document"}, {"\x93NUMPY", "a NumPy array"},
	{"\x7fELF", "a program"},
}

var netpbm = regexp.MustCompile(`^P[1-6]\s+(#.*\s+)*\d+\s+\d+\s`)

// notAList returns what data is if it cannot be a list of paths, else "".
func notAList(data []byte) string {
	for _, s := range signatures {
		if bytes.HasPrefix(data, []byte(s.begin)) {
			return s.what
		}
	}
	switch {
	case len(data) >= 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP":
		return "a WebP image"
	case len(data) >= 12 && string(data[4:8]) == "ftyp":
		return "a HEIC or AVIF image, or a video"
	case len(data) >= 14 && string(data[:2]) == "BM" && string(data[6:10]) == "\x00\x00\x00\x00":
		return "a BMP image"
	case netpbm.Match(data):
		return "a PBM, PGM or PPM image"
	}
	// Names may contain a few control characters; in compressed data one byte in nine is one.
	text, control := data[:min(len(data), 1<<13)], 0
	if decoded, err := decodeText(data); err == nil {
		text = []byte(decoded[:min(len(decoded), 1<<13)])
	}
	for _, b := range text {
		if b < ' ' && b != '\n' && b != '\r' && b != '\t' && b != 0 || b == 0x7f {
			control++
		}
	}
	if 40*control > len(text) && control > 4 {
		return "binary data"
	}
	return ""
}
