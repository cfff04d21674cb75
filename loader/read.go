package loader

import (
	"slices"
	"strings"
)

// realTypes are the types that Float32 reads.
var realTypes = []DType{F32, F16, BF16, F64}

// integerTypes are the types that Int64 reads.
var integerTypes = []DType{I64, I32, I16, I8, U64, U32, U16, U8, Bool}

// Float32 implements Source. Aligned F32 is returned as a view; F16, BF16, F64 and misaligned F32 as a converted copy.
func (f *File) Float32(name string, shape ...int) ([]float32, error) {
	return f.Float32Into(nil, name, shape...)
}

// Float32Into implements Source.
func (f *File) Float32Into(dst []float32, name string, shape ...int) ([]float32, error) {
	f.open.RLock()
	defer f.open.RUnlock()
	v, err := f.typed(name, shape, realTypes...)
	if err != nil {
		return nil, err
	}
	return f.float32s(dst, name, v)
}

// Check implements Source.
func (f *File) Check(name string, shape ...int) error {
	f.open.RLock()
	v, err := f.typed(name, shape, realTypes...)
	f.open.RUnlock()
	if err == nil && v.dtype == F64 {
		_, err = f.Float32(name, shape...)
	}
	return err
}

// Release implements Source.
func (f *File) Release(name string) {
	f.open.RLock()
	defer f.open.RUnlock()
	if raw, err := f.bytes(name); err == nil {
		f.release(raw)
	}
}

// Int64 implements Source for integers of every width, and for BOOL as 0 and 1.
func (f *File) Int64(name string, shape ...int) ([]int64, error) {
	f.open.RLock()
	defer f.open.RUnlock()
	v, err := f.typed(name, shape, integerTypes...)
	if err != nil {
		return nil, err
	}
	return f.int64s(name, v)
}

// Uint8 returns a copy of a tensor of bytes, such as the pixels of images.
func (f *File) Uint8(name string, shape ...int) (values []uint8, err error) {
	f.open.RLock()
	defer f.open.RUnlock()
	v, err := f.typed(name, shape, U8)
	if err != nil {
		return nil, err
	}
	err = f.guarded(func() { values = slices.Clone(v.raw) })
	return values, err
}

// typed returns a tensor, or an error if its shape or dtype is not the one asked for.
func (f *File) typed(name string, shape []int, dtypes ...DType) (view, error) {
	raw, err := f.bytes(name)
	if err != nil {
		return view{}, err
	}
	e := f.entries[name]
	return view{raw: raw, dtype: e.DType, shape: e.Shape}, suits(e.Info, shape, dtypes)
}

// suits returns an error if the shape or dtype of a tensor is not the one asked for.
func suits(t Info, shape []int, dtypes []DType) error {
	switch {
	case !slices.Equal(t.Shape, shape):
		return &Error{File: t.File, Item: tensorItem(t.Name), Want: "shape " + shapeText(shape), Found: shapeText(t.Shape),
			Do: "check that the checkpoint and its config.json belong together"}
	case !slices.Contains(dtypes, t.DType):
		return &Error{File: t.File, Item: tensorItem(t.Name), Want: "dtype " + dtypeList(dtypes), Found: string(t.DType),
			Do: "convert the tensor to one of these"}
	}
	return nil
}

func dtypeList(dtypes []DType) string {
	names := make([]string, len(dtypes))
	for i, d := range dtypes {
		names[i] = string(d)
	}
	return strings.Join(names, " or ")
}
