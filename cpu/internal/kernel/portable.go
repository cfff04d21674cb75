package kernel

import (
	"runtime"
	"unsafe"
)

// The portable level is plain Go in register tiles of float32, for machines whose
// instructions there are no kernels for. Its sums are short chains of float32, where those
// of the plain level, the definition, are float64. Large products with weights are in float64
// too, by several steps of Strassen's algorithm (gemm/deep.go), and so is attention.
//
// Compilers for machines with fused multiply-add use it for x*y + z, in every tile alike.
//
// Go has no vectors, so that a multiplication and its addition are two instructions for one
// element, or one where they are fused. On an Intel core (three ports for them, two of which
// fuse) that allows 1.5 a cycle, or 2. In one thread B at 224 px takes 1/2.3 of the time of the
// plain level, and 1/3 with GOAMD64=v3, which fuses: see bench/README.md.

// portableLanes is half the width of a tile.
const portableLanes = 4

var portableTable = portable()

func portable() *Table {
	const cols = 2 * portableLanes
	t := New(Portable, portableLanes)
	t.Float32 = Tiles{
		Cols: cols, PerWord: 1, GemmRows: portableGemmRows(), GemmCols: portableGemmCols(), Softmax: portableSoftmax, SoftmaxGrad: portableSoftmaxGrad,
		GemmRowsPlus: portableGemmRowsOfTwo(portableSum), GemmRowsMinus: portableGemmRowsOfTwo(portableDifference), LeftOperands: portableLeftOperands, JoinProducts: portableJoinProducts, Leaf: portableLeaf, LeafRows: microRows,
	}
	t.Widened = t.Float32
	t.Widened.LeftOperands = portableLeftOperandsBFloat16
	t.Int8 = Tiles{Cols: cols, PerWord: 4, GemmRows: portableGemmRowsInt8()}
	t.Epilogue, t.EpilogueBFloat16 = portableEpilogue, portableEpilogueBFloat16
	t.EpilogueInt8 = [2]EpilogueInt8Func{portableEpilogueInt8, portableEpilogueInt8BFloat16}
	t.GELU, t.Widen, t.Round = portableGELU, portableWiden, portableRound
	t.Peak, t.PeakFlops = portablePeak, portablePeakFlops
	return t
}

// floatAt is the float32 o bytes after p.
func floatAt(p unsafe.Pointer, o int) float32 { return *(*float32)(unsafe.Add(p, o)) }

// portablePeak does n times the multiplications of a step of a tile, on registers.
func portablePeak(n int) {
	const x, y = 0x1p-2, 0x1p-3
	var a, b, c, d, e, f, g, h float32 = 1, 2, 3, 4, 5, 6, 7, 8
	for range n {
		a, b, c, d = a*x+y, b*x+y, c*x+y, d*x+y
		e, f, g, h = e*x+y, f*x+y, g*x+y, h*x+y
	}
	runtime.KeepAlive(a + b + c + d + e + f + g + h) // or the compiler leaves the work out
}

// portablePeakFlops are the operations of a step of portablePeak.
const portablePeakFlops = 16
