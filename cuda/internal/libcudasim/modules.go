//go:build nvidia && cudasim && linux && cgo

package libcudasim

// #include "libcudasim.h"
import "C"

import (
	"fmt"
	"unsafe"

	"cradio/cuda/internal/ptxsim"
)

// dynamicShared is the attribute of a function that is set.
const dynamicShared = 8

// function is a kernel, with the dynamic shared memory that it has been allowed.
type function struct {
	*ptxsim.Kernel
	allowed int
}

//export simModuleLoadData
func simModuleLoadData(m *unsafe.Pointer, image unsafe.Pointer) C.int {
	text := C.GoString((*C.char)(image))
	return driver.locked(func() error {
		parsed, err := ptxsim.Parse(text)
		if err != nil {
			return fail(invalidPTX, err)
		}
		*m = driver.handle(parsed)
		return nil
	})
}

//export simModuleGetFunction
func simModuleGetFunction(f *unsafe.Pointer, m unsafe.Pointer, name *C.char) C.int {
	return driver.locked(func() error {
		module, err := object[*ptxsim.Module](m)
		if err != nil {
			return err
		}
		k := module.Kernels[C.GoString(name)]
		if k == nil {
			return fail(notFound, fmt.Errorf("no kernel %s", C.GoString(name)))
		}
		*f = driver.handle(&function{Kernel: k})
		return nil
	})
}

//export simModuleUnload
func simModuleUnload(m unsafe.Pointer) C.int {
	return driver.locked(func() error { return driver.drop(m) })
}

//export simFuncSetAttribute
func simFuncSetAttribute(f unsafe.Pointer, attribute, value C.int) C.int {
	return driver.locked(func() error {
		k, err := object[*function](f)
		if err != nil {
			return err
		}
		if attribute != dynamicShared {
			return fail(invalidValue, fmt.Errorf("attribute %d of a function", attribute))
		}
		k.allowed = int(value)
		return nil
	})
}
