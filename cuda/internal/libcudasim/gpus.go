//go:build nvidia && cudasim && linux && cgo

package libcudasim

// #include "libcudasim.h"
import "C"

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"unsafe"

	"cradio/cuda/internal/ptxsim"
)

// gpu is one of the GPUs, with its primary context.
type gpu struct {
	*ptxsim.Device
	context  unsafe.Pointer
	retained int
	pinned   map[unsafe.Pointer]bool // memory of the host
	broken   error                   // what has lost the context
	index    int
}

// reset makes it as it was in the beginning.
func (g *gpu) reset() {
	for p := range g.pinned {
		C.free(p)
	}
	*g = gpu{Device: ptxsim.NewDeviceAbove(memoryBytes, uint64(g.index*addresses)), pinned: map[unsafe.Pointer]bool{}, index: g.index}
}

// memoryBytes is the memory of each GPU. Addresses of one are no addresses of another.
const memoryBytes, addresses = 1 << 30, 1 << 40

// gpu returns one of them.
func (s *state) gpu(index int) *gpu {
	for len(s.gpus) <= index {
		g := &gpu{index: len(s.gpus)}
		g.reset()
		s.gpus = append(s.gpus, g)
	}
	return s.gpus[index]
}

// current is the GPU of the context of the thread that calls.
func (s *state) current() (*gpu, error) {
	context := C.cradio_libcudasim_current()
	for _, g := range s.gpus {
		if g.retained > 0 && g.context == context {
			return g, nil
		}
	}
	return nil, fail(invalidContext, errors.New("the thread has no context"))
}

// GPUs is the variable of the environment that says how many there are, of which architecture, and with how many
// multiprocessors: "2:90:132", or the first of these alone. Else there is one like those of Architecture, with 4.
const GPUs = "CRADIO_EMULATED_GPUS"

// asked is what the variable says.
func asked() (gpus, architecture, processors int) {
	list := []int{1, Architecture, 4}
	for i, text := range strings.SplitN(os.Getenv(GPUs), ":", len(list)) {
		if n, err := strconv.Atoi(text); err == nil {
			list[i] = n
		}
	}
	return list[0], list[1], list[2]
}

// Attributes of a device.
const (
	multiprocessors = 16
	major           = 75
	minor           = 76
)

//export simDeviceGetCount
func simDeviceGetCount(n *C.int) C.int {
	gpus, _, _ := asked()
	*n = C.int(gpus)
	return success
}

//export simDeviceGet
func simDeviceGet(d *C.int, i C.int) C.int {
	if gpus, _, _ := asked(); i < 0 || int(i) >= gpus {
		return invalidDevice
	}
	*d = i
	return success
}

//export simDeviceGetName
func simDeviceGetName(name *C.char, n, _ C.int) C.int {
	copy(unsafe.Slice((*byte)(unsafe.Pointer(name)), n), "emulator\x00")
	return success
}

//export simDeviceGetAttribute
func simDeviceGetAttribute(value *C.int, attribute, _ C.int) C.int {
	_, architecture, processors := asked()
	switch attribute {
	case multiprocessors:
		*value = C.int(processors)
	case major:
		*value = C.int(architecture / 10)
	case minor:
		*value = C.int(architecture % 10)
	default:
		return invalidValue
	}
	return success
}

//export simDriverGetVersion
func simDriverGetVersion(v *C.int) C.int {
	*v = 12040
	return success
}

//export simPrimaryCtxRetain
func simPrimaryCtxRetain(context *unsafe.Pointer, device C.int) C.int {
	return driver.outside(func() error {
		g := driver.gpu(int(device))
		if g.retained == 0 {
			g.context = driver.handle(g)
		}
		g.retained++
		*context = g.context
		return nil
	})
}

//export simPrimaryCtxRelease
func simPrimaryCtxRelease(device C.int) C.int {
	return driver.outside(func() error {
		g := driver.gpu(int(device))
		if g.retained == 0 {
			return fail(invalidContext, fmt.Errorf("the primary context of GPU %d is released more often than retained", device))
		}
		g.retained--
		if g.retained > 0 {
			return nil
		}
		err := driver.drop(g.context)
		if g.broken != nil { // else tests count what is left
			driver.destroy(g)
		}
		return err
	})
}

//export simCtxSetCurrent
func simCtxSetCurrent(context unsafe.Pointer) C.int {
	return driver.outside(func() error {
		if _, err := object[*gpu](context); err != nil {
			return fail(invalidContext, err)
		}
		C.cradio_libcudasim_set_current(context)
		return nil
	})
}
