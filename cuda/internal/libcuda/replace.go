//go:build nvidia && cudasim && linux && cgo

package libcuda

// #include <stdlib.h>
// #include "libcuda.h"
import "C"

import (
	"fmt"
	"sync"
	"unsafe"
)

// Replace sets what Open does, for tests.
func Replace(f func() error) { open = sync.OnceValue(f) }

// Set puts a C function in the place of one of the driver's.
func Set(name string, function unsafe.Pointer) error {
	s := C.CString(name)
	defer C.free(unsafe.Pointer(s))
	if C.cradio_libcuda_set(s, function) != 0 {
		return fmt.Errorf("the table of libcuda has no function %s", name)
	}
	return nil
}
