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

// launch adds a launch to a stream. Parameters are read at once.
func (s *state) launch(f unsafe.Pointer, l ptxsim.Launch, on unsafe.Pointer, params *unsafe.Pointer) error {
	k, err := object[*function](f)
	if err != nil {
		return err
	}
	to, err := object[*stream](on)
	if err != nil {
		return err
	}
	const free = 48 << 10
	if n := k.Shared + l.Shared; n > free && l.Shared > k.allowed {
		return fail(invalidValue, fmt.Errorf("%s: %d bytes of shared memory, of which %d are dynamic, and %d are allowed", k.Name, n, l.Shared, k.allowed))
	}
	for i, p := range unsafe.Slice(params, len(k.Params)) {
		l.Args = append(l.Args, append([]byte(nil), unsafe.Slice((*byte)(p), k.Params[i].Size)...))
	}
	return to.add(work{kind: Launches, do: func() error {
		if err := to.gpu.Launch(k.Kernel, l); err != nil {
			return fail(launchFailed, err)
		}
		return nil
	}})
}
