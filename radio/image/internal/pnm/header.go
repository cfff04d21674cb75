package pnm

import (
	"fmt"
	"strconv"

	"cradio/radio/image/internal/raster"
)

// The second byte of a file.
const (
	plainBitmap = '1'
	plainGray   = '2'
	plainColor  = '3'
	rawBitmap   = '4'
	rawGray     = '5'
	rawColor    = '6'
)

// header is the data before the pixels.
type header struct {
	kind byte
	w, h int
	max  int // the value of white; 1 for a bitmap
}

// readHeader returns the header and the bytes after it.
func readHeader(data []byte) (header, []byte, error) {
	if !Match(data) {
		return header{}, nil, fmt.Errorf("want P1 to P6 and a space or line end")
	}
	h := header{kind: data[1], max: 1}
	switch h.kind {
	case '7':
		return h, nil, &raster.Unsupported{What: "a PAM image (P7)", Do: "convert it: magick IN.pam OUT.png"}
	case 'F', 'f':
		return h, nil, &raster.Unsupported{What: "a PFM image (32-bit float samples)",
			Do: "choose the value range and convert it: magick IN.pfm -normalize OUT.png"}
	}
	t := tokens{rest: data[3:]}
	h.w, h.h = t.number("width"), t.number("height")
	if h.kind != plainBitmap && h.kind != rawBitmap {
		h.max = t.number("maximum")
		if t.err == nil && (h.max < 1 || h.max > 65535) {
			return h, nil, fmt.Errorf("maximum of %d in the header: want 1 to 65535", h.max)
		}
	}
	return h, t.rest, t.err
}

// tokens reads the numbers of the header, and keeps the first error.
type tokens struct {
	rest []byte
	err  error
}

// maxDigits is the length of the longest number that Pillow accepts.
const maxDigits = 10

// number reads a number and the one byte of white space after it. Like Pillow, it removes comments,
// which joins the digits before and after a comment.
func (t *tokens) number(what string) int {
	var token []byte
	for t.err == nil && len(t.rest) > 0 && len(token) <= maxDigits {
		b := t.rest[0]
		t.rest = t.rest[1:]
		switch {
		case b == '#':
			t.rest = afterLine(t.rest)
		case !isSpace(b):
			token = append(token, b)
		case len(token) > 0:
			return t.parse(what, token)
		}
	}
	return t.parse(what, token)
}

func (t *tokens) parse(what string, token []byte) int {
	if t.err != nil {
		return 0
	}
	if len(token) == 0 {
		t.err = fmt.Errorf("%w within its header: the %s is missing", errTruncated, what)
		return 0
	}
	n, err := parseNumber(token)
	if err != nil {
		t.err = fmt.Errorf("%s in the header: %w", what, err)
	}
	return n
}

// parseNumber accepts only digits.
func parseNumber(token []byte) (int, error) {
	n, err := strconv.ParseUint(string(token), 10, 32)
	if err != nil || len(token) > maxDigits {
		return 0, fmt.Errorf("%.20q is not a number of at most %d digits", token, maxDigits)
	}
	return int(n), nil
}

// afterLine returns the data after the line end of a comment.
func afterLine(data []byte) []byte {
	for i, b := range data {
		if b == '\n' || b == '\r' {
			return data[i+1:]
		}
	}
	return nil
}

func isSpace(b byte) bool { return b == ' ' || b >= '\t' && b <= '\r' }
