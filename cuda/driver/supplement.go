//go:build nvidia && linux && cgo && (amd64 || arm64)

package driver

/*
#include <cuda.h>

// The name of the function in the driver; headers give it to others.
CUresult cuGraphInstantiateWithFlags(CUgraphExec *exec, CUgraph graph, unsigned long long flags);
*/
import "C"

import (
	"errors"
	"fmt"
	"unsafe"

	"gorgonia.org/cu"
)

// What gorgonia.org/cu lacks. Its handles are structures of one pointer, which is not exported.

// allowShared lets a kernel use more dynamic shared memory than 48 KB.
func allowShared(f cu.Function, bytes int) error {
	handle := *(*C.CUfunction)(unsafe.Pointer(&f))
	return check("cuFuncSetAttribute", C.cuFuncSetAttribute(handle, C.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, C.int(bytes)))
}

func check(function string, code C.CUresult) error {
	if code != C.CUDA_SUCCESS {
		return failure{function, int(code)}
	}
	return nil
}

// failure is an error of a function that cu lacks.
type failure struct {
	function string
	code     int
}

func (f failure) Error() string { return fmt.Sprintf("%s: error %d", f.function, f.code) }

// Unwrap returns the error that cu's functions return.
func (f failure) Unwrap() error { return as(cu.Success, f.code) }

// as is a number of the type of another.
func as[T ~int](_ T, n int) T { return T(n) }

// allocHost allocates pinned memory of the host, which cu.MemFreeHost frees.
func allocHost(n int) ([]byte, error) {
	var p unsafe.Pointer
	if err := check("cuMemAllocHost", C.cuMemAllocHost(&p, C.size_t(n))); err != nil {
		return nil, err
	}
	return unsafe.Slice((*byte)(p), n), nil
}

// beginCapture makes a graph of what is launched on a stream by this thread, instead of running it.
func beginCapture(s cu.Stream) error {
	return check("cuStreamBeginCapture", C.cuStreamBeginCapture(handleOf(s), C.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL))
}

// endCapture returns the graph, ready to be launched.
func endCapture(s cu.Stream) (C.CUgraphExec, error) {
	var graph C.CUgraph
	if err := check("cuStreamEndCapture", C.cuStreamEndCapture(handleOf(s), &graph)); err != nil {
		return nil, err
	}
	var exec C.CUgraphExec
	err := check("cuGraphInstantiate", C.cuGraphInstantiateWithFlags(&exec, graph, 0))
	return exec, errors.Join(err, check("cuGraphDestroy", C.cuGraphDestroy(graph)))
}

func launchGraph(exec C.CUgraphExec, s cu.Stream) error {
	return check("cuGraphLaunch", C.cuGraphLaunch(exec, handleOf(s)))
}

func destroyGraph(exec C.CUgraphExec) error {
	return check("cuGraphExecDestroy", C.cuGraphExecDestroy(exec))
}

func handleOf(s cu.Stream) C.CUstream { return *(*C.CUstream)(unsafe.Pointer(&s)) }
