//go:build nvidia && cudasim && linux && cgo

package libcudasim

// #include "libcudasim.h"
import "C"

import (
	"errors"
	"unsafe"
)

//export simMemGetInfo
func simMemGetInfo(free, total *C.size_t) C.int {
	return driver.locked(func() error {
		g, err := driver.current()
		if err == nil {
			f, t := g.Memory()
			*free, *total = C.size_t(f), C.size_t(t)
		}
		return err
	})
}

//export simMemAlloc
func simMemAlloc(p *C.u64, n C.size_t) C.int {
	return driver.locked(func() error {
		g, err := driver.current()
		if err != nil {
			return err
		}
		if err := driver.mayWait(); err != nil {
			return err
		}
		at, err := g.Alloc(int(n))
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
		g, err := driver.current()
		if err != nil {
			return err
		}
		if err := driver.mayWait(); err != nil {
			return err
		}
		if err := driver.finish(); err != nil {
			return err
		}
		if err := g.Free(uint64(p)); err != nil {
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
		g, err := driver.current()
		if err == nil {
			*p = C.malloc(n)
			g.pinned[*p] = true
		}
		return err
	})
}

//export simMemFreeHost
func simMemFreeHost(p unsafe.Pointer) C.int {
	return driver.locked(func() error {
		g, err := driver.current()
		if err != nil {
			return err
		}
		if !g.pinned[p] {
			return fail(invalidValue, errors.New("memory that is not pinned is freed"))
		}
		C.free(p)
		delete(g.pinned, p)
		return nil
	})
}

// copies adds a copy to a stream: f gets the memory of the device.
func (s *state) copies(on unsafe.Pointer, at C.u64, n C.size_t, f func([]byte)) error {
	to, err := object[*stream](on)
	if err != nil {
		return err
	}
	return to.add(work{kind: Copies, do: func() error {
		b, err := to.gpu.Bytes(uint64(at), int(n))
		if err != nil {
			return fail(invalidValue, err)
		}
		f(b)
		return nil
	}})
}
