package loader

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// Tensor is a tensor to write.
type Tensor struct {
	Name  string
	DType DType
	Shape []int // nil for a scalar

	// Data writes the elements, row-major and little-endian. It is called once, in the order of the file, so that a
	// checkpoint larger than memory can be written one tensor at a time.
	Data func(w io.Writer) error
}

// Float32Data returns a Data function for values in memory.
func Float32Data(values []float32) func(io.Writer) error { return numbers(values) }

// Int64Data returns a Data function for values in memory.
func Int64Data(values []int64) func(io.Writer) error { return numbers(values) }

// ByteData returns a Data function for bytes in memory: U8 elements, or any type in its little-endian form.
func ByteData(data []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	}
}

func numbers[T float32 | int64](values []T) func(io.Writer) error {
	return func(w io.Writer) error {
		if littleEndian {
			bytes := len(values) * int(unsafe.Sizeof(T(0)))
			_, err := w.Write(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(values))), bytes))
			return err
		}
		return binary.Write(w, binary.LittleEndian, values)
	}
}

// Write writes a safetensors file to path, atomically (see WriteFile). The header lists the tensors by name and is padded to
// 8 bytes. The data is in the same order, unless a tensor would then be misaligned. In that case tensors with wide elements
// come first, and those of one width are sorted by name, as in Hugging Face's own files. metadata may be nil.
func Write(path string, tensors []Tensor, metadata map[string]string) error {
	return write(path, tensors, metadata, 8, place)
}

// WriteInOrder is Write with the data in the order of tensors. The data begins at a multiple of align bytes in the file. A
// tensor that would be misaligned is an error.
func WriteInOrder(path string, tensors []Tensor, metadata map[string]string, align int) error {
	order := map[string]int{}
	for i, t := range tensors {
		order[t.Name] = i
	}
	return write(path, tensors, metadata, align, func(byName []*placed) ([]*placed, error) {
		byPlace := slices.Clone(byName)
		slices.SortFunc(byPlace, func(a, b *placed) int { return cmp.Compare(order[a.Name], order[b.Name]) })
		if !lay(byPlace) {
			return nil, &Error{Want: "each tensor at a multiple of the size of its elements", Found: "a misaligned tensor",
				Do: "put tensors with wide elements first"}
		}
		return byPlace, nil
	})
}

func write(path string, tensors []Tensor, metadata map[string]string, align int, place placer) error {
	l, err := newLayout(tensors, metadata, align, place)
	if err != nil {
		return locate(err, path, "", "")
	}
	return WriteFile(path, l.write)
}

// layout is a file that is ready to write.
type layout struct {
	header  []byte
	tensors []*placed // in the order of the data
}

// placer sets the position of each tensor and returns the tensors in that order.
type placer func(byName []*placed) ([]*placed, error)

func newLayout(tensors []Tensor, metadata map[string]string, align int, place placer) (*layout, error) {
	byName, err := sortTensors(tensors)
	if err != nil {
		return nil, err
	}
	byPlace, err := place(byName)
	if err != nil {
		return nil, err
	}
	header, err := headerJSON(byName, metadata, align)
	if err != nil {
		return nil, locate(err, "", "header", "")
	}
	return &layout{header, byPlace}, nil
}

func (l *layout) write(w io.Writer) error {
	if err := binary.Write(w, binary.LittleEndian, uint64(len(l.header))); err != nil {
		return err
	}
	if _, err := w.Write(l.header); err != nil {
		return err
	}
	for _, t := range l.tensors {
		if err := t.write(w); err != nil {
			return locate(err, "", tensorItem(t.Name), "")
		}
	}
	return nil
}

// placed is a tensor, its size in bytes, and its position in the data.
type placed struct {
	Tensor
	size, begin int
}

