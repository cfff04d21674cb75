package loader

import (
	"cmp"
	"fmt"
	"math"
	"strings"

	"cradio/loader/pickle"
)

// storage is an array of numbers in the file. Tensors are views of storages.
type storage struct {
	key   string
	dtype DType // empty: bytes, which each tensor interprets as its own type
	size  int   // bytes of an element
	n     int   // elements
	raw   []byte
	found bool // in the file; false for a storage without numbers ("meta")
}

// String returns the type and length.
func (s *storage) String() string {
	return fmt.Sprintf("torch storage of %d %s", s.n, cmp.Or(string(s.dtype), "bytes"))
}

// cut returns the error for a storage that is not completely in the file.
func (s *storage) cut(bytes int) error {
	return &Error{Item: "storage " + quote(s.key), Want: fmt.Sprintf("%d bytes for %d elements", s.n*s.size, s.n),
		Found: fmt.Sprintf("%d bytes", bytes), Do: fetchAgain}
}

// storages finds the storages for the persistent ids of a pickle.
type storages struct {
	stored map[string][]byte // the archive's files; nil in a legacy file, whose storages follow the pickle
	all    map[string]*storage
}

// find takes ("storage", class, key, location, number of elements), followed by None in legacy files.
func (s *storages) find(id any) (any, error) {
	t, _ := id.(pickle.Tuple)
	if len(t) == 6 && t[5] == nil {
		t = t[:5]
	}
	if len(t) != 5 || t[0] != "storage" {
		return nil, fmt.Errorf("want the id of a storage, found another id")
	}
	class, isClass := t[1].(storageClass)
	key, isText := t[2].(string)
	n, isNumber := t[4].(int64)
	switch {
	case !isClass || !isText || !isNumber:
		return nil, fmt.Errorf("want a storage's class, key and length, found other values")
	case n < 0 || n > math.MaxInt/int64(class.size):
		return nil, fmt.Errorf("storage %s: has a length of %d elements", quote(key), n)
	}
	found := &storage{key: key, dtype: class.dtype, size: class.size, n: int(n)}
	known, again := s.all[key]
	if again && known.dtype == found.dtype && known.n == found.n {
		return known, nil
	}
	if again && s.stored == nil {
		return nil, fmt.Errorf("storage %s: appears with %d and with %d elements, or with two types", quote(key), known.n, n)
	}
	if len(s.all) == maxTensors {
		return nil, fmt.Errorf("has more than %d storages", maxTensors)
	}
	s.all[key] = found
	if s.stored == nil || t[3] == "meta" {
		return found, nil
	}
	raw, ok := s.stored["data/"+key]
	if !ok {
		return nil, fmt.Errorf("storage %s: the archive has no file of that name in its folder data", quote(key))
	}
	size := found.n * found.size
	if len(raw) < size {
		return nil, fmt.Errorf("storage %s: want %d bytes for %d elements, found %d", quote(key), size, n, len(raw))
	}
	found.raw, found.found = raw[:size:size], true
	return found, nil
}

// storageClass is the class of a torch storage, as a value in a pickle.
type storageClass struct {
	dtype DType
	size  int
}

func (c storageClass) String() string { return "torch storage of " + string(c.dtype) }

// torchTypes are torch's element types: the name, the class of the storage, the DType and the size in bytes.
var torchTypes = []struct {
	name, storage string
	dtype         DType
	size          int
}{
	{"float64", "DoubleStorage", F64, 8}, {"float32", "FloatStorage", F32, 4}, {"float16", "HalfStorage", F16, 2},
	{"bfloat16", "BFloat16Storage", BF16, 2}, {"int64", "LongStorage", I64, 8}, {"int32", "IntStorage", I32, 4},
	{"int16", "ShortStorage", I16, 2}, {"int8", "CharStorage", I8, 1}, {"uint8", "ByteStorage", U8, 1}, {"bool", "BoolStorage", Bool, 1},
	{"complex64", "ComplexFloatStorage", "C64", 8}, {"complex128", "ComplexDoubleStorage", "C128", 16},
	{"quint8", "QUInt8Storage", "QUINT8", 1}, {"qint8", "QInt8Storage", "QINT8", 1}, {"qint32", "QInt32Storage", "QINT32", 4},
	{"quint4x2", "QUInt4x2Storage", "QUINT4X2", 1}, {"quint2x4", "QUInt2x4Storage", "QUINT2X4", 1},
	{"uint16", "", U16, 2}, {"uint32", "", U32, 4}, {"uint64", "", U64, 8}, {"complex32", "", "C32", 4}, {"bcomplex32", "", "BC32", 4},
	{"float8_e4m3fn", "", "F8_E4M3", 1}, {"float8_e5m2", "", "F8_E5M2", 1}, {"float8_e4m3fnuz", "", "F8_E4M3FNUZ", 1},
	{"float8_e5m2fnuz", "", "F8_E5M2FNUZ", 1}, {"float8_e8m0fnu", "", "F8_E8M0", 1}, {"float4_e2m1fn_x2", "", "F4_X2", 1},
	{"bits8", "", "BITS8", 1}, {"bits16", "", "BITS16", 2}, {"bits1x8", "", "BITS1X8", 1}, {"bits2x4", "", "BITS2X4", 1},
	{"bits4x2", "", "BITS4X2", 1},
}

// storageOf returns the class of a storage by its full name.
func storageOf(name string) (storageClass, bool) {
	switch name {
	case "torch.storage.UntypedStorage", "torch.UntypedStorage", "torch.storage._UntypedStorage", "torch.cuda.UntypedStorage":
		return storageClass{"", 1}, true
	}
	class, ok := strings.CutPrefix(name, "torch.")
	if !ok {
		return storageClass{}, false
	}
	class = strings.TrimPrefix(class, "cuda.")
	for _, t := range torchTypes {
		if t.storage != "" && t.storage == class {
			return storageClass{t.dtype, t.size}, true
		}
	}
	return storageClass{}, false
}
