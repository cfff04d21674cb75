package x86

import (
	"fmt"

	"cradio/cpu/internal/kernel/gen/asm"
	"cradio/cpu/internal/kernel/gen/numeric"
)

// weightRows makes a tile of scores, as gemmRows does, and then makes weights of them before
// they leave the registers. That saves a pass over memory. But the maximum that weights are
// relative to must be known before the tile is. It need not be the true one: a score above
// it has a weight above 1, which does no harm up to a limit far below the largest float32.
//
// The first tile of a block of keys is called fresh: it raises the maximum, and updates the
// sum and the factor. If a sum is above the limit after another tile, that tile is refused.
// The caller then adds the values of the weights before it, and calls it again as fresh.
//
// State is five rows, w registers each: the maximum, maximum·factor, the sum of weights, the
// factor for what was summed with an earlier maximum, and a word that is 1 if the tile was
// refused.

const weightLimit = 1 << 32

const (
	stateTop = iota
	stateScaled
	stateSum
	stateAlpha
	stateRefused
)

func (f *file) weightRows(w int) {
	name := "weightRows" + slim(w)
	for m := 1; m <= f.rows; m++ {
		doc := ""
		if m == 1 {
			doc = "computes words of two weights for a tile of one key; the functions after it, for more keys."
		}
		f.begin(fmt.Sprintf("%s%d", name, m), doc, asm.Args("k int, a ptr, lda int, b ptr, c ptr, state ptr, fresh int, factor float32"), "SI", "R8", "DX", "BX", "DI", "AX")
		if m > 3 {
			f.op("LEAQ (DX)(DX*2), R15")
		}
		for i := 1; i*3 < m; i++ {
			f.op("LEAQ (%s)(R15*1), %s", bases[i-1], bases[i])
		}
		f.sum(&sum{m: m, w: w,
			a: func(r, u int) string { return row(r, 4*u) },
			advance: func(n int) {
				for i := 0; i*3 < m; i++ {
					f.op("ADDQ $%d, %s", 4*n, bases[i])
				}
			},
		})
		f.weightTile(m, w)
		f.end()
	}
	f.Table(name, "WeightFunc", name, 1, f.rows)
}

// weightTile finishes a tile of scores in registers 0 … w·m-1. Four are left; from
// the first two weights on, their own two are free as well.
func (f *file) weightTile(m, w int) {
	b := f.bytes()
	state := func(row, v int) string { return fmt.Sprintf("%d(AX)", (row*w+v)*b) }
	top := 2 * f.rows // w registers, then scratch
	old, factor := top+2, top+3
	f.op("VBROADCASTSS factor+56(FP), V%d", factor)
	f.op("MOVQ fresh+48(FP), R13")
	f.op("TESTQ R13, R13")
	f.op("JZ weights")
	for v := range w {
		f.op("VMAXPS V%d, V%d, V%d", v, w*(m-1)+v, top)
		for r := 1; r < m-1; r++ {
			f.op("VMAXPS V%d, V%d, V%d", w*r+v, top, top)
		}
		f.op("VMOVUPS %s, V%d", state(stateTop, v), old)
		f.op("VMAXPS V%d, V%d, V%d", top, old, top)
		f.op("VMOVUPS V%d, %s", top, state(stateTop, v))
		f.op("VMULPS V%d, V%d, V%d", factor, top, top)
		f.op("VMOVUPS V%d, %s", top, state(stateScaled, v))
		f.op("VFMSUB213PS V%d, V%d, V%d", top, factor, old)
		f.exp2To("exp3_", numeric.Exp3, old, top, top+1, old)
		f.op("VMOVUPS V%d, %s", old, state(stateAlpha, v))
		f.op("VMULPS %s, V%d, V%d", state(stateSum, v), old, old)
		f.op("VMOVUPS V%d, %s", old, state(stateSum, v))
	}

	f.Label("weights")
	f.op("MOVL $0xaaaaaaaa, CX") // the upper half of each word
	f.op("KMOVD CX, K1")
	t, p := top, top+1
	sums := make([]int, w)
	for v := range w {
		ones := t
		for r := 0; r < m; r += 2 {
			low, high := w*r+v, w*(r+1)+v
			for _, x := range []int{low, high}[:min(2, m-r)] {
				f.op("VFMSUB213PS %s, V%d, V%d", state(stateScaled, v), factor, x)
				f.exp2To("exp3Up_", numeric.Exp3Up, x, t, p, x)
			}
			f.op("VPSRLD $16, V%d, V%d", low, low)
			if r+1 < m {
				f.op("VMOVDQU16 V%d, K1, V%d", high, low)
			}
			f.op("VMOVUPS V%d, %d(DI)", low, (r/2*w+v)*b)
			if r == 0 {
				sums[v] = high
				f.op("VMOVUPS %s, V%d", state(stateSum, v), sums[v])
				f.op("VMOVUPS %s, V%d", f.twoOnes(), ones)
			}
			f.vdpbf16ps(low, ones, sums[v])
			if r == 0 {
				ones = low
				f.op("VMOVUPS %s, V%d", f.twoOnes(), ones)
			}
		}
	}
	f.op("XORL CX, CX")
	f.op("TESTQ R13, R13")
	f.op("JNZ keep")
	for v, s := range sums {
		f.op("VCMPPS $30, %s, V%d, K%d", f.c("weightLimit", weightLimit), s, 1+v) // greater
	}
	f.op("KORTESTW K1, K%d", w)
	f.op("JZ keep")
	f.op("MOVL $1, CX")
	f.op("JMP out")
	f.Label("keep")
	for v, s := range sums {
		f.op("VMOVUPS V%d, %s", s, state(stateSum, v))
	}
	f.Label("out")
	f.op("MOVL CX, %s", state(stateRefused, 0))
}
