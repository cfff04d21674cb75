package loader

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"cradio/loader/filekind"
	"cradio/loader/strictjson"
)

// Bounds on the contents of a header. The format itself bounds only the header's length.
const (
	maxHeader  = 100_000_000
	maxTensors = 1 << 18
	maxName    = 1024 // bytes
	maxRank    = 64   // PyTorch's own bound
)

const metadataKey = "__metadata__"

// entry is a tensor and the position of its bytes, counted from the end of the header.
type entry struct {
	Info
	begin, end int64
}

// header is a checked safetensors header: its tensors cover the data exactly.
type header struct {
	entries  map[string]entry
	names    []string // sorted
	metadata map[string]string
	data     int64 // where the data starts in the file
}

// parseHeader reads and checks the header at the start of file, the bytes of a whole safetensors file:
// 8 bytes of length n (little-endian), n bytes of JSON, the data.
func parseHeader(path string, file []byte) (*header, error) {
	text, err := headerText(file)
	if err != nil {
		if filekind.Of(file) != filekind.Safetensors {
			if other := otherKind(path, "a safetensors file", file); other != nil {
				return nil, other
			}
		}
		return nil, locate(err, path, "header", fetchAgain)
	}
	h := &header{entries: map[string]entry{}, data: 8 + int64(len(text))}
	if err := h.parse(path, text); err != nil {
		return nil, locate(err, path, "header", writeAgain)
	}
	if err := h.checkCover(int64(len(file)) - h.data); err != nil {
		return nil, locate(err, path, "data", writeAgain)
	}
	return h, nil
}

// headerText returns the JSON part, after checking its length. The format's description does not allow white space before
// it, but the reference library does.
func headerText(file []byte) ([]byte, error) {
	if len(file) < 8 {
		return nil, &Error{Want: "a length of 8 bytes", Found: fmt.Sprintf("a file of %d bytes", len(file))}
	}
	n, rest := binary.LittleEndian.Uint64(file), file[8:]
	switch {
	case n > maxHeader:
		return nil, &Error{Want: fmt.Sprintf("a length of at most %d bytes", maxHeader), Found: fmt.Sprint(n), Do: notSafetensors}
	case n > uint64(len(rest)):
		return nil, &Error{Want: fmt.Sprintf("%d bytes", n), Found: fmt.Sprintf("%d bytes to the end of the file", len(rest))}
	case !bytes.HasPrefix(bytes.TrimLeft(rest[:n], " \t\r\n"), []byte("{")):
		return nil, &Error{Want: "JSON that begins with {", Found: quote(string(rest[:min(n, 8)])), Do: notSafetensors}
	}
	return rest[:n], nil
}

func (h *header) parse(path string, text []byte) error {
	s, err := strictjson.NewReader(text, strictjson.Limits{Bytes: maxHeader})
	if err != nil {
		return err
	}
	err = s.Object(func(key string) error {
		if key == metadataKey {
			return locate(h.parseMetadata(s), "", "field "+quote(key), "")
		}
		if len(h.names) == maxTensors {
			return &Error{Want: fmt.Sprintf("at most %d tensors", maxTensors), Found: "more"}
		}
		e, err := parseEntry(s, key)
		if err != nil {
			return locate(err, "", tensorItem(key), "")
		}
		e.File = path
		h.entries[key] = e
		h.names = append(h.names, key)
		return nil
	})
	if err != nil {
		return err
	}
	slices.Sort(h.names)
	return s.End()
}

// parseMetadata reads {"key": "text"}, or null.
func (h *header) parseMetadata(s *strictjson.Reader) error {
	h.metadata = map[string]string{}
	return s.ObjectOrNull(func(key string) (err error) {
		h.metadata[key], err = s.Text()
		return err
	})
}

