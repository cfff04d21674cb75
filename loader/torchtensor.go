package loader

import (
	"fmt"
	"math"
	"slices"

	"cradio/loader/pickle"
)

// TorchTensor is a tensor in a torch file: where its numbers lie, and not the numbers.
type TorchTensor struct {
	DType   DType
	Shape   []int
	strides []int // in elements; nil: row-major, without gaps
	offset  int   // in elements
	extent  int   // elements of the storage from the first to the last
	size    int   // bytes of an element
	storage *storage
}

// String is its type and shape.
func (t *TorchTensor) String() string { return "tensor " + string(t.DType) + " " + shapeText(t.Shape) }

// raw is its bytes in the mapping, for those who hold the lock; false for one that has none ("meta").
func (t *TorchTensor) raw() ([]byte, bool) {
	from, to := t.offset*t.size, (t.offset+t.extent)*t.size
	if !t.storage.found {
		return nil, false
	}
	return t.storage.raw[from:to:to], true
}

// rebuild is torch._utils._rebuild_tensor_v2(storage, offset, size, stride, …): it checks that all elements lie in the
// storage. A storage of bytes needs a type; others have theirs.
func rebuild(args pickle.Tuple, dtype *storageClass) (any, error) {
	if len(args) < 4 {
		return nil, fmt.Errorf("want a storage, an offset, a shape and strides, found %d values", len(args))
	}
	s, isStorage := args[0].(*storage)
	offset, isNumber := args[1].(int64)
	shape, isShape := ints(args[2])
	strides, areStrides := ints(args[3])
	if !isStorage || !isNumber || !isShape || !areStrides || len(shape) != len(strides) || offset < 0 {
		return nil, fmt.Errorf("want a storage, an offset, a shape and strides of at most %d dimensions, found other values", maxRank)
	}
	t := &TorchTensor{DType: s.dtype, Shape: shape, size: s.size, storage: s}
	if dtype != nil {
		t.DType, t.size = dtype.dtype, dtype.size
	}
	if t.DType == "" {
		return nil, fmt.Errorf("storage %s: a tensor without a type", quote(s.key))
	}
	held := s.n * s.size / t.size
	if err := t.span(held, strides); err != nil {
		return nil, fmt.Errorf("storage %s: %w", quote(s.key), err)
	}
	if offset > int64(held-t.extent) {
		return nil, fmt.Errorf("storage %s: a tensor of shape %s and strides %v from element %d on, in %d elements",
			quote(s.key), shapeText(shape), strides, offset, held)
	}
	t.offset = int(offset)
	if !rowMajor(shape, strides) {
		t.strides = strides
	}
	return t, nil
}

// span finds how many elements of the storage, which holds so many, lie between the first and the last.
func (t *TorchTensor) span(held int, strides []int) error {
	n := 1
	for _, k := range t.Shape {
		if k > 0 && n > math.MaxInt/8/k {
			return fmt.Errorf("shape %s does not fit in memory", shapeText(t.Shape))
		}
		n *= k
	}
	if n == 0 {
		return nil
	}
	last := 0
	for d, k := range t.Shape {
		if k > 1 && strides[d] > (held-last)/(k-1) {
			return fmt.Errorf("shape %s with strides %v is not within its %d elements", shapeText(t.Shape), strides, held)
		}
		last += (k - 1) * strides[d]
	}
	if last >= held {
		return fmt.Errorf("shape %s with strides %v is not within its %d elements", shapeText(t.Shape), strides, held)
	}
	t.extent = last + 1
	return nil
}

// rowMajor: are these the strides of a tensor whose elements follow one another? Those of a single index do not matter.
func rowMajor(shape, strides []int) bool {
	if slices.Contains(shape, 0) {
		return true
	}
	want := 1
	for d := len(shape) - 1; d >= 0; d-- {
		if shape[d] != 1 && strides[d] != want {
			return false
		}
		want *= shape[d]
	}
	return true
}

// ints are natural numbers in a tuple; nil where there are none, as in an Info of a scalar.
func ints(v any) ([]int, bool) {
	t, ok := v.(pickle.Tuple)
	if !ok || len(t) > maxRank {
		return nil, false
	}
	var out []int
	for _, item := range t {
		n, ok := item.(int64)
		if !ok || n < 0 || n > math.MaxInt {
			return nil, false
		}
		out = append(out, int(n))
	}
	return out, true
}
