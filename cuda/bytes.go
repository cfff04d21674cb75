package cuda

import (
	"encoding/binary"
	"unsafe"

	"cradio/cuda/kernels"
	"cradio/graph"

	"gorgonia.org/tensor"
)

// A GPU has numbers with the lowest byte first.

// sameOrder says whether this machine has them so too: then memory is copied as it is.
var sameOrder = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

// bytesOf is a row-major tensor in a form. It may share the tensor's memory.
func bytesOf(x *tensor.Dense, f graph.Form) []byte {
	if f != BF16 {
		if b := view(x); b != nil {
			return b
		}
		return appendTo(nil, x.Data())
	}
	columns := last(x.Shape())
	stride := kernels.Stride(columns)
	b := make([]byte, 2*rows(x.Shape())*stride)
	for i, v := range x.Float32s() {
		binary.LittleEndian.PutUint16(b[2*(i/columns*stride+i%columns):], toBF16(v))
	}
	return b
}

// into calls f with the memory of a dense tensor, which f fills as the GPU has it.
func into(x *tensor.Dense, f func(b []byte) error) error {
	if b := view(x); b != nil {
		return f(b)
	}
	b := make([]byte, x.Shape().TotalSize()*int(x.Dtype().Size()))
	if err := f(b); err != nil {
		return err
	}
	_, err := binary.Decode(b, binary.LittleEndian, x.Data())
	return err
}

// view is the memory of a tensor, if the GPU has numbers in the same order; else nil.
func view(x *tensor.Dense) []byte {
	if !sameOrder {
		return nil
	}
	switch v := x.Data().(type) {
	case []float32:
		return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), 4*len(v))
	case []float64:
		return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), 8*len(v))
	}
	return nil
}

// appendTo adds numbers as the device has them. It fails for no type of this package.
func appendTo(b []byte, values any) []byte {
	b, _ = binary.Append(b, binary.LittleEndian, values)
	return b
}
