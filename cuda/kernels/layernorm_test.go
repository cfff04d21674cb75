package kernels_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"cradio/cuda/kernels"

	"github.com/stretchr/testify/require"
)

// layerNorm is the definition.
func layerNorm(x, w, b []float32, rows, dim int, eps, gain float64) []float64 {
	y := make([]float64, rows*dim)
	for r := range rows {
		row := x[r*dim : (r+1)*dim]
		var mean, variance float64
		for _, v := range row {
			mean += float64(v) / float64(dim)
		}
		for _, v := range row {
			variance += (float64(v) - mean) * (float64(v) - mean) / float64(dim)
		}
		for i, v := range row {
			y[r*dim+i] = gain * ((float64(v)-mean)/math.Sqrt(variance+eps)*float64(w[i]) + float64(b[i]))
		}
	}
	return y
}

const eps = 1e-6

// bf16Norm is the rounding of the result, as on the CPU.
const bf16Norm = 1. / 256 / roundoff

// norm runs a kernel, and returns its result in float32.
func (r rig) norm(kernel, form string, x, w, b []float32, rows, dim int, gain float32) []float32 {
	r.Helper()
	stride, size := dim, 4
	if form == "bf16" {
		stride, size = kernels.Stride(dim), 2
	}
	y := r.alloc(size * rows * stride)
	run, general := r.run, strings.TrimPrefix(kernel, "hopper_")
	if general != kernel {
		run = r.overlap
	}
	if general == "layernorm_"+form { // of any width
		run(kernel, [3]int{rows, 1, 1}, [3]int{256, 1, 1}, 0, y, x, w, b, dim, stride, float32(eps), gain)
	} else {
		run(kernel, [3]int{blocks(rows, 4), 1, 1}, [3]int{128, 1, 1}, 0, y, x, w, b, rows, stride, float32(eps), gain)
	}
	if form == "f32" {
		return r.floats(y, rows*dim)
	}
	return r.floatsBF16(y, rows, dim)
}

// layerNorm compares the kernels for a width that a module has with the definition.
func (r rig) layerNorm(x, w, b []float32, rows, dim int, gain float32) {
	r.Helper()
	want, compared := layerNorm(x, w, b, rows, dim, eps, float64(gain)), 0
	for form, roundings := range map[string]float64{"f32": 4, "bf16": bf16Norm} {
		general := "layernorm_" + form
		for _, name := range []string{general, fmt.Sprintf("%s_%d", general, dim), "hopper_" + general, fmt.Sprintf("hopper_%s_%d", general, dim)} {
			if r.module.Kernels[name] != nil {
				near(r, name, r.norm(name, form, x, w, b, rows, dim, gain), want, roundings)
				compared++
			}
		}
	}
	require.Positive(r, compared)
}

// eachLayerNorm calls f with each module of LayerNorm.
func eachLayerNorm(t *testing.T, f func(r rig)) {
	for _, module := range []string{"layernorm.60", "layernorm.90a"} {
		f(open(t, module))
	}
}

func TestLayerNorm(t *testing.T) { eachLayerNorm(t, layerNorms) }

func layerNorms(r rig) {
	for i, c := range [][2]int{{1, 1}, {1, 13}, {3, 15}, {2, 31}, {7, 33}, {5, 768}, {13, 129}, {1, 16}, {6, 1024}, {9, 1280}, {4, 1536}, {2, 64}, {1, 65}, {3, 4097}} {
		rows, dim := c[0], c[1]
		x := normal(uint64(i), rows*dim, 3)
		for j := range x {
			x[j] += 5
		}
		r.layerNorm(x, normal(100, dim, 1), normal(101, dim, 1), rows, dim, 1)
		r.layerNorm(x, normal(100, dim, 1), normal(101, dim, 1), rows, dim, 0.7)
	}
}

// One channel is far out, as in trained models.
func TestLayerNormOfAnOutlier(t *testing.T) {
	const rows, dim = 3, 768
	x := normal(1, rows*dim, 1e-2)
	for i := range rows {
		x[i*dim+99] = 1e4
	}
	eachLayerNorm(t, func(r rig) { r.layerNorm(x, normal(2, dim, 1), make([]float32, dim), rows, dim, 1) })
}

func TestLayerNormNonFinite(t *testing.T) {
	for _, dim := range []int{37, 768} {
		for _, v := range nonFinite {
			x := normal(1, 3*dim, 1)
			x[dim+36] = v
			eachLayerNorm(t, func(r rig) { r.layerNorm(x, normal(2, dim, 1), normal(3, dim, 1), 3, dim, 1) })
		}
	}
}

func TestLayerNormInEachOrder(t *testing.T) {
	eachLayerNorm(t, func(r rig) {
		r.inEachOrder(func() { r.layerNorm(normal(1, 5*768, 1), normal(2, 768, 1), normal(3, 768, 1), 5, 768, 1) })
	})
}
