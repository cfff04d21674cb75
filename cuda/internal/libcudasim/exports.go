//go:build nvidia && cudasim && linux && cgo

package libcudasim

// #include "libcudasim.h"
import "C"

import (
	"errors"
	"fmt"
	"unsafe"

	"cradio/cuda/internal/ptxsim"
)

// The functions of the driver, as table.c lists them. Each returns a CUresult.

// Results of functions of the driver.
const (
	success        = 0
	invalidValue   = 1
	outOfMemory    = 2
	invalidDevice  = 101
	invalidContext = 201
	invalidPTX     = 218
	invalidHandle  = 400
	notFound       = 500
	launchFailed   = 719

	captureUnsupported = 900
)

// Attributes of a device and of a function.
const (
	multiprocessors = 16
	major           = 75
	minor           = 76
	dynamicShared   = 8
)

//export simDeviceGetCount
func simDeviceGetCount(n *C.int) C.int {
	*n = 1
	return success
}

//export simDeviceGet
func simDeviceGet(d *C.int, i C.int) C.int {
	if i != 0 {
		return invalidDevice
	}
	*d = 0
	return success
}

//export simDeviceGetName
func simDeviceGetName(name *C.char, n, _ C.int) C.int {
	copy(unsafe.Slice((*byte)(unsafe.Pointer(name)), n), "emulator\x00")
	return success
}

//export simDeviceGetAttribute
func simDeviceGetAttribute(value *C.int, attribute, _ C.int) C.int {
	switch attribute {
	case multiprocessors:
		*value = 4
	case major:
		*value = C.int(Architecture / 10)
	case minor:
		*value = C.int(Architecture % 10)
	default:
		return invalidValue
	}
	return success
}

//export simPrimaryCtxRetain
func simPrimaryCtxRetain(context *unsafe.Pointer, _ C.int) C.int {
	return driver.locked(func() error {
		if driver.retained == 0 {
			driver.context = driver.handle("context")
		}
		driver.retained++
		*context = driver.context
		return nil
	})
}

//export simPrimaryCtxRelease
func simPrimaryCtxRelease(C.int) C.int {
	return driver.locked(func() error {
		if driver.retained == 0 {
			return fail(invalidContext, errors.New("the primary context is released more often than retained"))
		}
		driver.retained--
		return nil
	})
}

//export simCtxSetCurrent
func simCtxSetCurrent(context unsafe.Pointer) C.int {
	return driver.locked(func() error {
		if context != driver.context {
			return fail(invalidContext, errors.New("not a context"))
		}
		return nil
	})
}

