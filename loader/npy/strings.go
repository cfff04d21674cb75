package npy

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Texts are stored as NumPy's "<U" arrays: every text in UTF-32, padded with zeros to the longest.

// lone is added to a byte that is not UTF-8, as Python does with file names (PEP 383, surrogateescape), so that names of any
// bytes are preserved.
const lone = 0xDC00

// maxText is the longest text that ReadStrings accepts, in characters.
const maxText = 1 << 20

// WriteStrings writes a list of texts, such as paths, as an array of shape (len(texts),).
func WriteStrings(w io.Writer, texts []string) error {
	width := 1 // the least that NumPy allows
	for _, text := range texts {
		if strings.ContainsRune(text, 0) {
			return fmt.Errorf("npy: want texts without NUL characters, found %.100q; NumPy would cut it there", text)
		}
		width = max(width, utf8.RuneCountInString(text))
	}
	if width > maxText {
		return fmt.Errorf("npy: want texts of at most %d characters, found %d; shorten them", maxText, width)
	}
	if err := writeHeader(w, "<U"+strconv.Itoa(width), []int{len(texts)}); err != nil {
		return err
	}
	buffered := bufio.NewWriter(w)
	field := make([]byte, 4*width)
	for _, text := range texts {
		clear(field)
		for i := 0; text != ""; i++ {
			r, size := utf8.DecodeRuneInString(text)
			if r == utf8.RuneError && size == 1 {
				r = lone + rune(text[0])
			}
			binary.LittleEndian.PutUint32(field[4*i:], uint32(r))
			text = text[size:]
		}
		if _, err := buffered.Write(field); err != nil {
			return err
		}
	}
	return buffered.Flush()
}

// ReadStrings reads a one-dimensional array of texts.
func ReadStrings(r io.Reader) ([]string, error) {
	descr, shape, err := readHeader(r)
	if err != nil {
		return nil, err
	}
	digits, isText := strings.CutPrefix(descr, "<U")
	width, err := strconv.Atoi(digits)
	if !isText || err != nil || width < 1 || width > maxText || len(shape) != 1 {
		return nil, fmt.Errorf("npy: want a list of texts (descr '<U1' to '<U%d'), found %.40q of shape %s; "+
			"save numpy.array(list_of_str)", maxText, descr, shapeText(shape))
	}
	if _, err := elements(shape, 4*width); err != nil {
		return nil, err
	}
	texts := make([]string, 0, min(shape[0], chunk))
	field := make([]byte, 4*width)
	for range shape[0] {
		if _, err := io.ReadFull(r, field); err != nil {
			return nil, cut("the data", err)
		}
		text, err := decodeText(field)
		if err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	return texts, nil
}

// decodeText returns the UTF-32 text before the padding zeros.
func decodeText(field []byte) (string, error) {
	for len(field) > 0 && binary.LittleEndian.Uint32(field[len(field)-4:]) == 0 {
		field = field[:len(field)-4]
	}
	var text []byte
	for ; len(field) > 0; field = field[4:] {
		code := binary.LittleEndian.Uint32(field)
		switch {
		case code >= lone+0x80 && code <= lone+0xFF:
			text = append(text, byte(code-lone))
		case code > utf8.MaxRune || !utf8.ValidRune(rune(code)):
			return "", fmt.Errorf("npy: want text in UTF-32, found the code %#x; the file is damaged: write it again", code)
		default:
			text = utf8.AppendRune(text, rune(code))
		}
	}
	return string(text), nil
}