// sortTensors checks the tensors and sorts them by name.
func sortTensors(tensors []Tensor) ([]*placed, error) {
	sorted := make([]*placed, len(tensors))
	total := 0
	for i, t := range tensors {
		n, err := elements(t.Shape)
		switch {
		case err != nil:
		case checkName(t.Name) != nil:
			err = checkName(t.Name)
		case t.Name == metadataKey:
			err = &Error{Want: "another name", Found: "the name that the format reserves for metadata"}
		case len(t.Shape) > maxRank:
			err = &Error{Want: fmt.Sprintf("at most %d dimensions", maxRank), Found: fmt.Sprint(len(t.Shape)), Do: "reshape it"}
		case t.DType.Size() == 0:
			err = &Error{Want: "a known dtype", Found: quote(string(t.DType)), Do: "convert the tensor to a known dtype such as F32"}
		case n > (math.MaxInt-total)/t.DType.Size():
			err = &Error{Want: "a file of less than 2^63 bytes", Found: "more", Do: "check the shapes"}
		}
		if err != nil {
			return nil, locate(err, "", tensorItem(t.Name), "rename the tensor")
		}
		sorted[i] = &placed{Tensor: t, size: n * t.DType.Size()}
		total += sorted[i].size
	}
	slices.SortFunc(sorted, func(a, b *placed) int { return cmp.Compare(a.Name, b.Name) })
	for i, t := range sorted[min(1, len(sorted)):] {
		if t.Name == sorted[i].Name {
			return nil, &Error{Item: tensorItem(t.Name), Want: "every name once", Found: "the same name twice", Do: "rename one of the two"}
		}
	}
	return sorted, nil
}

// place keeps the order of names if possible.
func place(byName []*placed) ([]*placed, error) {
	byPlace := slices.Clone(byName)
	if !lay(byPlace) {
		slices.SortStableFunc(byPlace, func(a, b *placed) int { return cmp.Compare(b.DType.Size(), a.DType.Size()) })
		lay(byPlace)
	}
	return byPlace, nil
}

// lay puts the tensors one after another; false if one of them is then misaligned.
func lay(tensors []*placed) (aligned bool) {
	at := 0
	aligned = true
	for _, t := range tensors {
		t.begin = at
		at += t.size
		aligned = aligned && (t.size == 0 || t.begin%t.DType.Size() == 0)
	}
	return aligned
}

// headerJSON returns the header, padded so that the data begins at a multiple of align bytes in the file.
func headerJSON(byName []*placed, metadata map[string]string, align int) ([]byte, error) {
	var text bytes.Buffer
	text.WriteByte('{')
	field := func(key string, value any) {
		if text.Len() > 1 {
			text.WriteByte(',')
		}
		writeJSON(&text, key)
		text.WriteByte(':')
		writeJSON(&text, value)
	}
	for key, value := range metadata {
		if !utf8.ValidString(key) || !utf8.ValidString(value) {
			return nil, &Error{Item: "metadata " + quote(key), Want: "text in UTF-8", Found: "other bytes", Do: "convert it"}
		}
	}
	if len(metadata) > 0 {
		field(metadataKey, metadata)
	}
	for _, t := range byName {
		field(t.Name, struct {
			DType   DType  `json:"dtype"`
			Shape   []int  `json:"shape"`
			Offsets [2]int `json:"data_offsets"`
		}{t.DType, append([]int{}, t.Shape...), [2]int{t.begin, t.begin + t.size}})
	}
	text.WriteByte('}')
	text.WriteString(strings.Repeat(" ", (align-(8+text.Len())%align)%align))
	if text.Len() > maxHeader || len(byName) > maxTensors {
		return nil, &Error{Want: fmt.Sprintf("at most %d bytes and %d tensors", maxHeader, maxTensors),
			Found: fmt.Sprintf("%d and %d", text.Len(), len(byName)), Do: "write several files"}
	}
	return text.Bytes(), nil
}

// writeJSON appends value as plain JSON, without json.Marshal's escapes for HTML.
func writeJSON(text *bytes.Buffer, value any) {
	encoder := json.NewEncoder(text)
	encoder.SetEscapeHTML(false)
	// Strings, integers and maps of strings always encode.
	_ = encoder.Encode(value)
	text.Truncate(text.Len() - 1) // the newline
}

// write writes the tensor's data and checks that its length fits the shape.
func (t *placed) write(w io.Writer) error {
	counter := &countingWriter{w: w, left: t.size}
	if err := t.Data(counter); err != nil {
		return err
	}
	if counter.left != 0 {
		return &Error{Want: fmt.Sprintf("%d bytes for shape %s of %s", t.size, shapeText(t.Shape), t.DType),
			Found: fmt.Sprint(t.size - counter.left), Do: "give data that fits the shape"}
	}
	return nil
}

// countingWriter writes at most left bytes. More is an error, so that wrong data cannot fill the disk.
type countingWriter struct {
	w    io.Writer
	left int
}

func (c *countingWriter) Write(p []byte) (int, error) {
	if len(p) > c.left {
		return 0, &Error{Want: fmt.Sprintf("%d more bytes", c.left), Found: fmt.Sprint(len(p)), Do: "give data that fits the shape"}
	}
	n, err := c.w.Write(p)
	c.left -= n
	return n, err
}
