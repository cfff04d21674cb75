package npy

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"
	"regexp"
	"strconv"
	"strings"
)

const (
	magic     = "\x93NUMPY"
	maxHeader = 1 << 16 // bytes; a real one has 118
	maxRank   = 64      // NumPy's own bound

	// float32Descr is the element type of float32, as NumPy writes it: little-endian, a float, 4 bytes.
	float32Descr = "<f4"
)

// writeHeader writes format version 1.0: the magic, the header's length, and a Python dict padded to a multiple of 64 bytes.
func writeHeader(w io.Writer, descr string, shape []int) error {
	dict := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }", descr, shapeText(shape))
	if len(shape) > 0 {
		// NumPy leaves room for the first dimension to grow in place to 21 digits.
		dict += strings.Repeat(" ", 21-len(strconv.Itoa(shape[0])))
	}
	const before = len(magic) + 2 + 2
	dict += strings.Repeat(" ", 63-(before+len(dict))%64) + "\n"
	var b bytes.Buffer
	b.WriteString(magic + "\x01\x00")
	b.Write(binary.LittleEndian.AppendUint16(nil, uint16(len(dict))))
	b.WriteString(dict)
	_, err := w.Write(b.Bytes())
	return err
}

// readHeader reads everything before the data: the element type and the shape of a row-major array.
func readHeader(r io.Reader) (descr string, shape []int, err error) {
	var start [8]byte
	if _, err := io.ReadFull(r, start[:]); err != nil {
		return "", nil, cut("the header", err)
	}
	if string(start[:6]) != magic {
		return "", nil, fmt.Errorf("npy: want a file that begins with %q, found %q; this is not an .npy file", magic, start[:6])
	}
	var length [4]byte // version 1 has only the lower two
	size := 4
	switch start[6] {
	case 1:
		size = 2
	case 2, 3:
	default:
		return "", nil, fmt.Errorf("npy: want format version 1, 2 or 3, found %d; save it again with numpy.save", start[6])
	}
	if _, err := io.ReadFull(r, length[:size]); err != nil {
		return "", nil, cut("the header", err)
	}
	n := binary.LittleEndian.Uint32(length[:])
	if n > maxHeader {
		return "", nil, fmt.Errorf("npy: want a header of at most %d bytes, found %d; save it again with numpy.save", maxHeader, n)
	}
	dict := make([]byte, n)
	if _, err := io.ReadFull(r, dict); err != nil {
		return "", nil, cut("the header", err)
	}
	return parseDict(string(dict))
}

// item is one entry of the dict: 'key': value, and the comma after it.
var item = regexp.MustCompile(`^\s*['"]([a-z_]+)['"]\s*:\s*('[^']*'|"[^"]*"|True|False|\([0-9, ]*\))\s*(?:,|$)`)

// parseDict reads {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }.
func parseDict(dict string) (descr string, shape []int, err error) {
	broken := fmt.Errorf("npy: want a header with descr, fortran_order and shape, found %.200q; save it again with numpy.save", dict)
	text := strings.TrimSpace(dict)
	if len(text) < 2 || text[0] != '{' || text[len(text)-1] != '}' {
		return "", nil, broken
	}
	text = strings.TrimSpace(text[1 : len(text)-1])
	values := map[string]string{}
	for text != "" {
		m := item.FindStringSubmatch(text)
		if m == nil || values[m[1]] != "" {
			return "", nil, broken
		}
		values[m[1]] = m[2]
		text = text[len(m[0]):]
	}
	order, tuple := values["fortran_order"], values["shape"]
	descr = strings.Trim(values["descr"], `'"`)
	if len(values) != 3 || descr == "" || order != "True" && order != "False" || !strings.HasPrefix(tuple, "(") {
		return "", nil, broken
	}
	if order == "True" {
		return "", nil, errors.New("npy: want rows one after another (C order), found columns (Fortran order); " +
			"save numpy.ascontiguousarray(a)")
	}
	shape, ok := parseTuple(tuple)
	if !ok {
		return "", nil, broken
	}
	return descr, shape, nil
}

// parseTuple reads (), (3,) and (3, 4).
func parseTuple(tuple string) (shape []int, ok bool) {
	inside := strings.TrimSpace(tuple[1 : len(tuple)-1])
	if inside == "" {
		return nil, true
	}
	if before, comma := strings.CutSuffix(inside, ","); comma {
		inside = before
	} else if !strings.Contains(inside, ",") {
		return nil, false // (3) is a number in Python
	}
	for part := range strings.SplitSeq(inside, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil || n < 0 || len(shape) == maxRank {
			return nil, false
		}
		shape = append(shape, n)
	}
	return shape, true
}

// elements returns the product of shape. It is an error if that many elements of size bytes do not fit in memory.
func elements(shape []int, size int) (int, error) {
	n := uint64(1)
	for _, d := range shape {
		high, low := bits.Mul64(n, uint64(d))
		if d < 0 || high != 0 || low > uint64(math.MaxInt/size) {
			return 0, fmt.Errorf("npy: want a shape that fits in memory, found %s; check the program that wrote the file", shapeText(shape))
		}
		n = low
	}
	return int(n), nil
}

// shapeText is a shape as Python prints it: (3, 4), (5,), ().
func shapeText(shape []int) string {
	parts := make([]string, len(shape))
	for i, n := range shape {
		parts[i] = strconv.Itoa(n)
	}
	if len(parts) == 1 {
		return "(" + parts[0] + ",)"
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

// cut returns the error of a file that ends too early.
func cut(where string, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("npy: the file ends in %s; it is incomplete: write or download it again: %w", where, io.ErrUnexpectedEOF)
	}
	return fmt.Errorf("npy: reading %s: %w", where, err)
}
