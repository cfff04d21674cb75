// Package kernels has the kernels of CUDA devices, as PTX.
//
// Each *.cu is CUDA C, without any CUDA header; the *.ptx beside it is what NVRTC 12.0.76 makes
// of it. A driver gets the part for each kernel that is launched (see [Kernel]): it compiles that for
// its GPU, and keeps the result for the next start. The number in a name is the lowest architecture that a module runs on: 60 for all
// GPUs from Pascal on, 80 for those with matrix instructions for bfloat16, from Ampere on. Modules of
// 90a run on Hopper alone. To make the PTX anew after a change, without a GPU or a toolkit:
//
//	go run ./cuda/kernels/gen -nvrtc $(cuda/kernels/fetch.sh FOLDER) cuda/kernels
//
// The comment at the top of each *.cu says what its kernels compute, in which shapes and forms. In
// bfloat16, rows of a matrix begin at multiples of 16 bytes: see [Stride].
//
// So far the kernels have run in the emulator only, cuda/internal/ptxsim, in the tests: against
// float64, on odd shapes, with NaN and infinity, within the limits of the CPU's kernels, and with
// each of their barriers and copies taken out one after another.
//
// Start with common.cuh, then layernorm.cuh, then linear.80.cu.
package kernels

import (
	"embed"
	"fmt"
)

//go:embed *.ptx
var files embed.FS

// PTX returns the text of a module, such as "linear.80".
func PTX(module string) (string, error) {
	text, err := files.ReadFile(module + ".ptx")
	if err != nil {
		return "", fmt.Errorf("there is no module %q of kernels", module)
	}
	return string(text), nil
}

// strideElements is 16 bytes of bfloat16, which is what copies to shared memory move.
const strideElements = 8

// Stride returns the distance of the rows of a matrix in bfloat16, in elements. What lies between
// the last column and the next row has no meaning.
func Stride(columns int) int {
	return (columns + strideElements - 1) / strideElements * strideElements
}
