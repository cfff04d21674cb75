package pickle

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Array is a NumPy array.
type Array struct {
	DType   string // NumPy's name: "<f8", "|u1", "<U5"
	Shape   []int
	Fortran bool   // the first index varies fastest
	Data    []byte // the elements' bytes; nil for an array of objects
}

// maxRank is NumPy's own bound.
const maxRank = 64

// String describes the array, without its numbers.
func (a *Array) String() string {
	parts := make([]string, len(a.Shape))
	for i, n := range a.Shape {
		parts[i] = strconv.Itoa(n)
	}
	return "numpy array " + a.DType + " (" + strings.Join(parts, ", ") + ")"
}

// numPyType is a dtype while it is read: its state is the order of its bytes.
type numPyType struct {
	kind  string // "f8"
	order string
}

func (t *numPyType) String() string { return "numpy." + t.order + t.kind }

// Build takes (3, "<", …).
func (t *numPyType) Build(state any) error {
	list, ok := state.(Tuple)
	if !ok || len(list) < 2 {
		return fmt.Errorf("a NumPy dtype with an unsupported state: %s", kindOf(state))
	}
	if order, ok := list[1].(string); ok && slices.Contains([]string{"<", ">", "|", "="}, order) {
		t.order = order
		return nil
	}
	return fmt.Errorf("a NumPy dtype with a byte order other than < or >")
}

// size is the bytes of an element; 0 for a kind that is not known.
func (t *numPyType) size() int {
	if len(t.kind) < 2 || !strings.Contains("biufcSUVmM", t.kind[:1]) {
		return 0
	}
	n, err := strconv.Atoi(t.kind[1:])
	if err != nil || n < 0 || n > 1<<20 {
		return 0
	}
	if t.kind[0] == 'U' {
		return 4 * n
	}
	return n
}

func newNumPyType(_ *decoder, args Tuple) (any, error) {
	if len(args) == 0 || len(args) > 3 {
		return nil, wrongArguments(args)
	}
	switch kind := args[0].(type) {
	case string:
		order := "="
		if kind != "" && strings.Contains("<>|=", kind[:1]) {
			order, kind = kind[:1], kind[1:]
		}
		if len(kind) > 16 {
			return nil, wrongArguments(args)
		}
		return &numPyType{kind, order}, nil
	case *Global:
		return &numPyType{strings.TrimPrefix(kind.Name, "numpy."), "="}, nil
	}
	return nil, wrongArguments(args)
}

func fixedType(kind string) func(*decoder, Tuple) (any, error) {
	return func(*decoder, Tuple) (any, error) { return &numPyType{kind, "<"}, nil }
}

// newArray is _reconstruct(ndarray, (0,), b"b"): an array whose contents follow as its state.
func newArray(_ *decoder, args Tuple) (any, error) {
	if len(args) != 3 {
		return nil, wrongArguments(args)
	}
	if class, ok := args[0].(*Global); !ok || class.Name != "numpy.ndarray" {
		return nil, wrongArguments(args)
	}
	return &Array{Shape: []int{0}}, nil
}

// Build takes (version, shape, dtype, Fortran's order, data), or the same without a version.
func (a *Array) Build(state any) error {
	list, _ := state.(Tuple)
	if len(list) == 4 {
		list = append(Tuple{int64(1)}, list...)
	}
	if len(list) != 5 {
		return fmt.Errorf("a NumPy array with an unsupported state: %s", kindOf(state))
	}
	fortran, _ := asInt(list[3])
	return a.fill(list[1], list[2], fortran != 0, list[4])
}

