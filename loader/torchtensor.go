package loader

import (
	"fmt"
	"math"
	"slices"

	"cradio/loader/pickle"
)

// TorchTensor describes a tensor in a PyTorch file: its type, its shape and the position of its numbers.
type TorchTensor struct {
	DType   DType
	Shape   []int
	strides []int // in elements; nil: row-major, without gaps
	offset  int   // in elements
	extent  int   // number of elements of the storage from the first to the last
	size    int   // bytes of an element
	storage *storage
}

// String returns the type and shape.
func (t *TorchTensor) String() string { return "tensor " + string(t.DType) + " " + shapeText(t.Shape) }

// raw returns the bytes in the mapping; false for a tensor that has none ("meta"). The caller holds the lock.
func (t *TorchTensor) raw() ([]byte, bool) {
	from, to := t.offset*t.size, (t.offset+t.extent)*t.size
	if !t.storage.found {
		return nil, false
	}
	return t.storage.raw[from:to:to], true
}

// rebuild is torch._utils._rebuild_tensor_v2(storage, offset, size, stride, …). It checks that all elements are within the
// storage. A storage of bytes needs a type; other storages have their own.
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

// span finds the number of storage elements from the first to the last. held is the length of the storage.
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

// rowMajor reports whether these are the strides of a contiguous tensor. The stride of a dimension of 1 does not matter.
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

// ints returns the natural numbers in a tuple. An empty tuple gives nil, as in the Info of a scalar.
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
