//go:build nvidia && linux && cgo

package libcuda

/*
#cgo LDFLAGS: -L${SRCDIR}/empty -ldl -Wl,--as-needed
#include <stdlib.h>
#include "libcuda.h"
*/
import "C"

import (
	"errors"
	"fmt"
	"sync"
	"unsafe"
)

// Open finds the driver and initialises it. From then on, its functions work. It is an error if
// there is none, or if it has no GPU.
func Open() error { return open() }

var open = sync.OnceValue(func() error {
	name := C.CString("libcuda.so.1")
	defer C.free(unsafe.Pointer(name))
	var why [512]C.char
	if code := C.cradio_libcuda_open(name, &why[0], C.int(len(why))); code != 0 {
		return fmt.Errorf("no NVIDIA driver can be used: %w: install it (nvidia-smi must list a GPU), or choose device cpu", reason(int(code), C.GoString(&why[0])))
	}
	return nil
})

// reason describes what cradio_libcuda_open returned.
func reason(code int, why string) error {
	const (
		noDevice = 100 // CUDA_ERROR_NO_DEVICE
		mismatch = 803 // CUDA_ERROR_SYSTEM_DRIVER_MISMATCH
	)
	switch code {
	case noDevice:
		return errors.New("it finds no GPU (cuInit: error 100)")
	case mismatch:
		return errors.New("its library is of another version than its kernel module (cuInit: error 803; a restart helps)")
	}
	return errors.New(why)
}