//export simMemGetInfo
func simMemGetInfo(free, total *C.size_t) C.int {
	f, t := driver.device.Memory()
	*free, *total = C.size_t(f), C.size_t(t)
	return success
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
		driver.modules++
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
	return driver.locked(func() error {
		driver.modules--
		return driver.drop(m)
	})
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

//export simMemAlloc
func simMemAlloc(p *C.u64, n C.size_t) C.int {
	return driver.locked(func() error {
		at, err := driver.device.Alloc(int(n))
		if err != nil {
			return fail(outOfMemory, err)
		}
		*p = C.u64(at)
		return nil
	})
}

//export simMemFree
func simMemFree(p C.u64) C.int {
	return driver.locked(func() error {
		if err := driver.finish(); err != nil {
			return err
		}
		if err := driver.device.Free(uint64(p)); err != nil {
			return fail(invalidValue, err)
		}
		return nil
	})
}

//export simMemcpyHtoDAsync
func simMemcpyHtoDAsync(to C.u64, from unsafe.Pointer, n C.size_t, s unsafe.Pointer) C.int {
	return driver.locked(func() error {
		return driver.copies(s, to, n, func(b []byte) { copy(b, unsafe.Slice((*byte)(from), int(n))) })
	})
}

//export simMemcpyDtoHAsync
func simMemcpyDtoHAsync(to unsafe.Pointer, from C.u64, n C.size_t, s unsafe.Pointer) C.int {
	return driver.locked(func() error {
		return driver.copies(s, from, n, func(b []byte) { copy(unsafe.Slice((*byte)(to), int(n)), b) })
	})
}

//export simMemAllocHost
func simMemAllocHost(p *unsafe.Pointer, n C.size_t) C.int {
	return driver.locked(func() error {
		*p = C.malloc(n)
		driver.pinned++
		return nil
	})
}

//export simMemFreeHost
func simMemFreeHost(p unsafe.Pointer) C.int {
	return driver.locked(func() error {
		C.free(p)
		driver.pinned--
		return nil
	})
}

//export simEventCreate
func simEventCreate(e *unsafe.Pointer, _ C.u32) C.int {
	return driver.locked(func() error {
		*e = driver.handle(&event{})
		return nil
	})
}

//export simEventRecord
func simEventRecord(e, s unsafe.Pointer) C.int {
	return driver.locked(func() error {
		found, err := object[*event](e)
		if err != nil {
			return err
		}
		if found.on, err = object[*stream](s); err != nil {
			return err
		}
		found.place = found.on.done + len(found.on.queue)
		return nil
	})
}

//export simEventSynchronize
func simEventSynchronize(e unsafe.Pointer) C.int {
	return driver.locked(func() error {
		found, err := object[*event](e)
		if err != nil || found.on == nil {
			return err
		}
		return found.on.until(found.place)
	})
}

//export simEventDestroy
func simEventDestroy(e unsafe.Pointer) C.int {
	return driver.locked(func() error { return driver.drop(e) })
}

//export simLaunchKernel
func simLaunchKernel(f unsafe.Pointer, gx, gy, gz, bx, by, bz, shared C.u32, s unsafe.Pointer, params, _ *unsafe.Pointer) C.int {
	l := ptxsim.Launch{Grid: [3]int{int(gx), int(gy), int(gz)}, Block: [3]int{int(bx), int(by), int(bz)}, Shared: int(shared)}
	return driver.locked(func() error { return driver.launch(f, l, s, params) })
}

// launchConfig is CUlaunchConfig, and launchAttribute CUlaunchAttribute.
type (
	launchConfig struct {
		grid, block [3]uint32
		shared      uint32
		stream      unsafe.Pointer
		attributes  *launchAttribute
		n           uint32
	}
	launchAttribute struct {
		id    uint32
		_     uint32
		value [16]uint32
	}
)

// overlap is CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION.
const overlap = 6

//export simLaunchKernelEx
func simLaunchKernelEx(config, f unsafe.Pointer, params, _ *unsafe.Pointer) C.int {
	c := (*launchConfig)(config)
	l := ptxsim.Launch{Shared: int(c.shared)}
	for i := range 3 {
		l.Grid[i], l.Block[i] = int(c.grid[i]), int(c.block[i])
	}
	return driver.locked(func() error {
		for _, a := range unsafe.Slice(c.attributes, c.n) {
			if a.id != overlap {
				return fail(invalidValue, fmt.Errorf("attribute %d of a launch", a.id))
			}
			l.Overlap = a.value[0] != 0
		}
		return driver.launch(f, l, c.stream, params)
	})
}

//export simTensorMapEncodeTiled
func simTensorMapEncodeTiled(to unsafe.Pointer, dataType C.int, rank C.u32, base unsafe.Pointer, dims, strides *C.u64, box, elementStrides *C.u32, interleave, swizzle, promotion, fill C.int) C.int {
	return driver.locked(func() error {
		const float32s, bfloat16s, swizzle128 = 7, 9, 3
		t := ptxsim.TensorMap{Base: uint64(uintptr(base)), Size: map[C.int]int{float32s: 4, bfloat16s: 2}[dataType], Swizzle: ptxsim.Swizzle128}
		if uintptr(to)%64 != 0 || t.Size == 0 || rank < 2 || rank > 3 || swizzle != swizzle128 || interleave != 0 || fill != 0 {
			return fail(invalidValue, errors.New("a tensor map of another kind than kernels use"))
		}
		for i := range int(rank) {
			t.Dims[i], t.Box[i] = int(unsafe.Slice(dims, rank)[i]), int(unsafe.Slice(box, rank)[i])
			if t.Dims[i] < 1 || t.Box[i] < 1 || t.Box[i] > 256 || unsafe.Slice(elementStrides, rank)[i] != 1 {
				return fail(invalidValue, fmt.Errorf("a tensor map of %d elements in boxes of %d", t.Dims[i], t.Box[i]))
			}
			if i > 0 {
				t.Strides[i-1] = uint64(unsafe.Slice(strides, rank-1)[i-1])
			}
		}
		copy(unsafe.Slice((*byte)(to), 128), t.Encode())
		return nil
	})
}

//export simDriverGetVersion
func simDriverGetVersion(v *C.int) C.int {
	*v = 12040
	return success
}

//export simStreamCreate
func simStreamCreate(s *unsafe.Pointer, _ C.u32) C.int {
	return driver.locked(func() error {
		*s = driver.handle(&stream{})
		return nil
	})
}

//export simStreamSynchronize
func simStreamSynchronize(s unsafe.Pointer) C.int {
	return driver.locked(func() error {
		found, err := object[*stream](s)
		if err != nil {
			return err
		}
		return found.finish()
	})
}

//export simStreamDestroy
func simStreamDestroy(s unsafe.Pointer) C.int {
	return driver.locked(func() error {
		found, err := object[*stream](s)
		if err != nil {
			return err
		}
		if err := found.finish(); err != nil {
			return err
		}
		return driver.drop(s)
	})
}

//export simStreamBeginCapture
func simStreamBeginCapture(s unsafe.Pointer, _ C.int) C.int {
	return driver.locked(func() error {
		found, err := object[*stream](s)
		if err != nil {
			return err
		}
		found.capture = &captured{}
		return nil
	})
}

//export simStreamEndCapture
func simStreamEndCapture(s unsafe.Pointer, g *unsafe.Pointer) C.int {
	return driver.locked(func() error {
		found, err := object[*stream](s)
		if err != nil {
			return err
		}
		if found.capture == nil {
			return fail(invalidValue, errors.New("the stream is not captured"))
		}
		*g = driver.handle(found.capture)
		found.capture = nil
		return nil
	})
}

//export simGraphInstantiate
func simGraphInstantiate(exec *unsafe.Pointer, g unsafe.Pointer, _ C.u64) C.int {
	return driver.locked(func() error {
		found, err := object[*captured](g)
		if err != nil {
			return err
		}
		*exec = driver.handle(&captured{found.work})
		return nil
	})
}

//export simGraphLaunch
func simGraphLaunch(exec, s unsafe.Pointer) C.int {
	return driver.locked(func() error {
		g, err := object[*captured](exec)
		if err != nil {
			return err
		}
		to, err := object[*stream](s)
		if err != nil {
			return err
		}
		for _, f := range g.work {
			to.add(f)
		}
		return nil
	})
}

//export simGraphDestroy
func simGraphDestroy(g unsafe.Pointer) C.int {
	return driver.locked(func() error { return driver.drop(g) })
}
