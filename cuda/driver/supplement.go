//go:build nvidia && linux && cgo && (amd64 || arm64)

package driver

// #include <cuda.h>
import "C"

import (
	"fmt"
	"unsafe"

	"gorgonia.org/cu"
)

// What gorgonia.org/cu lacks. Its handles are structures of one pointer, which is not exported.

// allowShared lets a kernel use more dynamic shared memory than 48 KB.
func allowShared(f cu.Function, bytes int) error {
	handle := *(*C.CUfunction)(unsafe.Pointer(&f))
	code := C.cuFuncSetAttribute(handle, C.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, C.int(bytes))
	if code != C.CUDA_SUCCESS {
		return fmt.Errorf("cuFuncSetAttribute: error %d", int(code))
	}
	return nil
}