// parseEntry reads {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]} and checks that its parts agree. Further
// fields are ignored, as in the reference library.
func parseEntry(s *strictjson.Reader, name string) (entry, error) {
	if err := checkName(name); err != nil {
		return entry{}, err
	}
	e := entry{Info: Info{Name: name}}
	var dtype string
	var shape, offsets []int64
	err := s.Object(func(key string) (err error) {
		switch key {
		case "dtype":
			dtype, err = s.Text()
		case "shape":
			shape, err = naturals(s, maxRank)
		case "data_offsets":
			offsets, err = naturals(s, 2)
		default:
			err = s.Skip()
		}
		return err
	})
	if err != nil {
		return e, err
	}
	if dtype == "" || shape == nil || len(offsets) != 2 {
		return e, &Error{Want: "dtype, shape and two data_offsets", Found: "fewer"}
	}
	e.DType, e.begin, e.end = DType(dtype), offsets[0], offsets[1]
	if e.end < e.begin {
		return e, &Error{Want: "data_offsets in which the second is not smaller than the first", Found: fmt.Sprintf("offsets [%d, %d]", e.begin, e.end)}
	}
	return e, e.setShape(shape)
}

// setShape checks that the bytes between the offsets fit the shape and dtype. For an unknown dtype that is not checked:
// the other tensors can be read, and reading that one is an error.
func (e *entry) setShape(shape []int64) error {
	width := e.DType.Bits()
	size := uint64(max(width, 1)) // in bits
	for _, n := range shape {
		high, low := bits.Mul64(size, uint64(n))
		if high != 0 || low/8 > math.MaxInt || n > math.MaxInt {
			return &Error{Want: "a size that fits in memory", Found: fmt.Sprintf("shape %v of %s", shape, quote(string(e.DType)))}
		}
		size = low
		e.Shape = append(e.Shape, int(n))
	}
	switch {
	case width == 0:
		return nil
	case size%8 != 0:
		return &Error{Want: "whole bytes", Found: fmt.Sprintf("%d bits for shape %s of %s", size, shapeText(e.Shape), e.DType)}
	case uint64(e.end-e.begin) != size/8:
		return &Error{Want: fmt.Sprintf("%d bytes for shape %s of %s", size/8, shapeText(e.Shape), e.DType),
			Found: fmt.Sprintf("offsets [%d, %d]", e.begin, e.end)}
	}
	return nil
}

// naturals reads a list of at most most natural numbers; an empty one is not nil.
func naturals(s *strictjson.Reader, most int) ([]int64, error) {
	list := []int64{}
	err := s.Array(func() error {
		if len(list) == most {
			return &Error{Want: fmt.Sprintf("at most %d numbers", most), Found: "more"}
		}
		n, err := s.Natural()
		list = append(list, n)
		return err
	})
	return list, err
}

// checkName returns an error for a name that cannot be shown in a message or used as a key.
func checkName(name string) error {
	switch {
	case name == "":
		return &Error{Want: "a name", Found: "an empty name"}
	case len(name) > maxName:
		return &Error{Want: fmt.Sprintf("a name of at most %d bytes", maxName), Found: fmt.Sprintf("%d", len(name))}
	case !utf8.ValidString(name) || strings.ContainsRune(name, utf8.RuneError):
		return &Error{Want: "a name in UTF-8", Found: "other bytes"}
	case strings.ContainsFunc(name, unicode.IsControl):
		return &Error{Want: "a name without control characters", Found: quote(name)}
	}
	return nil
}

// checkCover checks that the tensors, one after another, fill the size bytes of data: no overlap, no gap, nothing after them.
func (h *header) checkCover(size int64) error {
	inOrder := make([]entry, 0, len(h.names))
	for _, name := range h.names {
		e := h.entries[name]
		if e.end > size {
			return &Error{Item: tensorItem(name), Want: fmt.Sprintf("data up to byte %d", e.end),
				Found: fmt.Sprintf("%d bytes of data", size), Do: fetchAgain}
		}
		inOrder = append(inOrder, e)
	}
	slices.SortFunc(inOrder, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end))
	})
	last := entry{Info: Info{Name: "(the header)"}}
	for _, e := range inOrder {
		if e.begin != last.end {
			what := "a gap"
			if e.begin < last.end {
				what = "an overlap"
			}
			return &Error{Item: tensorItem(e.Name), Want: fmt.Sprintf("data at byte %d, right after %s", last.end, quote(last.Name)),
				Found: fmt.Sprintf("%s: it begins at %d", what, e.begin)}
		}
		last = e
	}
	if last.end != size {
		return &Error{Want: fmt.Sprintf("%d bytes, the end of the last tensor", last.end),
			Found: fmt.Sprintf("%d bytes", size), Do: "something was appended to the file: download it again"}
	}
	return nil
}
