//go:build nvidia && linux && cgo && (amd64 || arm64)

package driver

/*
#include <cuda.h>
#include <stdlib.h>

static CUresult launch(CUfunction f, const unsigned *size, unsigned shared, CUstream stream, int overlap, void **params) {
	CUlaunchAttribute a;
	a.id = CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION;
	a.value.programmaticStreamSerializationAllowed = 1;
	CUlaunchConfig c = {size[0], size[1], size[2], size[3], size[4], size[5], shared, stream, &a, overlap ? 1 : 0};
	return cuLaunchKernelEx(&c, f, params, NULL);
}

static CUresult encode(CUtensorMap *map, int is_float, unsigned rank, unsigned long long base, const cuuint64_t *dims, const cuuint64_t *strides, const cuuint32_t *box) {
	const cuuint32_t ones[3] = {1, 1, 1};
	return cuTensorMapEncodeTiled(map, is_float ? CU_TENSOR_MAP_DATA_TYPE_FLOAT32 : CU_TENSOR_MAP_DATA_TYPE_BFLOAT16, rank, (void *)base, dims, strides, box, ones,
		CU_TENSOR_MAP_INTERLEAVE_NONE, CU_TENSOR_MAP_SWIZZLE_128B, CU_TENSOR_MAP_L2_PROMOTION_L2_128B, CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE);
}
*/
import "C"

import (
	"fmt"
	"unsafe"

	"cradio/cuda"

	"gorgonia.org/cu"
)

// What kernels for Hopper need, and gorgonia.org/cu lacks.

// tensorMapBytes is the size of a tensor map, and tensorMapAlign what the driver wants of its address.
const tensorMapBytes, tensorMapAlign = 128, 64

// encode lets the driver make a tensor map, which is a parameter of a kernel.
func encode(t cuda.TensorMap) ([]byte, error) {
	memory := make([]byte, tensorMapBytes+tensorMapAlign)
	at := (tensorMapAlign - int(uintptr(unsafe.Pointer(&memory[0]))%tensorMapAlign)) % tensorMapAlign
	m := memory[at:][:tensorMapBytes]
	var dims [3]C.cuuint64_t
	var strides [2]C.cuuint64_t
	var box [3]C.cuuint32_t
	for i := range t.Rank() {
		dims[i], box[i] = C.cuuint64_t(t.Dims[i]), C.cuuint32_t(t.Box[i])
		if i > 0 {
			strides[i-1] = C.cuuint64_t(t.Strides[i-1])
		}
	}
	isFloat := C.int(0)
	if t.Float32 {
		isFloat = 1
	}
	code := C.encode((*C.CUtensorMap)(unsafe.Pointer(&m[0])), isFloat, C.unsigned(t.Rank()), C.ulonglong(t.Base), &dims[0], &strides[0], &box[0])
	if err := check("cuTensorMapEncodeTiled", code); err != nil {
		return nil, fmt.Errorf("a tensor of %v elements in boxes of %v, strides %v: %w", t.Dims[:t.Rank()], t.Box[:t.Rank()], t.Strides[:t.Rank()-1], err)
	}
	return m, nil
}

// launchKernel launches a kernel with parameters of any size, and maybe before the launch before it has ended.
func launchKernel(f cu.Function, l cuda.Launch, overlap bool, stream cu.Stream, args params) error {
	total := 0
	for _, n := range args.sizes {
		total += n
	}
	// C gets pointers to the values, so both are in its memory.
	n := len(args.sizes)
	pointerBytes := n * int(unsafe.Sizeof(uintptr(0)))
	memory := C.malloc(C.size_t(pointerBytes + total))
	defer C.free(memory)
	pointers := unsafe.Slice((*unsafe.Pointer)(memory), n)
	at := pointerBytes
	for i, size := range args.sizes {
		pointers[i] = unsafe.Add(memory, at)
		copy(unsafe.Slice((*byte)(pointers[i]), size), unsafe.Slice((*byte)(args.pointers[i]), size))
		at += size
	}
	var size [6]C.uint
	for i := range 3 {
		size[i], size[3+i] = C.uint(l.Grid[i]), C.uint(l.Block[i])
	}
	allowed := C.int(0)
	if overlap {
		allowed = 1
	}
	handle := *(*C.CUfunction)(unsafe.Pointer(&f))
	return check("cuLaunchKernelEx", C.launch(handle, &size[0], C.uint(l.Shared), handleOf(stream), allowed, (*unsafe.Pointer)(memory)))
}