// fill checks that shape and dtype account for the data.
func (a *Array) fill(shape, dtype any, fortran bool, data any) error {
	t, ok := dtype.(*numPyType)
	dims, isList := items(shape)
	if !ok || !isList || len(dims) > maxRank {
		return fmt.Errorf("a NumPy array without a shape and a dtype")
	}
	n := 1
	a.Shape, a.Fortran, a.DType = nil, fortran, t.order+t.kind
	for _, dim := range dims {
		k, ok := asInt(dim)
		if !ok || k < 0 || k > math.MaxInt32 || n > math.MaxInt32 {
			return fmt.Errorf("a NumPy array with a shape that does not fit in memory")
		}
		n *= int(k)
		a.Shape = append(a.Shape, int(k))
	}
	if _, objects := data.(*List); objects {
		a.DType = "object"
		return nil
	}
	raw, isBytes := data.([]byte)
	if text, ok := data.(string); ok { // a str of Python 2
		raw, isBytes = []byte(text), true
	}
	if size := t.size(); !isBytes || size > 0 && n > len(raw)/size || size > 0 && n*size != len(raw) {
		return fmt.Errorf("a NumPy array whose data do not fit its shape %v and dtype %s", a.Shape, quote(t.kind))
	}
	a.Data = raw
	return nil
}

// fromBuffer is _frombuffer(data, dtype, shape, order), as protocol 5 keeps arrays.
func fromBuffer(_ *decoder, args Tuple) (any, error) {
	if len(args) != 4 {
		return nil, wrongArguments(args)
	}
	order, _ := args[3].(string)
	a := &Array{}
	return a, a.fill(args[2], args[1], order == "F", args[0])
}

// newScalar is scalar(dtype, data): a plain number where there is one.
func newScalar(_ *decoder, args Tuple) (any, error) {
	if len(args) != 2 {
		return nil, wrongArguments(args)
	}
	a := &Array{}
	if err := a.fill(Tuple{}, args[0], false, args[1]); err != nil {
		return nil, err
	}
	if v, ok := a.at(0); ok {
		return v, nil
	}
	return &Object{Class: "numpy scalar", Text: "numpy scalar " + a.DType}, nil
}

// at is element i as it lies, as a plain number or text; false where there is none for it.
func (a *Array) at(i int) (any, bool) {
	if len(a.DType) < 3 {
		return nil, false
	}
	t := numPyType{a.DType[1:], a.DType[:1]}
	size := t.size()
	if size == 0 || len(a.Data)/size <= i {
		return nil, false
	}
	b := a.Data[i*size : (i+1)*size]
	if t.order == ">" && t.kind[0] != 'S' {
		b = slices.Clone(b)
		width := size
		if t.kind[0] == 'U' {
			width = 4
		}
		for piece := range slices.Chunk(b, width) {
			slices.Reverse(piece)
		}
	}
	switch t.kind {
	case "b1":
		return b[0] != 0, true
	case "f2":
		return half(binary.LittleEndian.Uint16(b)), true
	case "f4":
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(b))), true
	case "f8":
		return math.Float64frombits(binary.LittleEndian.Uint64(b)), true
	}
	switch {
	case t.kind[0] == 'i' && size <= 8:
		return int64(unsigned(b)<<(64-8*size)) >> (64 - 8*size), true
	case t.kind[0] == 'u' && size <= 8:
		if v := unsigned(b); v <= math.MaxInt64 {
			return int64(v), true
		}
	case t.kind[0] == 'S':
		return strings.TrimRight(string(b), "\x00"), true
	case t.kind[0] == 'U':
		var text []rune
		for character := range slices.Chunk(b, 4) {
			text = append(text, rune(binary.LittleEndian.Uint32(character)))
		}
		return strings.TrimRight(string(text), "\x00"), true
	}
	return nil, false
}

// unsigned reads up to 8 bytes, little-endian.
func unsigned(b []byte) uint64 {
	var word [8]byte
	copy(word[:], b)
	return binary.LittleEndian.Uint64(word[:])
}

// half is a float16: 1 bit of sign, 5 of exponent with bias 15, 10 of fraction.
func half(h uint16) float64 {
	sign := 1 - 2*float64(h>>15)
	exponent, fraction := int(h>>10&31), float64(h&1023)
	switch {
	case exponent == 31 && fraction == 0:
		return math.Inf(int(sign))
	case exponent == 31:
		return math.NaN()
	case exponent == 0:
		return sign * math.Ldexp(fraction, -24)
	}
	return sign * math.Ldexp(1024+fraction, exponent-25)
}
