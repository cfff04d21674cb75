package kernel

import (
	"math"
	"unsafe"

	"cradio/cpu/internal/kernel/gen/numeric"
)

// exp2 is 2^x for x ≤ 1, in float64 with a relative error of 2e-9; 0 below 2^-126. Without
// fused multiply-adds float32 would round too often, and is no faster.
func exp2(x float64) float64 {
	const bias = 1023
	if x < -127 {
		return 0
	}
	n := int64(x + bias)
	f := x - float64(n-bias)
	e := (*[7]float64)(numeric.Exp6)
	return (((((((e[6]*f+e[5])*f)+e[4])*f+e[3])*f+e[2])*f+e[1])*f + e[0]) * math.Float64frombits(uint64(n)<<52)
}

// portableSoftmax makes weights of scores, and brings the running maximum and sum forward:
// see gen/x86/softmax.go.
func portableSoftmax(s unsafe.Pointer, keys int, state unsafe.Pointer, factor float32) {
	const cols = portableCols
	all := floats(state, 4*cols)
	before, tops, sums, alpha := all[:cols], all[cols:2*cols], all[2*cols:3*cols], all[3*cols:]
	for j, top := range tops {
		alpha[j] = float32(exp2(float64(before[j]-top) * float64(factor)))
		before[j] = top
		sums[j] *= alpha[j]
	}
	var part [4][cols]float32 // of every fourth key
	scores := floats(s, keys*cols)
	var shift [cols]float64
	for j, top := range tops {
		if top > -math.MaxFloat32 || top != top { // else no key is seen yet, and has no weight
			shift[j] = float64(top)
		}
	}
	for k := range keys {
		row, p := (*[cols]float32)(scores[k*cols:]), &part[k%4]
		for j, v := range row {
			w := float32(exp2((float64(v) - shift[j]) * float64(factor)))
			row[j] = w
			p[j] += w
		}
	}
	for j := range sums {
		sums[j] += (part[0][j] + part[1][j]) + (part[2][j] + part[3][j])
	}
}

// LeafCols is the width of panels that Leaf takes.
const LeafCols = portableCols

// LeafState is how far the softmax of a block of queries has come: the largest scores and sums of
// weights so far, and what sums before the last keys are to be multiplied by.
type LeafState struct{ Top, Sum, Alpha [LeafCols]float64 }

// LeafSoftmax is portableSoftmax in float64: it makes weights of scores (keys, LeafCols).
func LeafSoftmax(scores []float64, state *LeafState, factor float64) {
	rows := unsafe.Slice((*[LeafCols]float64)(unsafe.Pointer(unsafe.SliceData(scores))), len(scores)/LeafCols)
	tops := state.Top
	for i := range rows {
		for j, v := range &rows[i] {
			tops[j] = max(tops[j], v) // NaN wins
		}
	}
	shift := tops
	for j, top := range tops {
		if math.IsInf(top, -1) {
			shift[j] = 0 // no key is seen yet
		}
		state.Alpha[j] = exp2((state.Top[j] - shift[j]) * factor)
		state.Sum[j] *= state.Alpha[j]
	}
	state.Top = tops
	for i := range rows {
		row := &rows[i]
		for j, v := range row {
			w := exp2((v - shift[j]) * factor)
			row[j] = w
			state.Sum[j] += w
		}
	}
}

// portableSoftmaxGrad makes probabilities of weights, and derivatives of dp: see
// gen/x86/softmax_grad.go.
func portableSoftmaxGrad(s, dp unsafe.Pointer, keys int, sums unsafe.Pointer, scale float32) {
	const cols = portableCols
	p, d := floats(s, keys*cols), floats(dp, keys*cols)
	var inverse, mean [cols]float32
	for j, sum := range floats(sums, cols) {
		inverse[j] = 1 / sum
	}
	// Σ p·(dp - mean), in four sums, of every fourth key.
	left := func() (total [cols]float32) {
		var part [4][cols]float32
		for i, v := range p {
			part[i/cols%4][i%cols] += v * (d[i] - mean[i%cols])
		}
		for j := range total {
			total[j] = ((part[0][j] + part[1][j]) + (part[2][j] + part[3][j])) * inverse[j]
		}
		return total
	}
	mean = left()
	rest := left()
	for i := range p {
		j := i % cols
		p[i] *= inverse[j]
		d[i] = p[i] * scale * ((d[i] - mean[j]) - rest[j])
	}
}
